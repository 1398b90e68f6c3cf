// The three indices of Megatron's GPTDataset (megatron/core/datasets/gpt_dataset.py, helpers.cpp of
// megatron-core 0.16.1), number for number:
//
//   documents  int32[E*D]: the D sequences of the split E times over, shuffled as one; or E-1 times and then
//              once, where the last epoch stands apart because less than 80 % of it is needed
//   samples    int32 or int64[rows][2]: position in `documents` and offset in that document at which sample j
//              begins; it ends at row j+1, where the next sample's first token is its last
//   shuffle    uint32 or int64[samples]: a permutation, of the samples before the last epoch and of those of
//              it apart where it stands apart
//
// One RandomState serves the shuffles in that order. Megatron calls every sequence of a token file a
// document.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "aurora/base/threads.h"
#include "aurora/megatron/large_array.h"
#include "aurora/megatron/sequence_lengths.h"
#include "aurora/megatron/splits.h"

namespace aurora::megatron {

struct IndexSettings {
  int64_t sequence_length = 0;  // S, >= 2
  uint32_t seed = 1234;
  bool extra_token = true;        // add_extra_token_to_sequence: samples of S+1 tokens
  bool drop_last_partial = true;  // false for valid, if drop_last_partial_validation_sequence is
};

// What is known from counts alone: the shape of the indices.
struct IndexPlan {
  SequenceRange range;  // the split's sequences
  int64_t tokens_per_epoch = 0;
  int64_t epochs = 1;
  bool separate_last_epoch = false;
  int64_t samples_before_last_epoch = 0;  // where separate_last_epoch
  int64_t samples = 0;                    // rows - 1

  uint64_t documents() const { return static_cast<uint64_t>(epochs) * range.size(); }
  bool wide_rows() const { return documents() > INT32_MAX; }
  bool wide_shuffle() const { return samples >= int64_t{UINT32_MAX} - 1; }
  // Entries of the shuffle index (samples, but for Megatron's single-precision count of very many).
  int64_t shuffle_entries() const;
};

// samples: that the dataset must have at least; nothing: one epoch. Error: samples are wanted and the range
// has no token (Megatron would not return); a range beyond int32; Megatron's own assertions.
IndexPlan plan_indices(SequenceRange range, int64_t tokens_per_epoch, std::optional<int64_t> samples,
                       const IndexSettings& settings);

struct Indices {
  LargeArray<int32_t> documents;
  LargeArray<int32_t> samples;       // 2 * rows; one of the two
  LargeArray<int64_t> wide_samples;  //
  LargeArray<uint32_t> shuffle;      // one of the two
  LargeArray<int64_t> wide_shuffle;  //
};

// The same bytes for any pool. Memory beside the result: 8 bytes per entry of `documents`. Error: the case in
// which Megatron's assertion on the rows fails (the last, partial sample ends in an empty document).
Indices build_indices(const SequenceLengths& lengths, const IndexPlan& plan, const IndexSettings& settings,
                      Pool& pool);

}  // namespace aurora::megatron
