#include "aurora/corpus/extract_html_tree.h"

#include <gumbo.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace aurora::corpus {

// Memory for one tree. gumbo cannot be told to give up, and to free a deep tree it recurses; so it allocates
// here, where all is freed at once, and where running out jumps back over its frames (plain C, nothing to
// destroy).
class HtmlTree::Arena {
 public:
  explicit Arena(uint64_t limit) : limit_(limit) {}

  static void* allocate(void* self, size_t size) {
    Arena& arena = *static_cast<Arena*>(self);
    size = (size + 15) & ~size_t{15};
    if (size > arena.left_) arena.grow(size);
    char* const piece = arena.next_;
    arena.next_ += size;
    arena.left_ -= size;
    return piece;
  }
  static void release(void*, void*) {}

  std::jmp_buf out_of_memory;

 private:
  void grow(size_t size) {
    const size_t block = std::max<size_t>(size, std::clamp<size_t>(used_, 64 << 10, 4 << 20));
    used_ += block;
    if (used_ > limit_) std::longjmp(out_of_memory, 1);
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
    next_ = blocks_.back().get();
    left_ = block;
  }

  uint64_t limit_;
  uint64_t used_ = 0;
  char* next_ = nullptr;
  size_t left_ = 0;
  std::vector<std::unique_ptr<char[]>> blocks_;
};

HtmlTree::HtmlTree(std::string_view html) : arena_(nullptr) {
  if (estimate_html_depth(html, kMaxDepth) > kMaxDepth) {
    outcome_ = Outcome::kTooDeep;
    return;
  }
  arena_ = new Arena(kBytesBase + kBytesPerByte * html.size());
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = Arena::allocate;
  options.deallocator = Arena::release;
  options.userdata = arena_;
  options.max_errors = 0;
  if (setjmp(arena_->out_of_memory) != 0) {
    outcome_ = Outcome::kTooLarge;
    return;
  }
  document_ = gumbo_parse_with_options(&options, html.data(), html.size())->document;
}

HtmlTree::~HtmlTree() {
  delete arena_;
}

namespace {

// Elements that never hold others, or that the next of their kind closes by itself: they cannot nest without
// others that are counted. Inside svg and math these rules do not hold.
bool cannot_nest(std::string_view tag) {
  static constexpr std::string_view kTags[] = {
      "area",   "base",  "body", "br",    "col",    "colgroup", "dd",    "dt",   "embed",  "frame", "head",
      "hr",     "html",  "img",  "input", "keygen", "li",       "link",  "meta", "option", "p",     "param",
      "source", "tbody", "td",   "tfoot", "th",     "thead",    "title", "tr",   "track",  "wbr"};
  return std::binary_search(std::begin(kTags), std::end(kTags), tag);
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ':';
}

}  // namespace

int estimate_html_depth(std::string_view html, int limit) {
  std::unordered_map<std::string, int> open;
  int depth = 0, deepest = 0, foreign = 0;
  std::string name;
  for (size_t at = html.find('<'); at < html.size(); at = html.find('<', at)) {
    ++at;
    const bool closes = at < html.size() && html[at] == '/';
    at += closes;
    name.clear();
    for (; at < html.size() && is_name_character(html[at]); ++at)
      name += html[at] >= 'A' && html[at] <= 'Z' ? static_cast<char>(html[at] + 32) : html[at];
    if (name.empty()) continue;
    if (foreign == 0 && cannot_nest(name)) continue;
    const bool opens_foreign = name == "svg" || name == "math";
    int& count = open[name];
    if (closes) {
      if (count > 0) {
        --count;
        --depth;
        foreign -= opens_foreign;
      }
    } else {
      const size_t end = html.find('>', at);
      if (foreign > 0 && end != std::string_view::npos && html[end - 1] == '/') continue;
      ++count;
      foreign += opens_foreign;
      deepest = std::max(deepest, ++depth);
      if (depth > limit) return depth;
    }
  }
  return deepest;
}

}  // namespace aurora::corpus
