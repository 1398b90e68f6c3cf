#include "aurora/constrain/token_mask.h"

#include <bit>

namespace aurora::constrain {

int64_t TokenMask::count() const {
  int64_t sum = 0;
  for (const uint64_t word : words_) sum += std::popcount(word);
  return sum;
}

void TokenMask::allow_all_of(const TokenMask& other) {
  for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
}

}  // namespace aurora::constrain
