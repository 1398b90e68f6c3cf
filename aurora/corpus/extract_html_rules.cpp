#include "aurora/corpus/extract_html_rules.h"

#include <algorithm>
#include <string>

namespace aurora::corpus {
namespace {

constexpr std::string_view kBlanks = " \t\n\r\f";

// Calls visit(word) for each word in lower case until it returns true; whether it did.
template <typename Visit>
bool any_word(std::string_view words, Visit visit) {
  std::string lower;
  while (true) {
    const size_t begin = words.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return false;
    const size_t end = std::min(words.find_first_of(kBlanks, begin), words.size());
    lower = words.substr(begin, end - begin);
    for (char& c : lower)
      if (c >= 'A' && c <= 'Z') c += 32;
    if (visit(std::string_view(lower))) return true;
    words.remove_prefix(end);
  }
}

bool is_furniture_name(std::string_view word) {
  // Sorted.
  static constexpr std::string_view kNames[] = {"admonition-toc",
                                                "ads",
                                                "advert",
                                                "advertisement",
                                                "banner",
                                                "bottom-nav",
                                                "catlinks",
                                                "colophon",
                                                "comments",
                                                "copiable-anchor",
                                                "copyright",
                                                "docnav",
                                                "editsection",
                                                "footer",
                                                "genindex-jumpbox",
                                                "headerlink",
                                                "header",
                                                "jump-to-nav",
                                                "local-toc",
                                                "mw-editsection",
                                                "mw-jump-link",
                                                "mw-panel",
                                                "nav",
                                                "nav-panel",
                                                "navfooter",
                                                "navheader",
                                                "navlinks",
                                                "noprint",
                                                "page-header",
                                                "page-nav",
                                                "pagination",
                                                "permalink",
                                                "prev-next",
                                                "printfooter",
                                                "related",
                                                "rst-footer-buttons",
                                                "search",
                                                "searchbox",
                                                "searchform",
                                                "short-contents",
                                                "shortcontents",
                                                "skip-link",
                                                "skip-to-content",
                                                "skiplink",
                                                "skiplinks",
                                                "social",
                                                "sphinxsidebar",
                                                "toc",
                                                "toc-backref-list",
                                                "toctree-wrapper",
                                                "top-nav",
                                                "topbar",
                                                "topnav",
                                                "versionmodified-nav",
                                                "viewcode-back",
                                                "viewcode-link",
                                                "wy-nav-side",
                                                "wy-nav-top"};
  static constexpr std::string_view kParts[] = {
      "sidebar",           "breadcrumb",      "navbar",  "navigation", "cookie",
      "pagination",        "masthead",        "-footer", "footer-",    "site-header",
      "table-of-contents", "tableofcontents", "share-",  "skip-to",    "prev-next",
      "table_of_contents", "toc-tree"};
  if (std::find(std::begin(kNames), std::end(kNames), word) != std::end(kNames)) return true;
  return std::any_of(std::begin(kParts), std::end(kParts),
                     [&](std::string_view part) { return word.find(part) != std::string_view::npos; });
}

const GumboNode* find_element(const GumboNode& node, bool (*wanted)(const GumboElement&)) {
  if (node.type != GUMBO_NODE_ELEMENT) return nullptr;
  if (wanted(node.v.element)) return &node;
  for (unsigned i = 0; i < node.v.element.children.length; ++i)
    if (const GumboNode* found =
            find_element(*static_cast<const GumboNode*>(node.v.element.children.data[i]), wanted))
      return found;
  return nullptr;
}

struct LinkCount {
  size_t links = 0;
  size_t link_bytes = 0;
  size_t text_bytes = 0;
};
void count_links(const GumboNode& node, bool in_link, LinkCount* count) {
  if (node.type == GUMBO_NODE_TEXT) {
    const size_t bytes = std::string_view(node.v.text.text).size();
    count->text_bytes += bytes;
    if (in_link) count->link_bytes += bytes;
  } else if (node.type == GUMBO_NODE_ELEMENT) {
    const bool link = node.v.element.tag == GUMBO_TAG_A;
    count->links += link;
    for (unsigned i = 0; i < node.v.element.children.length; ++i)
      count_links(*static_cast<const GumboNode*>(node.v.element.children.data[i]), in_link || link, count);
  }
}

}  // namespace

std::string_view html_attribute(const GumboElement& element, const char* name) {
  const GumboAttribute* attribute = gumbo_get_attribute(&element.attributes, name);
  return attribute == nullptr ? std::string_view() : std::string_view(attribute->value);
}

bool has_class(const GumboElement& element, std::string_view word) {
  return any_word(html_attribute(element, "class"), [&](std::string_view each) { return each == word; });
}

bool is_invisible(const GumboElement& element) {
  switch (element.tag) {
    case GUMBO_TAG_SCRIPT:
    case GUMBO_TAG_STYLE:
    case GUMBO_TAG_NOSCRIPT:
    case GUMBO_TAG_TEMPLATE:
    case GUMBO_TAG_IFRAME:
    case GUMBO_TAG_OBJECT:
    case GUMBO_TAG_EMBED:
    case GUMBO_TAG_SVG:
    case GUMBO_TAG_CANVAS:
    case GUMBO_TAG_VIDEO:
    case GUMBO_TAG_AUDIO:
    case GUMBO_TAG_SELECT:
    case GUMBO_TAG_TEXTAREA:
    case GUMBO_TAG_BUTTON:
    case GUMBO_TAG_INPUT:
    case GUMBO_TAG_HEAD:
    case GUMBO_TAG_MENU:
      return true;
    default:
      break;
  }
  if (element.attributes.length == 0) return false;
  if (gumbo_get_attribute(&element.attributes, "hidden") != nullptr) return true;
  if (html_attribute(element, "aria-hidden") == "true") return true;
  const std::string_view style = html_attribute(element, "style");
  return style.find("display:none") != std::string_view::npos ||
         style.find("display: none") != std::string_view::npos;
}

bool is_furniture(const GumboElement& element, bool by_name) {
  switch (element.tag) {
    case GUMBO_TAG_NAV:
    case GUMBO_TAG_FOOTER:
    case GUMBO_TAG_ASIDE:
      return true;
    case GUMBO_TAG_HTML:
    case GUMBO_TAG_BODY:
    case GUMBO_TAG_MAIN:
    case GUMBO_TAG_ARTICLE:
      return false;
    default:
      break;
  }
  if (element.attributes.length == 0) return false;
  static constexpr std::string_view kRoles[] = {"navigation",    "banner", "contentinfo", "search",
                                                "complementary", "menu",   "menubar",     "toolbar"};
  const std::string_view role = html_attribute(element, "role");
  if (!role.empty() && std::find(std::begin(kRoles), std::end(kRoles), role) != std::end(kRoles)) return true;
  if (!by_name || role == "main") return false;
  return any_word(html_attribute(element, "class"), is_furniture_name) ||
         any_word(html_attribute(element, "id"), is_furniture_name);
}

bool is_link_list(const GumboNode& node) {
  LinkCount count;
  count_links(node, false, &count);
  return count.links >= 5 && count.link_bytes * 10 >= count.text_bytes * 8 &&
         count.link_bytes < 60 * count.links;
}

bool is_block(GumboTag tag) {
  switch (tag) {
    case GUMBO_TAG_DIV:
    case GUMBO_TAG_SECTION:
    case GUMBO_TAG_ARTICLE:
    case GUMBO_TAG_MAIN:
    case GUMBO_TAG_HEADER:
    case GUMBO_TAG_ADDRESS:
    case GUMBO_TAG_CENTER:
    case GUMBO_TAG_FIGURE:
    case GUMBO_TAG_FIGCAPTION:
    case GUMBO_TAG_FIELDSET:
    case GUMBO_TAG_FORM:
    case GUMBO_TAG_DETAILS:
    case GUMBO_TAG_SUMMARY:
    case GUMBO_TAG_HGROUP:
    case GUMBO_TAG_TABLE:
    case GUMBO_TAG_CAPTION:
    case GUMBO_TAG_TR:
    case GUMBO_TAG_TD:
    case GUMBO_TAG_TH:
    case GUMBO_TAG_BODY:
      return true;
    default:
      return false;
  }
}

bool is_paragraph(GumboTag tag) {
  switch (tag) {
    case GUMBO_TAG_P:
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6:
    case GUMBO_TAG_BLOCKQUOTE:
    case GUMBO_TAG_HR:
    case GUMBO_TAG_CAPTION:
    case GUMBO_TAG_FIGCAPTION:
      return true;
    default:
      return false;
  }
}

const GumboNode* find_main(const GumboNode& root) {
  static constexpr bool (*kTests[])(const GumboElement&) = {
      [](const GumboElement& element) { return html_attribute(element, "role") == "main"; },
      [](const GumboElement& element) { return element.tag == GUMBO_TAG_MAIN; },
      [](const GumboElement& element) { return element.tag == GUMBO_TAG_ARTICLE; },
      [](const GumboElement& element) {
        const std::string_view id = html_attribute(element, "id");
        return id == "mw-content-text" || id == "main-content" || id == "bodyContent" || id == "content";
      }};
  for (const auto test : kTests)
    if (const GumboNode* found = find_element(root, test)) return found;
  return nullptr;
}

size_t text_size(const GumboNode& node, size_t limit) {
  if (node.type == GUMBO_NODE_TEXT) return std::string_view(node.v.text.text).size();
  if (node.type != GUMBO_NODE_ELEMENT || is_invisible(node.v.element)) return 0;
  size_t size = 0;
  for (unsigned i = 0; i < node.v.element.children.length && size < limit; ++i)
    size += text_size(*static_cast<const GumboNode*>(node.v.element.children.data[i]), limit - size);
  return size;
}

}  // namespace aurora::corpus
