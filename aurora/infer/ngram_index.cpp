#include "aurora/infer/ngram_index.h"

#include <algorithm>
#include <bit>

#include "aurora/base/hash.h"

namespace aurora::infer {
namespace {

constexpr size_t kFewestSlots = 256;

}  // namespace

size_t NgramIndex::slot(const int32_t* ngram) const {
  return xxh3_64(ngram, kLength * sizeof(int32_t)) & (places_.size() - 1);
}

void NgramIndex::extend(std::span<const int32_t> tokens) {
  const auto size = static_cast<int64_t>(tokens.size());
  if (tokens.size() * 2 > places_.size()) {
    places_.assign(std::bit_ceil(std::max(kFewestSlots, tokens.size() * 4)), 0);
    known_ = 0;
  }
  for (int64_t i = std::max(kLength, known_); i < size; ++i)
    places_[slot(tokens.data() + i - kLength)] = static_cast<int32_t>(i);
  known_ = size;
}

std::span<const int32_t> NgramIndex::guess(std::span<const int32_t> tokens, int64_t count) const {
  const auto size = static_cast<int64_t>(tokens.size());
  if (size < kLength || places_.empty() || count <= 0) return {};
  const int32_t* latest = tokens.data() + size - kLength;
  const int64_t place = places_[slot(latest)];
  if (place < kLength || place >= size) return {};
  if (!std::equal(latest, latest + kLength, tokens.data() + place - kLength)) return {};
  return tokens.subspan(static_cast<size_t>(place), static_cast<size_t>(std::min(count, size - place)));
}

}  // namespace aurora::infer
