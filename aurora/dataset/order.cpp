#include "aurora/dataset/order.h"

#include <fmt/format.h>

#include <cmath>
#include <set>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/dataset/permutation.h"

namespace aurora::dataset {
namespace {

void validate(const std::vector<CorpusSize>& corpora, uint64_t length) {
  std::set<std::string> names;
  bool any = false;
  for (const CorpusSize& corpus : corpora) {
    if (!names.insert(corpus.name).second)
      throw Error("two corpora have the same name", corpus.name, "give each [[corpus]] its own name");
    if (!std::isfinite(corpus.weight) || corpus.weight <= 0)
      throw Error(fmt::format("the weight of a corpus is {}", corpus.weight), corpus.name,
                  "set corpus.weight to a positive number");
    if (corpus.tokens == 0) continue;
    any = true;
    if (corpus.tokens < length + 1)
      throw Error(
          fmt::format("the corpus has {} training tokens and one sample takes {}", corpus.tokens, length + 1),
          corpus.name, "add text to it, shorten train.sequence_length, or take the corpus out");
  }
  if (!any)
    throw Error("no corpus has any training tokens", "", "look at the summary of prepare: what was dropped?");
}

std::vector<double> effective_weights(const std::vector<CorpusSize>& corpora, uint64_t length) {
  validate(corpora, length);
  std::vector<double> weights;
  for (const CorpusSize& corpus : corpora) weights.push_back(corpus.tokens == 0 ? 0.0 : corpus.weight);
  return weights;
}

}  // namespace

Order::Order(uint64_t seed, int64_t sequence_length, std::vector<CorpusSize> corpora)
    : seed_(seed),
      length_(static_cast<uint64_t>(sequence_length)),
      corpora_(std::move(corpora)),
      blend_(effective_weights(corpora_, length_)) {
  AURORA_CHECK_GE(sequence_length, 1);
  for (const CorpusSize& corpus : corpora_) {
    Shuffle shuffle;
    if (corpus.tokens > 0) {
      shuffle.windows = (corpus.tokens - 1) / length_;
      shuffle.starts = (corpus.tokens - 1) % length_ + 1;
    }
    shuffle.name_hash = xxh3_64(corpus.name);
    shuffles_.push_back(shuffle);
  }
}

Piece Order::operator()(uint64_t sample) const {
  auto [corpus, index] = blend_(sample);
  const Shuffle& shuffle = shuffles_[corpus];
  uint64_t epoch = index / shuffle.windows;
  RandomKey key = random_key(seed_, Purpose::kOrder, {shuffle.name_hash, epoch});
  uint64_t window = Permutation(shuffle.windows, key)(index % shuffle.windows);
  uint64_t start = random_below(0, key, shuffle.starts);
  return {corpus, epoch, start + window * length_, length_ + 1};
}

double Order::epochs(uint32_t corpus, uint64_t samples) const {
  if (shuffles_[corpus].windows == 0) return 0;
  return static_cast<double>(blend_.counts(samples)[corpus]) / static_cast<double>(shuffles_[corpus].windows);
}

}  // namespace aurora::dataset
