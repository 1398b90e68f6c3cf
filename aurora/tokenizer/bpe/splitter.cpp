#include "aurora/tokenizer/bpe/splitter.h"

#include <algorithm>
#include <cstring>

namespace aurora::tokenizer {
namespace {

constexpr int kMemoBits = 14;
constexpr uint64_t kUnknown = ~uint64_t{0};  // places have 48 bits
constexpr uint64_t kTops = 0x8080808080808080;

// The topmost bit of each of eight bytes that may be asked about (BpeSeams::askable).
uint64_t askable_bytes(const char* data) {
  uint64_t before = 0;
  uint64_t bytes = 0;
  std::memcpy(&before, data - 1, 8);
  std::memcpy(&bytes, data, 8);
  const uint64_t begins = ~bytes | bytes << 1;  // of characters: not 10xxxxxx
  return begins & (bytes | before) & kTops;
}

}  // namespace

BpeSplitter::BpeSplitter(const BpeSeams& seams, bool everywhere)
    : seams_(seams), everywhere_(everywhere), memo_(size_t{1} << kMemoBits, kUnknown) {}

void BpeSplitter::forget() {
  std::fill(memo_.begin(), memo_.end(), kUnknown);
}

void BpeSplitter::begin(std::string_view text, size_t begin, size_t end) {
  text_ = text;
  at_ = begin + BpeSeams::kReach;
  end_ = end;
  done_ = false;
}

size_t BpeSplitter::next(std::span<uint32_t> cuts) {
  size_t count = 0;
  if (done_) return 0;
  // Places up to three bytes before the end are asked about, eight at a time.
  for (; at_ + BpeSeams::kReach <= end_; at_ += 8) {
    if (count + 9 > cuts.size()) return count;
    const size_t bytes = std::min<size_t>(8, end_ - BpeSeams::kReach - at_ + 1);
    const uint64_t sure = everywhere_ ? untouched(bytes) : 0;
    for (uint64_t tops = asked(bytes) | sure; tops != 0; tops &= tops - 1) {
      const size_t place = at_ + static_cast<size_t>(__builtin_ctzll(tops)) / 8;
      cuts[count] = static_cast<uint32_t>(place);
      count += (tops & -tops & sure) != 0 ? 1 : 1 - crossed(text_.data() + place);
    }
  }
  cuts[count++] = static_cast<uint32_t>(end_);
  done_ = true;
  return count;
}

// The topmost bit of each of the next bytes before which three bytes are looked at.
uint64_t BpeSplitter::asked(size_t bytes) const {
  if (at_ + 8 <= text_.size()) return askable_bytes(text_.data() + at_) & ~uint64_t{0} >> (64 - 8 * bytes);
  uint64_t tops = 0;
  for (size_t i = 0; i < bytes; ++i) {
    const uint8_t before = static_cast<uint8_t>(text_[at_ + i - 1]);
    const uint8_t behind = static_cast<uint8_t>(text_[at_ + i]);
    if (BpeSeams::askable(before, behind)) tops |= uint64_t{0x80} << 8 * i;
  }
  return tops;
}

// ... of each that begins a character and that no symbol has behind the byte before it.
uint64_t BpeSplitter::untouched(size_t bytes) const {
  uint64_t tops = 0;
  for (size_t i = 0; i < bytes; ++i) {
    const char behind = text_[at_ + i];
    const bool begins = (behind & 0xc0) != 0x80;
    const bool cut = begins & !seams_.touch(text_[at_ + i - 1], behind);
    tops |= uint64_t{cut} << (8 * i + 7);
  }
  return tops;
}

uint64_t BpeSplitter::crossed(const char* behind) {
  constexpr size_t kReach = BpeSeams::kReach;
  uint32_t first = 0;  // two loads: one of six bytes would go through memory
  uint16_t second = 0;
  std::memcpy(&first, behind - kReach, 4);
  std::memcpy(&second, behind - kReach + 4, 2);
  const uint64_t place = uint64_t{second} << 32 | first;
  uint64_t& known = memo_[place * 0x9e3779b97f4a7c15u >> (64 - kMemoBits)];
  if (known >> 1 != place) [[unlikely]] {
    known = place << 1 | static_cast<uint64_t>(seams_.crossed(behind - kReach, behind));
  }
  return known & 1;
}

}  // namespace aurora::tokenizer
