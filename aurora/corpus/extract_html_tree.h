// An HTML document as a tree (gumbo, HTML5 rules), with memory and depth bounded whatever the input.
#pragma once

#include <cstdint>
#include <string_view>

struct GumboInternalNode;

namespace aurora::corpus {

class HtmlTree {
 public:
  enum class Outcome { kParsed, kTooDeep, kTooLarge };

  // Parses; `html` must outlive the tree. kTooDeep: more than kMaxDepth elements are open at once (checked
  // before parsing, whose time grows with the depth of every tag). kTooLarge: the tree would need more than
  // kBytesPerByte times the input (unclosed formatting tags multiply).
  explicit HtmlTree(std::string_view html);
  ~HtmlTree();
  HtmlTree(const HtmlTree&) = delete;
  HtmlTree& operator=(const HtmlTree&) = delete;

  Outcome outcome() const { return outcome_; }
  const GumboInternalNode* document() const { return document_; }  // nullptr unless parsed

  static constexpr int kMaxDepth = 800;
  static constexpr uint64_t kBytesPerByte = 64;
  static constexpr uint64_t kBytesBase = 16 << 20;

 private:
  class Arena;
  Arena* arena_;
  Outcome outcome_ = Outcome::kParsed;
  const GumboInternalNode* document_ = nullptr;
};

// How many elements would be open at once, at most; stops counting beyond `limit`.
int estimate_html_depth(std::string_view html, int limit);

}  // namespace aurora::corpus
