// Fills a TokenBatch: first says for all samples which stored tokens go where, then copies them, fetching the
// next while one is copied, then looks at borders while the tokens are near.
#pragma once

#include <cstdint>
#include <span>

#include "aurora/dataset/sample.h"
#include "aurora/dataset/token_batch.h"
#include "aurora/dataset/token_files.h"
#include "aurora/order/piece.h"

namespace aurora::dataset {

class BatchFiller {
 public:
  BatchFiller(const TokenFiles& files, const order::SampleOrder& order, const LoaderOptions& options,
              TokenBatch& batch);

  // Errors: those of the order and of the files; a token outside the vocabulary, naming file and offset.
  void fill(std::span<const uint64_t> numbers);

 private:
  using Run = TokenBatch::Run;

  void plan(size_t end);
  size_t plan_pieces(std::span<const order::Piece> pieces);
  void add_run(const order::Piece& piece, uint64_t begin, uint64_t tokens, size_t byte);
  void fetch(const Run& run);
  void fetch_from(const OpenTokenFile& file, const Run& run);
  void check_vocabulary(const format::TokenFile& file, const Run& run, const int32_t* wide) const;

  template <typename T>
  void mark(size_t sample);
  template <typename T>
  void mark_window(const TokenBatch::Ranges& sample, const T* strip);
  template <typename T>
  void mark_piece(const order::Piece& piece, uint32_t row, uint32_t at, T* strip);
  bool begins_document(const order::Piece& piece) const;
  void add_segment(const Segment& segment);

  const TokenFiles& files_;
  const order::SampleOrder& order_;
  const LoaderOptions& options_;
  TokenBatch& batch_;
  const uint32_t length_;  // T
  const bool windows_;
  const size_t width_;  // of a token in the batch
  size_t bytes_ = 0;    // planned
};

}  // namespace aurora::dataset
