#include "aurora/train/batch.h"

#include <vector>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
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
  DatasetLeaves(const dataset::Loader& loader, const BatchShape& shape)
      : sequences_(shape.leaf_sequences), length_(shape.sequence_length), prefetch_(loader) {}

  nn::Leaf leaf(uint64_t first_sample) override {
    nn::Leaf leaf;
    leaf.sequences = sequences_;
    leaf.length = length_;
    for (uint64_t b = 0; b < static_cast<uint64_t>(sequences_); ++b) {
      dataset::Sample sample = prefetch_.take(first_sample + b);
      append(leaf.tokens, sample.tokens);
      append(leaf.targets, sample.targets);
      append(leaf.loss_weights, sample.loss_weights);
      append(leaf.positions, sample.positions);
      append(leaf.segment_begin, sample.segment_begin);
    }
    return leaf;
  }

  void announce(uint64_t first_sample) override {
    std::vector<uint64_t> numbers;
    for (uint64_t b = 0; b < static_cast<uint64_t>(sequences_); ++b) numbers.push_back(first_sample + b);
    prefetch_.announce(numbers);
  }

 private:
  int64_t sequences_;
  int64_t length_;
  dataset::Prefetch prefetch_;
};

class RandomLeaves : public LeafSource {
 public:
  RandomLeaves(int64_t vocab_size, const BatchShape& shape)
      : vocab_size_(static_cast<uint64_t>(vocab_size)),
        sequences_(shape.leaf_sequences),
        length_(shape.sequence_length) {}

  nn::Leaf leaf(uint64_t first_sample) override {
    nn::Leaf leaf;
    leaf.sequences = sequences_;
    leaf.length = length_;
    for (int64_t b = 0; b < sequences_; ++b) {
      RandomKey key = random_key(first_sample + static_cast<uint64_t>(b), Purpose::kTest);
      for (int64_t t = 0; t < length_; ++t) {
        leaf.tokens.push_back(token(t, key));
        leaf.targets.push_back(token(t + 1, key));
        leaf.positions.push_back(static_cast<int32_t>(t));
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
  int64_t sequences_;
  int64_t length_;
};

}  // namespace

BatchShape::BatchShape(const config::Train& train)
    : strands(train.strands),
      leaves_per_strand(train.leaves_per_strand),
      leaf_sequences(train.leaf_sequences),
      sequence_length(train.sequence_length) {}

uint64_t BatchShape::leaf_begin(uint64_t batch_begin, int64_t strand, int64_t leaf) const {
  return batch_begin + static_cast<uint64_t>((strand * leaves_per_strand + leaf) * leaf_sequences);
}

int64_t total_steps(const config::Train& train) {
  if (train.steps > 0) return train.steps;
  const int64_t batch = BatchShape(train).tokens();
  if (train.tokens > 0) return (train.tokens + batch - 1) / batch;
  throw UsageError("the recipe does not say how long to train", "[train]", "set train.steps or train.tokens");
}

std::unique_ptr<LeafSource> dataset_leaves(const dataset::Loader& loader, const BatchShape& shape) {
  return std::make_unique<DatasetLeaves>(loader, shape);
}

std::unique_ptr<LeafSource> random_leaves(int64_t vocab_size, const BatchShape& shape) {
  return std::make_unique<RandomLeaves>(vocab_size, shape);
}

}  // namespace aurora::train
