#include "aurora/corpus/dedup_minhash.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/base/hash.h"
#include "aurora/base/random.h"

namespace aurora::corpus {
namespace {

// Sixteen hashes at a time: one AVX-512 register, two of AVX2, four of SSE. GCC's vector types compile to
// whatever the function's target has.
constexpr size_t kLanes = 16;
using Lanes = uint32_t __attribute__((vector_size(kLanes * sizeof(uint32_t)), aligned(4), may_alias));

// minima[j] = min over shingles x of (x ^ masks[j]) * multipliers[j], for `vectors` vectors of lanes.
template <int vectors>
[[gnu::always_inline]] inline void add_shingles(std::span<const uint32_t> shingles, const uint32_t* masks,
                                                const uint32_t* multipliers, uint32_t* minima) {
  Lanes mask[vectors];
  Lanes multiplier[vectors];
  Lanes minimum[vectors];
  std::memcpy(mask, masks, sizeof(mask));
  std::memcpy(multiplier, multipliers, sizeof(multiplier));
  std::memcpy(minimum, minima, sizeof(minimum));
  for (const uint32_t shingle : shingles) {
    for (int v = 0; v < vectors; ++v) {
      const Lanes hash = (shingle ^ mask[v]) * multiplier[v];
      minimum[v] = hash < minimum[v] ? hash : minimum[v];
    }
  }
  std::memcpy(minima, minimum, sizeof(minimum));
}

[[gnu::always_inline]] inline void add_all(std::span<const uint32_t> shingles, size_t hashes,
                                           const uint32_t* masks, const uint32_t* multipliers,
                                           uint32_t* minima) {
  constexpr int kGroup = 2;  // accumulators, masks and multipliers of a group stay in registers
  size_t at = 0;
  for (; at + kGroup * kLanes <= hashes; at += kGroup * kLanes) {
    add_shingles<kGroup>(shingles, masks + at, multipliers + at, minima + at);
  }
  for (; at < hashes; at += kLanes) add_shingles<1>(shingles, masks + at, multipliers + at, minima + at);
}

using AddAll = void (*)(std::span<const uint32_t>, size_t, const uint32_t*, const uint32_t*, uint32_t*);

void add_all_portable(std::span<const uint32_t> shingles, size_t hashes, const uint32_t* masks,
                      const uint32_t* multipliers, uint32_t* minima) {
  add_all(shingles, hashes, masks, multipliers, minima);
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void add_all_avx2(std::span<const uint32_t> shingles, size_t hashes,
                                          const uint32_t* masks, const uint32_t* multipliers,
                                          uint32_t* minima) {
  add_all(shingles, hashes, masks, multipliers, minima);
}
[[gnu::target("avx512f")]] void add_all_avx512(std::span<const uint32_t> shingles, size_t hashes,
                                               const uint32_t* masks, const uint32_t* multipliers,
                                               uint32_t* minima) {
  add_all(shingles, hashes, masks, multipliers, minima);
}
AddAll choose_add_all() {
  if (__builtin_cpu_supports("avx512f")) return add_all_avx512;
  if (__builtin_cpu_supports("avx2")) return add_all_avx2;
  return add_all_portable;
}
#else
AddAll choose_add_all() {
  return add_all_portable;
}
#endif

// 32-bit hashes of all runs of n words (of the whole text if it has fewer).
void make_shingles(const std::vector<Word>& words, size_t n, std::vector<uint32_t>& out) {
  constexpr uint64_t kBase = 0xD1342543DE82EF95;
  const auto finish = [](uint64_t hash) { return static_cast<uint32_t>((hash * 0x9E3779B97F4A7C15) >> 32); };
  out.clear();
  n = std::min(n, words.size());
  uint64_t top = 1;  // kBase^(n-1): the weight of a run's first word
  for (size_t i = 1; i < n; ++i) top *= kBase;
  uint64_t hash = 0;
  for (size_t i = 0; i < n; ++i) hash = hash * kBase + words[i].hash;
  out.push_back(finish(hash));
  for (size_t i = n; i < words.size(); ++i) {
    hash = (hash - words[i - n].hash * top) * kBase + words[i].hash;
    out.push_back(finish(hash));
  }
}

// Sets of documents as a forest whose roots are the smallest numbers.
class Clusters {
 public:
  explicit Clusters(size_t documents) : parent_(documents) { std::iota(parent_.begin(), parent_.end(), 0u); }

  uint32_t root(uint32_t document) {
    while (parent_[document] != document) {
      parent_[document] = parent_[parent_[document]];
      document = parent_[document];
    }
    return document;
  }
  void join(uint32_t a, uint32_t b) {
    a = root(a);
    b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<uint32_t> parent_;
};

}  // namespace

MinHasher::MinHasher(const MinHashOptions& options) : options_(options) {
  AURORA_CHECK(options.ngram > 0 && options.bands > 0 && options.rows > 0);
  const auto hashes = static_cast<size_t>(options.bands) * static_cast<size_t>(options.rows);
  const size_t padded = (hashes + kLanes - 1) / kLanes * kLanes;
  for (size_t i = 0; i < padded; ++i) {
    const auto words = philox(i, RandomKey{0});
    masks_.push_back(words[0]);
    multipliers_.push_back(words[1] | 1);
  }
}

std::vector<uint32_t> MinHasher::signature(std::string_view text, const Words& words) const {
  static const AddAll add_all_here = choose_add_all();
  thread_local std::vector<uint32_t> shingles;
  if (words.words.empty()) {
    shingles.assign(1, static_cast<uint32_t>(xxh3_64(text)));
  } else {
    make_shingles(words.words, static_cast<size_t>(options_.ngram), shingles);
  }
  std::vector<uint32_t> minima(masks_.size(), UINT32_MAX);
  add_all_here(shingles, minima.size(), masks_.data(), multipliers_.data(), minima.data());
  minima.resize(static_cast<size_t>(options_.bands) * static_cast<size_t>(options_.rows));
  return minima;
}

std::vector<uint64_t> MinHasher::band_keys(std::string_view text, const Words& words) const {
  const std::vector<uint32_t> minima = signature(text, words);
  const auto rows = static_cast<size_t>(options_.rows);
  std::vector<uint64_t> keys;
  for (size_t band = 0; band < static_cast<size_t>(options_.bands); ++band) {
    keys.push_back(xxh3_64(minima.data() + band * rows, rows * sizeof(uint32_t)));
  }
  return keys;
}

std::vector<uint32_t> find_near_duplicates(std::span<const uint64_t> keys, int bands, Pool& pool) {
  AURORA_CHECK(bands > 0 && keys.size() % static_cast<size_t>(bands) == 0);
  const auto stride = static_cast<size_t>(bands);
  const size_t documents = keys.size() / stride;
  AURORA_CHECK(documents < UINT32_MAX);

  using Entry = std::pair<uint64_t, uint32_t>;
  std::vector<std::vector<std::pair<uint32_t, uint32_t>>> edges(stride);
  pool.for_each(stride, [&](size_t band) {
    std::vector<Entry> entries(documents);
    for (size_t i = 0; i < documents; ++i) entries[i] = {keys[i * stride + band], static_cast<uint32_t>(i)};
    std::sort(entries.begin(), entries.end());
    for (size_t i = 1; i < documents; ++i) {
      if (entries[i].first == entries[i - 1].first) {
        edges[band].emplace_back(entries[i - 1].second, entries[i].second);
      }
    }
  });
  Clusters clusters(documents);
  for (const auto& band : edges) {
    for (const auto& [a, b] : band) clusters.join(a, b);
  }
  std::vector<uint32_t> first(documents);
  for (size_t i = 0; i < documents; ++i) first[i] = clusters.root(static_cast<uint32_t>(i));
  return first;
}

}  // namespace aurora::corpus
