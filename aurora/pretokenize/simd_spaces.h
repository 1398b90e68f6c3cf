// White space: \s*[\r\n]+|\s+(?!\S)|\s+ behind symbols that take line ends, and what shares its rules.
#pragma once

#include "aurora/pretokenize/simd_runs.h"

namespace aurora::pretokenize {

// Whether the class of the character at text[at] is in `set`; behind the text's end, yes.
inline bool is_at(std::string_view text, size_t at, unicode::ClassSet set) {
  return at >= text.size() || unicode::contains(set, unicode::read(text, at).kind);
}

// Whether white space from text[at] on has a line end in it; at_end: what to say if it lasts up to the
// text's.
[[gnu::noinline]] inline bool line_end_follows(std::string_view text, size_t at, bool at_end) {
  while (at < text.size()) {
    const unicode::Char here = unicode::read(text, at);
    if (here.kind == unicode::Class::kLineEnd) return true;
    if (here.kind != unicode::Class::kSpace) return false;
    at += here.bytes;
  }
  return at_end;
}

// 1 where a space, or nothing, follows the last character of the block; of no meaning if that is no space.
[[gnu::always_inline]] inline uint64_t space_follows(const Block& block) {
  const uint8_t next = static_cast<uint8_t>(block.bytes[kBlock]);
  if (__builtin_expect((next >= 0x80 || block.spill.bytes != 0) && block.masks.space >> 63 != 0, 0)) {
    return static_cast<uint64_t>(
        is_at(block.text, block.base + kBlock + block.spill.bytes, unicode::kSpaces));
  }
  return static_cast<uint64_t>(next == ' ' || (next >= 9 && next <= 13));
}

// Where white space, or nothing, is next.
[[gnu::always_inline]] inline uint64_t before_space(const Block& block) {
  return block.masks.space >> 1 | space_follows(block) << 63;
}

// Where the masks of a block stand in the text: whether the byte before each is of a class.
struct Before {
  uint64_t space = 0;
  uint64_t newline = 0;
};

// kTrailingIsOne: white space at the text's end is one word (\s+$ before the rest).
template <bool kTrailingIsOne>
class SpaceCuts {
 public:
  // attached: line ends (and what else) that belong to the word of symbols before them. before_space: where
  // white space, or else nothing that a space could go with, is next; block's end included.
  [[gnu::always_inline]] uint64_t cuts(const Block& block, uint64_t attached, const Before& before,
                                       uint64_t before_space) {
    const Masks& m = block.masks;
    const uint64_t after_attached = shift_on(attached, attached_);
    const uint64_t gap = m.space & ~m.newline;
    uint64_t cuts = m.space & ~attached & (~before.space | after_attached);
    // \s*[\r\n]+ reaches up to the last line end.
    uint64_t lines = gap & before.newline & ~after_attached;
    if (lines != 0) {
      lines = drop_ending_at(lines, gap, m.newline, [&] {
        return line_end_follows(block.text, block.base + kBlock + block.spill.bytes, kTrailingIsOne);
      });
    }
    // The last one before something else may go with it.
    const uint64_t last = gap & ~before_space;
    return cuts | lines | first_bytes(last, m.inner);
  }

  // Whether the last byte of the block before was attached.
  uint64_t attached() const { return attached_; }

 private:
  uint64_t attached_ = 0;
};

}  // namespace aurora::pretokenize
