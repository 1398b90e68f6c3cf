#include "aurora/tokenizer/steps/cut_marks.h"

#include <algorithm>
#include <cstring>

namespace aurora::tokenizer {
namespace {

constexpr std::string_view kMark = "\xe2\x96\x81";  // U+2581

// Where the next row of marks behind text[begin] begins; text.size(): there is none. A row at `begin` is part
// of the word.
size_t next_row(std::string_view text, size_t begin) {
  size_t at = begin + 1;
  while (at < text.size()) {
    const void* found = std::memchr(text.data() + at, kMark[0], text.size() - at);
    if (!found) break;
    at = static_cast<size_t>(static_cast<const char*>(found) - text.data());
    const bool mark =
        text.size() - at >= kMark.size() && text[at + 1] == kMark[1] && text[at + 2] == kMark[2];
    if (mark && (at - begin < kMark.size() || text.substr(at - kMark.size(), kMark.size()) != kMark))
      return at;
    at += mark ? kMark.size() : 1;
  }
  return text.size();
}

}  // namespace

bool marks_begin_words(const Spec& spec) {
  if (spec.model != ModelKind::kBpe || spec.byte_level || spec.whole_words) return false;
  const bool known = std::any_of(spec.tokens.begin(), spec.tokens.end(), [](const Token& token) {
    return token.kind == TokenKind::kNormal && token.text == kMark;
  });
  return known && std::all_of(spec.merges.begin(), spec.merges.end(), [&](const MergeRule& merge) {
           const std::string_view text = spec.tokens[static_cast<size_t>(merge.result)].text;
           return next_row(text, 0) == text.size();
         });
}

size_t cut_before_marks(std::string_view text, size_t at, std::span<uint32_t> ends) {
  size_t count = 0;
  while (count < ends.size() && at < text.size()) {
    at = next_row(text, at);
    ends[count++] = static_cast<uint32_t>(at);
  }
  return count;
}

}  // namespace aurora::tokenizer
