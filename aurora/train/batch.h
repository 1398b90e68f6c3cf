// A global batch and where its leaves come from. Sample numbers (docs/formats/order.md) run through strands,
// then leaves, then sequences, so what a leaf holds depends on the recipe alone.
#pragma once

#include <cstdint>
#include <memory>

#include "aurora/dataset/loader.h"
#include "aurora/nn/leaf.h"
#include "aurora/plan/steps.h"

namespace aurora::train {

// Of one step. In a phase of shorter sequences each sample of a leaf is cut into `cuts` sequences.
struct BatchShape {
  int64_t strands = 1;            // per global batch
  int64_t leaves_per_strand = 1;  //
  int64_t leaf_samples = 1;       // B
  int64_t sample_tokens = 1;      // T
  int64_t cuts = 1;               // m: sequences of T/m tokens per sample

  BatchShape(const config::Train& train, const plan::Phase& phase);
  // Of a run without stages.
  explicit BatchShape(const config::Train& train);
  int64_t sequence_length() const { return sample_tokens / cuts; }
  int64_t samples() const { return strands * leaves_per_strand * leaf_samples; }
  int64_t tokens() const { return samples() * sample_tokens; }
  // Of the batch that begins with sample `batch_begin`: the first sample of one leaf.
  uint64_t leaf_begin(uint64_t batch_begin, int64_t strand, int64_t leaf) const;
};

// Where leaves come from.
class LeafSource {
 public:
  virtual ~LeafSource() = default;
  // Samples first .. first+B-1 as one leaf of B*m sequences. Thread-safe.
  virtual nn::Leaf leaf(uint64_t first_sample, int64_t cuts) = 0;
  // Time spent in leaf() for samples that were not ready, over all threads.
  virtual double waited_s() const { return 0; }
  // A leaf that will be asked for soon; may be ignored.
  virtual void announce(uint64_t first_sample) { static_cast<void>(first_sample); }
};

// Leaves of B = train.leaf_sequences samples from token files, read ahead within train.read_ahead_bytes.
// loader must outlive the source.
std::unique_ptr<LeafSource> dataset_leaves(const dataset::Loader& loader, const config::Train& train);
// Leaves of random tokens, for benchmarks: a function of the sample numbers alone.
std::unique_ptr<LeafSource> random_leaves(int64_t vocab_size, const BatchShape& shape);

// Appends a sample of T rows to a leaf as `cuts` sequences of T/cuts rows: rows see only their own sequence,
// and positions begin anew where one is cut.
void append_sample(const dataset::Sample& sample, int64_t cuts, nn::Leaf& leaf);

}  // namespace aurora::train
