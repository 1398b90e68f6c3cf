// A global batch and where its leaves come from. Sample numbers (docs/formats/order.md) run through strands,
// then leaves, then sequences, so what a leaf holds depends on the recipe alone.
#pragma once

#include <cstdint>
#include <memory>

#include "aurora/config/recipe.h"
#include "aurora/dataset/loader.h"
#include "aurora/nn/leaf.h"

namespace aurora::train {

struct BatchShape {
  int64_t strands = 1;            // per global batch
  int64_t leaves_per_strand = 1;  //
  int64_t leaf_sequences = 1;     // B
  int64_t sequence_length = 1;    // T

  explicit BatchShape(const config::Train& train);
  int64_t samples() const { return strands * leaves_per_strand * leaf_sequences; }
  int64_t tokens() const { return samples() * sequence_length; }
  // Of the batch that begins with sample `batch_begin`: the first sample of one leaf.
  uint64_t leaf_begin(uint64_t batch_begin, int64_t strand, int64_t leaf) const;
};

// Steps that the recipe asks for: train.steps, or train.tokens rounded up to whole batches.
int64_t total_steps(const config::Train& train);

// Where leaves come from.
class LeafSource {
 public:
  virtual ~LeafSource() = default;
  // Samples first .. first+B-1 as one leaf. Thread-safe.
  virtual nn::Leaf leaf(uint64_t first_sample) = 0;
  // A leaf that will be asked for soon; may be ignored.
  virtual void announce(uint64_t first_sample) { static_cast<void>(first_sample); }
};

// Leaves from token files, read ahead. loader must outlive the source.
std::unique_ptr<LeafSource> dataset_leaves(const dataset::Loader& loader, const BatchShape& shape);
// Leaves of random tokens, for benchmarks: a function of the sample numbers alone.
std::unique_ptr<LeafSource> random_leaves(int64_t vocab_size, const BatchShape& shape);

}  // namespace aurora::train
