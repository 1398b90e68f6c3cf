#include "aurora/dataset/loader.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/dataset/batch_filler.h"

namespace aurora::dataset {

Loader::Loader(std::shared_ptr<const TokenFiles> files, std::shared_ptr<const order::SampleOrder> order,
               const LoaderOptions& options)
    : files_(std::move(files)), order_(std::move(order)), options_(options) {
  AURORA_CHECK(options.vocab_size >= 1 && options.vocab_size <= int64_t{1} << 31);
  if (options.end_of_document >= options.vocab_size)
    throw Error(fmt::format("the end-of-document token {} is outside the vocabulary of {}",
                            options.end_of_document, options.vocab_size),
                "", "take the tokenizer with which the tokens were made");
}

Sample Loader::read(uint64_t number) const {
  TokenBatch batch;
  read_batch(std::span(&number, 1), batch);
  return expand_sample(batch, 0, sequence_length(), options_);
}

void Loader::read_batch(std::span<const uint64_t> numbers, TokenBatch& batch) const {
  BatchFiller(*files_, *order_, options_, batch).fill(numbers);
}

void Loader::will_need(uint64_t number) const {
  std::vector<order::Piece> pieces;
  order_->pieces(number, pieces);
  for (const order::Piece& piece : pieces)
    files_->open(piece.file).will_need(piece.begin - (piece.begin > 0 ? 1 : 0), uint64_t{piece.length} + 1);
}

}  // namespace aurora::dataset
