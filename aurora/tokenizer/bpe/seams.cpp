#include "aurora/tokenizer/bpe/seams.h"

#include <algorithm>
#include <utility>

namespace aurora::tokenizer {
namespace {

constexpr uint64_t kEmpty = ~uint64_t{0};

int combination_of(size_t left, size_t right) {
  return static_cast<int>((left - 1) * BpeSeams::kReach + right - 1);
}

}  // namespace

BpeSeams::BpeSeams() : combinations_(65536) {}

// Up to three bytes and how many they are: three mean "three or more".
uint64_t BpeSeams::side_of(const char* bytes, size_t count) {
  uint64_t side = count;
  for (size_t i = 0; i < count; ++i) side = side << 8 | static_cast<uint8_t>(bytes[i]);
  return side;
}

void BpeSeams::add(std::string_view token) {
  for (size_t at = 1; at < token.size(); ++at) {
    if (!askable(static_cast<uint8_t>(token[at - 1]), static_cast<uint8_t>(token[at]))) {
      combinations_[pair_of(token[at - 1], token[at])] |= kAscii;
      continue;
    }
    const size_t left = std::min(at, kReach);
    const size_t right = std::min(token.size() - at, kReach);
    places_.push_back(side_of(token.data() + at - left, left) << 32 | side_of(token.data() + at, right));
    combinations_[pair_of(token[at - 1], token[at])] |=
        static_cast<uint16_t>(1 << combination_of(left, right));
  }
}

void BpeSeams::build() {
  std::sort(places_.begin(), places_.end());
  places_.erase(std::unique(places_.begin(), places_.end()), places_.end());
  size_t slots = 16;
  while (slots < 2 * places_.size()) slots *= 2;
  shift_ = 64 - __builtin_ctzll(slots);
  const std::vector<uint64_t> all = std::exchange(places_, std::vector<uint64_t>(slots, kEmpty));
  for (uint64_t place : all) {
    size_t at = place * 0x9e3779b97f4a7c15u >> shift_;
    while (places_[at] != kEmpty) at = (at + 1) & (slots - 1);
    places_[at] = place;
  }
}

bool BpeSeams::has(uint64_t place) const {
  for (size_t at = place * 0x9e3779b97f4a7c15u >> shift_;; at = (at + 1) & (places_.size() - 1)) {
    if (places_[at] == place) return true;
    if (places_[at] == kEmpty) return false;
  }
}

bool BpeSeams::crossed(const char* before, const char* behind) const {
  uint32_t combinations = combinations_[pair_of(before[kReach - 1], behind[0])];
  for (; combinations != 0; combinations &= combinations - 1) {
    const size_t combination = static_cast<size_t>(__builtin_ctz(combinations));
    const size_t left = combination / kReach + 1;
    const size_t right = combination % kReach + 1;
    if (has(side_of(before + kReach - left, left) << 32 | side_of(behind, right))) return true;
  }
  return false;
}

}  // namespace aurora::tokenizer
