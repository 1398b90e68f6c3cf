// HTML pages: their encoding, language, title and main text.
#include <gumbo.h>

#include <algorithm>
#include <optional>

#include "aurora/corpus/extract_html_math.h"
#include "aurora/corpus/extract_html_rules.h"
#include "aurora/corpus/extract_html_text.h"
#include "aurora/corpus/extract_html_tree.h"
#include "aurora/corpus/extract_unwrap.h"
#include "aurora/corpus/read_bytes.h"
#include "aurora/corpus/read_format.h"

namespace aurora::corpus {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c += 32;
  return result;
}

bool claims(std::string_view name, std::string_view head) {
  if (has_ending(name, ".html .htm .xhtml .shtml")) return true;
  const std::string start = lower(trim(head.substr(0, 512)));
  return start.starts_with("<!doctype html") || start.starts_with("<html") ||
         (start.starts_with("<?xml") && start.find("<html") != std::string::npos);
}

// charset=... of a meta element, or encoding="..." of an XML declaration, in the first 2 KB.
std::string declared_charset(std::string_view bytes) {
  const std::string head = lower(bytes.substr(0, 2048));
  for (const std::string_view key : {std::string_view("charset="), std::string_view("encoding=")}) {
    const size_t at = head.find(key);
    if (at == std::string::npos) continue;
    const size_t begin = head.find_first_not_of("\"' ", at + key.size());
    if (begin == std::string::npos) continue;
    return head.substr(begin, head.find_first_of("\"' ;>/?", begin) - begin);
  }
  return {};
}

struct Page {
  const GumboNode* html = nullptr;
  const GumboNode* body = nullptr;
  std::string title;
};

Page look_around(const GumboNode& document) {
  Page page;
  const GumboVector& top = document.v.document.children;
  for (unsigned i = 0; i < top.length; ++i) {
    const auto* node = static_cast<const GumboNode*>(top.data[i]);
    if (node->type == GUMBO_NODE_ELEMENT && node->v.element.tag == GUMBO_TAG_HTML) page.html = node;
  }
  if (page.html == nullptr) return page;
  for (unsigned i = 0; i < page.html->v.element.children.length; ++i) {
    const auto* node = static_cast<const GumboNode*>(page.html->v.element.children.data[i]);
    if (node->type != GUMBO_NODE_ELEMENT) continue;
    if (node->v.element.tag == GUMBO_TAG_BODY) page.body = node;
    if (node->v.element.tag != GUMBO_TAG_HEAD) continue;
    for (unsigned j = 0; j < node->v.element.children.length; ++j) {
      const auto* part = static_cast<const GumboNode*>(node->v.element.children.data[j]);
      if (part->type == GUMBO_NODE_ELEMENT && part->v.element.tag == GUMBO_TAG_TITLE && page.title.empty())
        append_raw_text(*part, &page.title);
    }
  }
  TextWriter one_line;
  one_line.text(page.title);
  page.title = one_line.finish();
  return page;
}

// Dropping by class names can empty a page whose author calls everything "header": then names do not count.
std::string main_text(const GumboNode& body) {
  const size_t all = text_size(body, SIZE_MAX);
  const GumboNode* main = find_main(body);
  if (main == nullptr || text_size(*main, SIZE_MAX) * 4 < all) main = &body;
  std::string text = HtmlText(true).run(*main);
  if (text.size() < 200 && text.size() * 10 < all) {
    std::string unfiltered = HtmlText(false).run(*main);
    if (unfiltered.size() > 4 * text.size()) return unfiltered;
  }
  return text;
}

std::string language_of(const Page& page) {
  for (const GumboNode* node : {page.html, page.body}) {
    if (node == nullptr) continue;
    std::string_view value = html_attribute(node->v.element, "lang");
    if (value.empty()) value = html_attribute(node->v.element, "xml:lang");
    const std::string code = lower(value.substr(0, value.find_first_of("-_")));
    if (code.size() >= 2 && code.size() <= 3 &&
        code.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string::npos)
      return code;
  }
  return {};
}

void read(std::string&& bytes, const ReadContext& context) {
  const std::string charset = declared_charset(bytes);
  std::optional<DecodedText> decoded = decode_text(std::move(bytes), {charset}, context);
  if (!decoded) return;
  const HtmlTree tree(decoded->text);
  if (tree.outcome() == HtmlTree::Outcome::kTooDeep)
    return context.problem("too_deep", "more than " + std::to_string(HtmlTree::kMaxDepth) + " open elements");
  if (tree.outcome() == HtmlTree::Outcome::kTooLarge)
    return context.problem("too_large", "unclosed tags multiply the page beyond " +
                                            std::to_string(HtmlTree::kBytesPerByte) + " times its size");
  const Page page = look_around(*tree.document());
  RawDocument document = decoded_document("html", *decoded, context);
  if (page.body != nullptr) document.text = main_text(*page.body);
  document.title = page.title;
  document.language_hint = language_of(page);
  send_document(std::move(document), context);
}

}  // namespace

const Format kHtmlFormat = {"html", claims, read, nullptr, uint64_t{64} << 20};

}  // namespace aurora::corpus
