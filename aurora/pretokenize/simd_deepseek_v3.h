// deepseek-v3: ASCII 64 bytes at a time, all else character by character.
//
// A step begins at a cut, so nothing is carried from one to the next: it takes the cuts that its bytes alone
// decide, and the next step begins at the last of them.
#pragma once

#include "aurora/pretokenize/simd_runs.h"
#include "aurora/pretokenize/simd_scan.h"
#include "aurora/pretokenize/step_scanners.h"

namespace aurora::pretokenize {

// Classes of `count` ASCII characters without control characters, the first of which begins a word.
class DeepseekV3Cuts {
 public:
  [[gnu::always_inline]] DeepseekV3Cuts(const Masks& masks, uint32_t count)
      : valid_(count == kBlock ? ~uint64_t{0} : (uint64_t{1} << count) - 1),
        letter_(masks.letter & valid_),
        number_(masks.number & valid_),
        space_(masks.space & valid_),
        newline_(masks.newline & valid_),
        blank_(masks.blank & valid_),
        symbol_(valid_ & ~(letter_ | number_ | space_)) {}

  // Bit i: a word begins at character i > 0, whatever follows the characters.
  [[gnu::always_inline]] uint64_t cuts() const {
    const uint64_t symbols = symbol_ & ~(symbol_ << 1) & ~(blank_ << 1);
    // One symbol, or one space that is no line end, takes the letters behind it along.
    const uint64_t joining = (symbols & letter_ >> 1) | (space_ & ~newline_);
    const uint64_t letters = letter_ & ~(letter_ << 1) & ~(joining << 1);
    return (symbols | letters | numbers() | spaces()) & decided() & ~uint64_t{1};
  }

 private:
  [[gnu::always_inline]] uint64_t numbers() const {
    uint64_t cuts = number_ & ~(number_ << 1);
    const uint64_t third = number_ & number_ << 1 & number_ << 2;
    for (uint64_t next = (cuts << 3) & third; next != 0; next = (next << 3) & third) cuts |= next;
    return cuts;
  }

  [[gnu::always_inline]] uint64_t spaces() const {
    const uint64_t with_symbols = run_from(newline_, newline_ & symbol_ << 1, 0);
    const uint64_t space = space_ & ~with_symbols;
    const uint64_t gap = space & ~newline_;
    const uint64_t newline = newline_ & ~with_symbols;
    // \s*[\r\n]+ reaches up to the last line end.
    uint64_t lines = gap & newline << 1;
    if (lines != 0) lines = drop_ending_at(lines, gap, newline, [] { return false; });
    // The last one may go with letters or symbols; numbers are another text.
    const uint64_t last = gap & (letter_ | symbol_) >> 1;
    return (space & ~(space << 1)) | lines | last;
  }

  // White space at the end may go on, and how it is cut depends on how it ends.
  [[gnu::always_inline]] uint64_t decided() const {
    const uint64_t others = valid_ & ~space_;
    if (others == 0) return 0;
    return ~uint64_t{0} >> __builtin_clzll(others);
  }

  uint64_t valid_;
  uint64_t letter_;
  uint64_t number_;
  uint64_t space_;
  uint64_t newline_;
  uint64_t blank_;
  uint64_t symbol_;
};

struct DeepseekV3Ascii {};

template <class Isa>
class SimdScan<Isa, DeepseekV3Ascii> {
 public:
  [[gnu::always_inline]] static inline size_t run(std::string_view text, size_t at,
                                                  std::span<uint32_t> ends) {
    const DeepseekV3Scanner<kDeepseekV3Words> scanner(text);
    size_t count = 0;
    while (count < ends.size() && at < text.size()) {
      const uint64_t cuts = text.size() - at < kBlock ? 0 : cuts_at(text.data() + at);
      if (cuts == 0) {
        at = scanner.word(at);
        ends[count++] = static_cast<uint32_t>(at);
        continue;
      }
      const uint32_t base = static_cast<uint32_t>(at);
      if (ends.size() - count >= kBlock) {
        count = static_cast<size_t>(Isa::write(cuts, base, ends.data() + count) - ends.data());
      } else {
        count += write_few(cuts, base, ends.subspan(count));
      }
      at = ends[count - 1];
    }
    return count;
  }

 private:
  [[gnu::always_inline]] static inline uint64_t cuts_at(const char* bytes) {
    if (static_cast<uint8_t>(*bytes) >= 0x80) return 0;
    Masks masks;
    Isa::classify(bytes, masks);
    uint32_t count = masks.high == 0 ? kBlock : static_cast<uint32_t>(__builtin_ctzll(masks.high));
    if (has_control(bytes)) count = std::min(count, first_control(bytes));
    return DeepseekV3Cuts(masks, count).cuts();
  }

  static bool is_control(uint8_t byte) { return (byte < 0x20 && (byte < 9 || byte > 13)) || byte == 0x7f; }
  [[gnu::always_inline]] static inline bool has_control(const char* bytes) {
    uint8_t found = 0;
    for (size_t i = 0; i < kBlock; ++i)
      found |= static_cast<uint8_t>(is_control(static_cast<uint8_t>(bytes[i])));
    return found != 0;
  }
  [[gnu::noinline]] static uint32_t first_control(const char* bytes) {
    uint32_t i = 0;
    while (i < kBlock && !is_control(static_cast<uint8_t>(bytes[i]))) ++i;
    return i;
  }
};

}  // namespace aurora::pretokenize
