// One sample as the rows that a model is shown.
//
// Document borders (document_mask): a row's attention and positions stay inside its document. The input of a
// document's first token is the end-of-document token, so that the model learns it from that token alone, as
// it will be asked to when it generates:
//   row            0   1   2      3      4   5
//   token          a1  a2  a3     <end>  b1  b2
//   target         a2  a3  <end>  b1     b2  b3
//   segment_begin  0   0   0      3      3   3
//   position       0   1   2      0      1   2
// In a window of the stored stream (order::SampleOrder::stored_windows) inputs are the stored tokens. Where a
// document there ends without that token (files made elsewhere), the next one begins at its own first token,
// and the row before it, whose target is in another document, gets loss weight 0.
// Elsewhere a document's first token brings the end-of-document token as its input, wherever it lies; when
// the tokenizer has none, its row is a segment of its own with input 0 and loss weight 0.
// Rows behind the last document (packed ones only) are padding: a segment of its own, token and target the
// end-of-document token or 0, loss weight 0.
//
// Without document_mask a sample is one segment with positions 0 .. T-1, whatever borders it holds. Padding
// still has loss weight 0.
#pragma once

#include <cstdint>
#include <vector>

#include "aurora/dataset/token_batch.h"
#include "aurora/order/piece.h"

namespace aurora::dataset {

struct LoaderOptions {
  int64_t vocab_size = 0;        // V: a token outside [0, V) is an Error
  int32_t end_of_document = -1;  // token id; -1: documents have no such token
  bool document_mask = true;     // false: one segment per sample, whatever borders it holds
};

struct Sample {
  std::vector<order::Piece> pieces;    // where it was read
  std::vector<int32_t> tokens;         // [T]
  std::vector<int32_t> targets;        // [T] the token after each
  std::vector<float> loss_weights;     // [T] 1, or 0 where the target teaches nothing
  std::vector<int32_t> positions;      // [T] from 0 in each segment
  std::vector<int32_t> segment_begin;  // [T] first row that this row may attend to

  // Heap bytes.
  size_t memory_bytes() const;
};

// The rows of one sample of a batch.
Sample expand_sample(const TokenBatch& batch, size_t sample, int64_t sequence_length,
                     const LoaderOptions& options);

}  // namespace aurora::dataset
