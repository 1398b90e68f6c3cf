// The loop that all SIMD scanners share: 64 bytes to masks, masks to cuts (the family), cuts to numbers.
//
// Isa:    static void classify(const char* bytes, Masks& masks)             ASCII bytes and `high`
//         static void add_characters<Family>(Block& block, uint64_t done)   the rest of `high`, but for
//         `done` static uint32_t* write(uint64_t cuts, uint32_t base, uint32_t* out)  may write 64 numbers
// Family: static constexpr Traits kTraits                the masks that characters of a class belong to
//         static uint32_t traits(const unicode::Char&)   those of a character, which may be an exception
//         uint64_t cuts(const Block& block)   bit i: a word starts at byte i; keeps what the next block wants
//
// Everything is always_inline so that it takes on the instruction set of the function it is put into.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>

#include "aurora/pretokenize/simd_characters.h"

namespace aurora::pretokenize {

// One after the other, where less than 64 ends have room. Returns how many.
[[gnu::always_inline]] inline size_t write_few(uint64_t cuts, uint32_t base, std::span<uint32_t> ends) {
  size_t count = 0;
  for (; cuts != 0 && count < ends.size(); cuts &= cuts - 1) {
    ends[count++] = base + static_cast<uint32_t>(__builtin_ctzll(cuts));
  }
  return count;
}

template <class Isa, class Family>
class SimdScan {
 public:
  [[gnu::always_inline]] static inline size_t run(std::string_view text, size_t at,
                                                  std::span<uint32_t> ends) {
    SimdScan scan(text, at, ends);
    while (scan.fits_whole()) scan.whole_block();
    return scan.rest();
  }

 private:
  [[gnu::always_inline]] SimdScan(std::string_view text, size_t at, std::span<uint32_t> ends)
      : at_(at), ends_(ends), out_(ends.data()) {
    block_.text = text;
    block_.base = at;
  }

  bool fits_whole() const { return text_left() >= kReadable && room() >= kBlock; }
  size_t text_left() const { return block_.text.size() - block_.base; }
  size_t room() const { return ends_.size() - static_cast<size_t>(out_ - ends_.data()); }

  [[gnu::always_inline]] uint64_t cuts_at(const char* bytes) {
    block_.bytes = bytes;
    block_.masks = Masks{};
    Isa::classify(bytes, block_.masks);
    if (block_.masks.high != 0) {
      uint64_t left = block_.masks.high & ~add_spilled(block_);
      left = Isa::add_characters(block_, left, Family::kTraits);
      add_one_by_one<Family>(block_, left);
    }
    uint64_t cuts = family_.cuts(block_) & ~block_.masks.inner;
    if (block_.base == at_) cuts &= ~uint64_t{1};  // where the first word starts no word ends
    return cuts;
  }

  [[gnu::always_inline]] void whole_block() {
    const uint64_t cuts = cuts_at(block_.text.data() + block_.base);
    out_ = Isa::write(cuts, static_cast<uint32_t>(block_.base), out_);
    block_.base += kBlock;
  }

  // Blocks at the text's end, and those that may not have room for all their ends.
  [[gnu::always_inline]] size_t rest() {
    const size_t size = block_.text.size();
    char padded[kReadable];  // behind the text's end come spaces: they join nothing before them but spaces
    while (block_.base < size && room() != 0) {
      const char* bytes = block_.text.data() + block_.base;
      if (text_left() < kReadable) {
        std::memset(padded, ' ', sizeof padded);
        std::memcpy(padded, bytes, text_left());
        bytes = padded;
      }
      uint64_t cuts = cuts_at(bytes);
      if (text_left() < kBlock) cuts &= (uint64_t{1} << text_left()) - 1;
      out_ += write_few(cuts, static_cast<uint32_t>(block_.base), {out_, room()});
      block_.base += kBlock;
    }
    if (block_.base >= size && room() != 0) *out_++ = static_cast<uint32_t>(size);
    return static_cast<size_t>(out_ - ends_.data());
  }

  Block block_;
  const size_t at_;
  std::span<uint32_t> ends_;
  uint32_t* out_;
  Family family_;
};

}  // namespace aurora::pretokenize
