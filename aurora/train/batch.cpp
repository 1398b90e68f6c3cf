#include "aurora/train/batch.h"

#include <algorithm>
#include <vector>

#include "aurora/base/random.h"
#include "aurora/dataset/prefetch.h"

namespace aurora::train {
namespace {

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

class DatasetLeaves : public LeafSource {
 public:
  DatasetLeaves(const dataset::Loader& loader, const config::Train& train)
      : samples_(static_cast<uint64_t>(train.leaf_sequences)),
        sample_tokens_(loader.sequence_length()),
        prefetch_(loader, {.budget_bytes = static_cast<size_t>(train.read_ahead_bytes)}) {}

  nn::Leaf leaf(uint64_t first_sample, int64_t cuts) override {
    nn::Leaf leaf;
    leaf.sequences = static_cast<int64_t>(samples_) * cuts;
    leaf.length = sample_tokens_ / cuts;
    for (uint64_t b = 0; b < samples_; ++b) append_sample(prefetch_.take(first_sample + b), cuts, leaf);
    return leaf;
  }

  double waited_s() const override { return prefetch_.waited_s(); }

  void announce(uint64_t first_sample) override {
    std::vector<uint64_t> numbers;
    for (uint64_t b = 0; b < samples_; ++b) numbers.push_back(first_sample + b);
    prefetch_.announce(numbers);
  }

 private:
  uint64_t samples_;
  int64_t sample_tokens_;
  dataset::Prefetch prefetch_;
};

class RandomLeaves : public LeafSource {
 public:
  RandomLeaves(int64_t vocab_size, const BatchShape& shape)
      : vocab_size_(static_cast<uint64_t>(vocab_size)),
        samples_(shape.leaf_samples),
        length_(shape.sample_tokens) {}

  nn::Leaf leaf(uint64_t first_sample, int64_t cuts) override {
    nn::Leaf leaf;
    leaf.sequences = samples_ * cuts;
    leaf.length = length_ / cuts;
    for (int64_t b = 0; b < samples_; ++b) {
      RandomKey key = random_key(first_sample + static_cast<uint64_t>(b), Purpose::kTest);
      for (int64_t t = 0; t < length_; ++t) {
        leaf.tokens.push_back(token(t, key));
        leaf.targets.push_back(token(t + 1, key));
        leaf.positions.push_back(static_cast<int32_t>(t % leaf.length));
      }
    }
    leaf.loss_weights.assign(leaf.tokens.size(), 1.0f);
    leaf.segment_begin.assign(leaf.tokens.size(), 0);
    return leaf;
  }

 private:
  int32_t token(int64_t place, RandomKey key) const {
    return static_cast<int32_t>(random_below(static_cast<uint64_t>(place), key, vocab_size_));
  }

  uint64_t vocab_size_;
  int64_t samples_;
  int64_t length_;
};

}  // namespace

BatchShape::BatchShape(const config::Train& train, const plan::Phase& phase)
    : strands(train.strands),
      leaves_per_strand(phase.leaves_per_strand),
      leaf_samples(train.leaf_sequences),
      sample_tokens(train.sequence_length),
      cuts(phase.cuts) {}

BatchShape::BatchShape(const config::Train& train)
    : strands(train.strands),
      leaves_per_strand(train.leaves_per_strand),
      leaf_samples(train.leaf_sequences),
      sample_tokens(train.sequence_length) {}

uint64_t BatchShape::leaf_begin(uint64_t batch_begin, int64_t strand, int64_t leaf) const {
  return batch_begin + static_cast<uint64_t>((strand * leaves_per_strand + leaf) * leaf_samples);
}

void append_sample(const dataset::Sample& sample, int64_t cuts, nn::Leaf& leaf) {
  append(leaf.tokens, sample.tokens);
  append(leaf.targets, sample.targets);
  append(leaf.loss_weights, sample.loss_weights);
  const auto length = static_cast<int32_t>(static_cast<int64_t>(sample.tokens.size()) / cuts);
  for (int32_t cut = 0; cut < static_cast<int32_t>(cuts); ++cut)
    for (int32_t row = 0; row < length; ++row) {
      const int32_t whole = cut * length + row;  // row of the sample
      const int32_t begin = std::max(sample.segment_begin[static_cast<size_t>(whole)] - cut * length, 0);
      leaf.segment_begin.push_back(begin);
      leaf.positions.push_back(std::min(sample.positions[static_cast<size_t>(whole)], row - begin));
    }
}

std::unique_ptr<LeafSource> dataset_leaves(const dataset::Loader& loader, const config::Train& train) {
  return std::make_unique<DatasetLeaves>(loader, train);
}

std::unique_ptr<LeafSource> random_leaves(int64_t vocab_size, const BatchShape& shape) {
  return std::make_unique<RandomLeaves>(vocab_size, shape);
}

}  // namespace aurora::train
