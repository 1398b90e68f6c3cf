#include "aurora/corpus/extract_html_text.h"

#include <algorithm>

#include "aurora/corpus/extract_html_math.h"
#include "aurora/corpus/extract_html_rules.h"
#include "aurora/corpus/extract_unwrap.h"

namespace aurora::corpus {
namespace {

constexpr int kMaxDepth = 2000;         // beyond what estimate_html_depth() lets through
constexpr size_t kMaxCellBytes = 1000;  // a longer cell is layout
constexpr size_t kMaxIndentedBytes = 1500;

const GumboNode& child(const GumboNode& node, unsigned index) {
  return *static_cast<const GumboNode*>(node.v.element.children.data[index]);
}

// Whether a table holds data: cells of words, not of blocks. Layout tables nest or hold whole passages.
struct TableShape {
  bool has_blocks = false;
  int widest_row = 0;
};
void measure_table(const GumboNode& node, bool in_cell, TableShape* shape) {
  if (node.type != GUMBO_NODE_ELEMENT || shape->has_blocks) return;
  int cells = 0;
  for (unsigned i = 0; i < node.v.element.children.length; ++i) {
    const GumboNode& part = child(node, i);
    if (part.type != GUMBO_NODE_ELEMENT) continue;
    const GumboTag tag = part.v.element.tag;
    const bool cell = tag == GUMBO_TAG_TD || tag == GUMBO_TAG_TH;
    cells += cell;
    if (tag == GUMBO_TAG_TABLE || tag == GUMBO_TAG_PRE || tag == GUMBO_TAG_DL ||
        (in_cell && (tag == GUMBO_TAG_H1 || tag == GUMBO_TAG_H2 || tag == GUMBO_TAG_H3)) ||
        (cell && text_size(part, kMaxCellBytes + 1) > kMaxCellBytes))
      shape->has_blocks = true;
    measure_table(part, in_cell || cell, shape);
  }
  shape->widest_row = std::max(shape->widest_row, cells);
}

std::string_view code_language(const GumboNode& pre) {
  // highlight-python3, language-cpp, src-sh on the block, its parent or its <code>.
  const GumboNode* nodes[3] = {&pre, pre.parent, pre.parent == nullptr ? nullptr : pre.parent->parent};
  for (const GumboNode* node : nodes) {
    if (node == nullptr || node->type != GUMBO_NODE_ELEMENT) continue;
    const std::string_view words = html_attribute(node->v.element, "class");
    for (const std::string_view prefix : {"highlight-", "language-", "sourceCode "}) {
      const size_t at = words.find(prefix);
      if (at == std::string_view::npos) continue;
      std::string_view name = words.substr(at + prefix.size());
      name = name.substr(0, name.find_first_of(" \t\n"));
      if (name == "default" || name == "none" || name == "text" || name == "source") return {};
      return name == "ipython3" || name == "python3" || name == "ipython" ? "python" : name;
    }
  }
  return {};
}

bool is_ordinal(std::string_view text) {
  static constexpr std::string_view kEndings[] = {"st",  "nd", "rd", "th", "er", "re", "e",
                                                  "ème", "o",  "a",  "TM", "®",  "™",  "ᵉ"};
  return std::find(std::begin(kEndings), std::end(kEndings), text) != std::end(kEndings);
}

bool has_link(const GumboNode& node) {
  for (unsigned i = 0; i < node.v.element.children.length; ++i)
    if (child(node, i).type == GUMBO_NODE_ELEMENT &&
        (child(node, i).v.element.tag == GUMBO_TAG_A || has_link(child(node, i))))
      return true;
  return false;
}

}  // namespace

std::string HtmlText::run(const GumboNode& root) {
  children(root);
  return out_.finish();
}

void HtmlText::children(const GumboNode& parent) {
  if (depth_ >= kMaxDepth) return;
  ++depth_;
  for (unsigned i = 0; i < parent.v.element.children.length; ++i) node(child(parent, i));
  --depth_;
}

void HtmlText::node(const GumboNode& node) {
  switch (node.type) {
    case GUMBO_NODE_TEXT:
    case GUMBO_NODE_CDATA:
      return text_node(node.v.text.text);
    case GUMBO_NODE_WHITESPACE:
      return std::string_view(node.v.text.text).find('\n') == std::string_view::npos ? out_.space()
                                                                                     : out_.line_end();
    case GUMBO_NODE_ELEMENT:
      return element(node);
    default:
      return;
  }
}

void HtmlText::text_node(std::string_view text) {
  // No-break spaces are spaces.
  for (size_t at; (at = text.find("\xc2\xa0")) != std::string_view::npos; text.remove_prefix(at + 2)) {
    out_.text(text.substr(0, at));
    out_.space();
  }
  out_.text(text);
}

bool HtmlText::formula(const GumboNode& node) {
  const GumboElement& element = node.v.element;
  std::string text;
  if (element.tag == GUMBO_TAG_MATH)
    text = math_text(node);
  else if (element.tag == GUMBO_TAG_SCRIPT)
    text = math_script_text(node);
  else if (element.tag == GUMBO_TAG_IMG)
    text = math_image_text(element);
  else
    return false;
  if (text.starts_with("$$")) {
    out_.line_break();
    out_.exact(text);
    out_.line_break();
  } else {
    out_.exact(text);
  }
  return element.tag != GUMBO_TAG_SCRIPT || !text.empty();
}

void HtmlText::element(const GumboNode& node) {
  const GumboElement& element = node.v.element;
  if (formula(node) || is_invisible(element) || is_furniture(element, furniture_by_name_)) return;
  switch (element.tag) {
    case GUMBO_TAG_BR:
      return in_row_ ? out_.space() : out_.line_break();
    case GUMBO_TAG_PRE:
    case GUMBO_TAG_LISTING:
    case GUMBO_TAG_XMP:
      return preformatted(node);
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL:
    case GUMBO_TAG_DIR:
      return list(node, element.tag == GUMBO_TAG_OL);
    case GUMBO_TAG_DL:
      return definitions(node);
    case GUMBO_TAG_TABLE:
      return table(node);
    case GUMBO_TAG_SUP:
      return script(node, '^');
    case GUMBO_TAG_SUB:
      return script(node, '_');
    case GUMBO_TAG_RP:
    case GUMBO_TAG_RT:
      return;  // the reading of a ruby text would stand inside the word
    case GUMBO_TAG_SPAN:
      if (has_class(element, "katex-html") || has_class(element, "MathJax_Preview")) return;
      // Sphinx writes "name : type" with the colon in the style sheet.
      if (has_class(element, "classifier")) out_.text(" : ");
      if (has_class(element, "label")) return label(node);
      break;
    default:
      break;
  }
  const bool paragraph = is_paragraph(element.tag);
  if (in_row_ || !(paragraph || is_block(element.tag))) {
    if (in_row_ && (paragraph || is_block(element.tag))) out_.space();
    return children(node);
  }
  if (paragraph)
    out_.paragraph();
  else
    out_.line_break();
  children(node);
  if (paragraph || (element.tag == GUMBO_TAG_DIV && has_class(element, "para")))
    out_.paragraph();
  else
    out_.line_break();
}

void HtmlText::preformatted(const GumboNode& node) {
  std::string code;
  append_raw_text(node, &code);
  for (size_t at; (at = code.find("\xc2\xa0")) != std::string::npos;) code.replace(at, 2, " ");
  while (code.starts_with('\n')) code.erase(0, 1);
  if (trim(code).empty()) return;
  if (in_row_) return text_node(code);
  std::string fence = "```";
  while (code.find(fence) != std::string::npos) fence += '`';
  out_.paragraph();
  out_.verbatim(fence + std::string(code_language(node)));
  out_.verbatim(code);
  out_.verbatim(fence);
  out_.paragraph();
}

// x^2, 10^-3, v_max, H2O: a short script is marked; ordinals, footnote marks and digits of formulas are not.
void HtmlText::script(const GumboNode& node, char mark) {
  std::string text;
  append_raw_text(node, &text);
  const std::string_view words = trim(text);
  const bool digits = words.find_first_not_of("0123456789") == std::string_view::npos;
  if (words.empty() || has_link(node) || is_ordinal(words) || (mark == '_' && digits) || words[0] == '[')
    return children(node);
  const bool is_short = words.find_first_of(" \t\n") == std::string_view::npos;
  out_.exact(std::string(1, mark) + (is_short ? "" : "{"));
  children(node);
  if (!is_short) out_.exact("}");
}

// "[1]" before a footnote or citation stands on the line of its text.
void HtmlText::label(const GumboNode& node) {
  std::string text;
  append_raw_text(node, &text);
  if (!out_.at_line_start() || text.size() > 20) return children(node);
  out_.marker(std::string(trim(text)) + " ");
  out_.no_blank();
}

void HtmlText::list(const GumboNode& node, bool numbered) {
  if (in_row_) return children(node);
  if (list_depth_ == 0 && is_link_list(node)) return;
  int number = 0;
  if (numbered) {
    const std::string start(html_attribute(node.v.element, "start"));
    number = start.empty() ? 0 : std::clamp(std::atoi(start.c_str()), 0, 1000000) - 1;
  }
  if (list_depth_ == 0)
    out_.paragraph();
  else
    out_.line_break();
  const int level = out_.level();
  ++list_depth_;
  bool first_at_top = list_depth_ == 1;
  for (unsigned i = 0; i < node.v.element.children.length; ++i) {
    const GumboNode& item = child(node, i);
    if (item.type != GUMBO_NODE_ELEMENT) continue;
    if (item.v.element.tag == GUMBO_TAG_LI) {
      if (is_invisible(item.v.element) || is_furniture(item.v.element, furniture_by_name_)) continue;
      if (first_at_top)
        out_.line_break();
      else
        out_.no_blank();
      first_at_top = false;
      out_.set_level(level);
      out_.marker(numbered ? std::to_string(++number) + ". " : "- ");
      out_.set_level(level + 1);
      children(item);
      out_.set_level(level);
    } else {
      this->node(item);
    }
  }
  --list_depth_;
  out_.set_level(level);
  if (list_depth_ == 0)
    out_.paragraph();
  else
    out_.line_break();
}

void HtmlText::definitions(const GumboNode& node) {
  if (in_row_) return children(node);
  out_.paragraph();
  const int level = out_.level();
  for (unsigned i = 0; i < node.v.element.children.length; ++i) {
    const GumboNode& part = child(node, i);
    if (part.type != GUMBO_NODE_ELEMENT) continue;
    const GumboElement& element = part.v.element;
    if (is_invisible(element) || is_furniture(element, furniture_by_name_)) continue;
    const bool body = element.tag == GUMBO_TAG_DD;
    // The description of a whole module is a <dd>, too: that one need not stand indented.
    const bool indents = body && text_size(part, kMaxIndentedBytes + 1) <= kMaxIndentedBytes;
    if (body)
      out_.no_blank();
    else
      out_.line_break();
    out_.set_level(level + indents);
    // HTML5 allows <div> around each group.
    if (element.tag == GUMBO_TAG_DIV)
      definitions(part);
    else
      children(part);
    out_.set_level(level);
    out_.line_break();
  }
  out_.paragraph();
}

void HtmlText::table(const GumboNode& node) {
  if (in_row_) return children(node);
  TableShape shape;
  measure_table(node, false, &shape);
  if (list_depth_ == 0 && !shape.has_blocks && is_link_list(node)) return;
  out_.paragraph();
  if (shape.has_blocks || shape.widest_row < 2)
    children(node);
  else
    table_rows(node);
  out_.paragraph();
}

void HtmlText::table_rows(const GumboNode& node) {
  for (unsigned i = 0; i < node.v.element.children.length; ++i) {
    const GumboNode& part = child(node, i);
    if (part.type != GUMBO_NODE_ELEMENT || is_invisible(part.v.element)) continue;
    if (part.v.element.tag != GUMBO_TAG_TR) {
      if (part.v.element.tag == GUMBO_TAG_CAPTION)
        this->node(part);
      else
        table_rows(part);
      continue;
    }
    out_.line_break();
    in_row_ = true;
    bool first = true;
    for (unsigned j = 0; j < part.v.element.children.length; ++j) {
      const GumboNode& cell = child(part, j);
      if (cell.type != GUMBO_NODE_ELEMENT) continue;
      if (!first) {
        out_.space();
        out_.text("|");
        out_.space();
      }
      first = false;
      children(cell);
    }
    in_row_ = false;
    out_.line_break();
  }
}

}  // namespace aurora::corpus
