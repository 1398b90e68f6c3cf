// Samples: what a model is shown, read from token files in the order of dataset/order.h. The loader keeps no
// state; the data cursor of a run is the number of samples consumed.
//
// Document borders (document_mask): a row's attention and positions stay inside its document. A document is
// taken to begin with the end-of-document token of the one before it, so that the model learns its first
// token from that token alone, as it will be asked to when it generates:
//   row            0   1   2      3      4   5
//   token          a1  a2  a3     <end>  b1  b2
//   target         a2  a3  <end>  b1     b2  b3
//   segment_begin  0   0   0      3      3   3
//   position       0   1   2      0      1   2
// Where a document ends without that token (files made elsewhere), the next one begins at its own first
// token, and the row before it, whose target would be in another document, gets loss weight 0.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/dataset/order.h"
#include "aurora/format/token_file.h"

namespace aurora::dataset {

struct Source {
  std::string name;
  double weight = 1.0;
  Path prefix;  // PREFIX.bin, PREFIX.idx
};

struct LoaderOptions {
  uint64_t seed = 0;
  int64_t sequence_length = 0;   // T
  int64_t vocab_size = 0;        // V: a token outside [0, V) is an Error
  int32_t end_of_document = -1;  // token id; -1: documents have no such token
  bool document_mask = true;     // false: one segment per sample, whatever borders it holds
};

struct Sample {
  Piece piece;
  std::vector<int32_t> tokens;         // [T]
  std::vector<int32_t> targets;        // [T] the token after each
  std::vector<float> loss_weights;     // [T] 1, or 0 where the target teaches nothing
  std::vector<int32_t> positions;      // [T] from 0 in each segment
  std::vector<int32_t> segment_begin;  // [T] first row that this row may attend to
};

class Loader {
 public:
  // Opens every source. Errors: a missing or damaged file; those of Order.
  Loader(const std::vector<Source>& sources, const LoaderOptions& options);

  // The `number`-th sample of the run. Thread-safe. Error: a token outside the vocabulary, naming file and
  // offset.
  Sample read(uint64_t number) const;

  const Order& order() const { return order_; }
  const LoaderOptions& options() const { return options_; }

 private:
  void mark_documents(const format::TokenFile& file, Sample& sample) const;

  LoaderOptions options_;
  std::vector<format::TokenFile> files_;
  Order order_;
};

}  // namespace aurora::dataset
