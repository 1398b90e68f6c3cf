// Where a word may be cut before it is merged. A merge across a place makes a symbol that lies across it; if
// no symbol of the vocabulary can lie there, given the bytes on both sides, what is left and right of it
// merges by itself.
//
// Asked at the begins of characters where one of the two neighbours is not ASCII, with three bytes on either
// side; between two ASCII characters these two alone are looked at. The answer errs only on the safe side
// ("may cross"). Every query costs some look-ups; an encoder remembers the answers (bpe/splitter.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace aurora::tokenizer {

class BpeSeams {
 public:
  static constexpr size_t kReach = 3;  // bytes that are looked at on either side

  BpeSeams();
  // A token's inner places; call build() after the last.
  void add(std::string_view token);
  void build();

  // Are three bytes looked at between these two?
  static bool askable(uint8_t before, uint8_t behind) {
    return (behind & 0xc0) != 0x80 && ((before | behind) & 0x80) != 0;
  }
  // May any symbol have these two bytes in it, one behind the other?
  bool touch(char before, char behind) const { return combinations_[pair_of(before, behind)] != 0; }
  // May a symbol lie across the place before behind[0]? Both sides have kReach bytes, in order of the text.
  bool crossed(const char* before, const char* behind) const;

 private:
  static constexpr uint16_t kAscii = 0x8000;

  static size_t pair_of(char before, char behind) {
    return size_t{static_cast<uint8_t>(before)} << 8 | static_cast<uint8_t>(behind);
  }
  static uint64_t side_of(const char* bytes, size_t count);
  bool has(uint64_t place) const;

  std::vector<uint64_t> places_;  // while adding: all; then: a hash set
  // For each last byte before << 8 | first byte behind: which numbers of bytes on both sides there are, a bit
  // for each (combination_of), or kAscii.
  std::vector<uint16_t> combinations_;
  int shift_ = 0;
};

}  // namespace aurora::tokenizer
