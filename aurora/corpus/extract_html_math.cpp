#include "aurora/corpus/extract_html_math.h"

#include <string_view>

#include "aurora/corpus/extract_html_rules.h"
#include "aurora/corpus/extract_unwrap.h"

namespace aurora::corpus {
namespace {

std::string in_dollars(std::string_view latex, bool display) {
  latex = trim(latex);
  if (latex.empty()) return {};
  // Already delimited: \( \), \[ \], $ $.
  if (latex[0] == '$' || latex.starts_with("\\(") || latex.starts_with("\\[")) return std::string(latex);
  const char* const dollars = display ? "$$" : "$";
  return std::string(dollars).append(latex).append(dollars);
}

const GumboNode& child(const GumboNode& node, unsigned index) {
  return *static_cast<const GumboNode*>(node.v.element.children.data[index]);
}

const GumboNode* find_annotation(const GumboNode& node) {
  if (node.type != GUMBO_NODE_ELEMENT) return nullptr;
  const std::string_view encoding = html_attribute(node.v.element, "encoding");
  if (encoding == "application/x-tex" || encoding == "TeX" || encoding == "LaTeX") return &node;
  for (unsigned i = 0; i < node.v.element.children.length; ++i)
    if (const GumboNode* found = find_annotation(child(node, i))) return found;
  return nullptr;
}

// The element's name: gumbo knows few MathML tags, the rest it leaves as written.
std::string_view tag_name(const GumboElement& element) {
  GumboStringPiece piece = element.original_tag;
  gumbo_tag_from_original_text(&piece);
  std::string_view name(piece.data == nullptr ? "" : piece.data, piece.length);
  if (const size_t colon = name.find(':'); colon != std::string_view::npos) name.remove_prefix(colon + 1);
  return name;
}

void append_presentation(const GumboNode& node, std::string* out);

// A sub-expression that stands as one: in parentheses if it has parts.
std::string grouped(const GumboNode& node) {
  std::string part;
  append_presentation(node, &part);
  size_t characters = 0;
  for (const unsigned char c : part) characters += (c & 0xc0) != 0x80;
  const bool number = part.find_first_not_of("0123456789.") == std::string::npos;
  return characters <= 1 || number ? part : "(" + part + ")";
}

void append_presentation(const GumboNode& node, std::string* out) {
  if (node.type == GUMBO_NODE_TEXT) {
    out->append(trim(node.v.text.text));
    return;
  }
  if (node.type != GUMBO_NODE_ELEMENT) return;
  std::vector<const GumboNode*> parts;
  for (unsigned i = 0; i < node.v.element.children.length; ++i)
    if (child(node, i).type == GUMBO_NODE_ELEMENT || child(node, i).type == GUMBO_NODE_TEXT)
      parts.push_back(&child(node, i));
  const std::string_view name = tag_name(node.v.element);
  if (name == "annotation" || name == "annotation-xml") return;
  const auto operands = [&](std::string_view first, std::string_view second = {}) {
    out->append(grouped(*parts[0])).append(first).append(grouped(*parts[1]));
    if (!second.empty()) out->append(second).append(grouped(*parts[2]));
  };
  if (name == "mfrac" && parts.size() == 2) return operands("/");
  if ((name == "msup" || name == "mover") && parts.size() == 2) return operands("^");
  if ((name == "msub" || name == "munder") && parts.size() == 2) return operands("_");
  if ((name == "msubsup" || name == "munderover") && parts.size() == 3) return operands("_", "^");
  if (name == "msqrt") out->append("√(");
  if (name == "mroot" && parts.size() == 2) {
    out->append(grouped(*parts[1])).append("√").append(grouped(*parts[0]));
    return;
  }
  if (name == "mtr" || name == "mtd") out->append(out->empty() || out->ends_with(' ') ? "" : " ");
  for (const GumboNode* part : parts) {
    const bool is_operator = part->type == GUMBO_NODE_ELEMENT && tag_name(part->v.element) == "mo";
    std::string text;
    append_presentation(*part, &text);
    const bool relation =
        is_operator && (text == "=" || text == "+" || text == "−" || text == "≤" || text == "≥" ||
                        text == "<" || text == ">" || text == "≈" || text == "→" || text == "∈");
    if (relation && !out->empty() && !out->ends_with(' '))
      out->append(" ").append(text).append(" ");
    else
      out->append(text);
  }
  if (name == "msqrt") out->append(")");
}

}  // namespace

void append_raw_text(const GumboNode& node, std::string* text) {
  if (node.type == GUMBO_NODE_TEXT || node.type == GUMBO_NODE_WHITESPACE || node.type == GUMBO_NODE_CDATA) {
    text->append(node.v.text.text);
  } else if (node.type == GUMBO_NODE_ELEMENT) {
    for (unsigned i = 0; i < node.v.element.children.length; ++i) append_raw_text(child(node, i), text);
  }
}

std::string math_text(const GumboNode& math) {
  const bool display = html_attribute(math.v.element, "display") == "block";
  if (const std::string_view latex = html_attribute(math.v.element, "alttext"); !latex.empty())
    return in_dollars(latex, display);
  if (const GumboNode* annotation = find_annotation(math)) {
    std::string latex;
    append_raw_text(*annotation, &latex);
    return in_dollars(latex, display);
  }
  std::string text;
  append_presentation(math, &text);
  return std::string(trim(text));
}

std::string math_script_text(const GumboNode& script) {
  const std::string_view type = html_attribute(script.v.element, "type");
  if (!type.starts_with("math/tex")) return {};
  std::string latex;
  append_raw_text(script, &latex);
  return in_dollars(latex, type.find("mode=display") != std::string_view::npos);
}

std::string math_image_text(const GumboElement& image) {
  static constexpr std::string_view kClasses[] = {
      "math",    "tex", "latex", "mwe-math-fallback-image-inline", "mwe-math-fallback-image-display",
      "equation"};
  for (const std::string_view name : kClasses)
    if (has_class(image, name)) return in_dollars(html_attribute(image, "alt"), name.ends_with("display"));
  return {};
}

}  // namespace aurora::corpus
