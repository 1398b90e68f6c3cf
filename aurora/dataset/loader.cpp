#include "aurora/dataset/loader.h"

#include <fmt/format.h>

#include <numeric>
#include <utility>

#include "aurora/base/error.h"

namespace aurora::dataset {
namespace {

std::vector<format::TokenFile> open_files(const std::vector<Source>& sources) {
  std::vector<format::TokenFile> files;
  for (const Source& source : sources) files.emplace_back(source.prefix);
  return files;
}

std::vector<CorpusSize> corpus_sizes(const std::vector<Source>& sources,
                                     const std::vector<format::TokenFile>& files) {
  std::vector<CorpusSize> sizes;
  for (size_t i = 0; i < sources.size(); ++i)
    sizes.push_back({sources[i].name, files[i].tokens(), sources[i].weight});
  return sizes;
}

void check_vocabulary(const format::TokenFile& file, const Piece& piece, const std::vector<int32_t>& tokens,
                      int64_t vocab_size) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i] >= 0 && tokens[i] < vocab_size) continue;
    uint64_t offset = (piece.begin + i) * format::token_type_bytes(file.type());
    throw Error(fmt::format("token {} is outside the vocabulary of {}", tokens[i], vocab_size),
                fmt::format("{}@{}", format::token_bin_path(file.prefix()).string(), offset),
                "the tokens were made with another tokenizer than the model's; run the tokenize stage again");
  }
}

// Rows from `row` on belong to a new segment.
void begin_segment(Sample& sample, size_t row) {
  for (size_t r = row; r < sample.tokens.size(); ++r) {
    sample.segment_begin[r] = static_cast<int32_t>(row);
    sample.positions[r] = static_cast<int32_t>(r - row);
  }
}

}  // namespace

Loader::Loader(const std::vector<Source>& sources, const LoaderOptions& options)
    : options_(options),
      files_(open_files(sources)),
      order_(options.seed, options.sequence_length, corpus_sizes(sources, files_)) {}

Sample Loader::read(uint64_t number) const {
  Sample sample;
  sample.piece = order_(number);
  const format::TokenFile& file = files_[sample.piece.corpus];
  const auto length = static_cast<size_t>(options_.sequence_length);

  std::vector<int32_t> window(length + 1);
  file.read(sample.piece.begin, window.size(), window.data());
  check_vocabulary(file, sample.piece, window, options_.vocab_size);

  sample.targets.assign(window.begin() + 1, window.end());
  window.pop_back();
  sample.tokens = std::move(window);
  sample.loss_weights.assign(length, 1.0f);
  sample.segment_begin.assign(length, 0);
  sample.positions.resize(length);
  std::iota(sample.positions.begin(), sample.positions.end(), 0);
  if (options_.document_mask) mark_documents(file, sample);
  return sample;
}

void Loader::mark_documents(const format::TokenFile& file, Sample& sample) const {
  const Piece& piece = sample.piece;
  const uint64_t length = piece.count - 1;
  uint64_t previous = piece.begin;
  for (uint64_t document = file.document_of(piece.begin) + 1; document < file.documents(); ++document) {
    uint64_t begin = file.document_begin(document);
    if (begin > piece.begin + length) break;
    if (begin == previous) continue;  // an empty document came before
    previous = begin;
    uint64_t row = begin - piece.begin;  // 1 .. T: of the document's first token
    if (sample.tokens[row - 1] == options_.end_of_document) {
      begin_segment(sample, row - 1);
    } else {
      sample.loss_weights[row - 1] = 0;
      if (row < length) begin_segment(sample, row);
    }
  }
}

}  // namespace aurora::dataset
