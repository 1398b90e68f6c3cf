#include "aurora/dataset/sample.h"

#include <algorithm>
#include <numeric>

namespace aurora::dataset {
namespace {

template <typename T>
void expand_segment(const Segment& segment, std::span<const T> strip, Sample& sample) {
  const auto input = strip.begin() + segment.at;
  std::copy(input, input + segment.length, sample.tokens.begin() + segment.row);
  std::copy(input + 1, input + 1 + segment.length, sample.targets.begin() + segment.row);
  std::fill_n(sample.loss_weights.begin() + segment.row, segment.taught, 1.0f);
  const auto positions = sample.positions.begin() + segment.row;
  std::iota(positions, positions + segment.length, static_cast<int32_t>(segment.position));
  std::fill_n(sample.segment_begin.begin() + segment.row, segment.length,
              static_cast<int32_t>(segment.row - segment.position));
}

void pad(size_t row, const LoaderOptions& options, Sample& sample) {
  const int32_t token = std::max(options.end_of_document, 0);
  std::fill(sample.tokens.begin() + row, sample.tokens.end(), token);
  std::fill(sample.targets.begin() + row, sample.targets.end(), token);
  const size_t begin = options.document_mask ? row : 0;
  std::fill(sample.segment_begin.begin() + row, sample.segment_begin.end(), static_cast<int32_t>(begin));
  std::iota(sample.positions.begin() + row, sample.positions.end(), static_cast<int32_t>(row - begin));
}

}  // namespace

size_t Sample::memory_bytes() const {
  return pieces.capacity() * sizeof(order::Piece) +
         (tokens.capacity() + targets.capacity() + loss_weights.capacity() + positions.capacity() +
          segment_begin.capacity()) *
             sizeof(int32_t);
}

Sample expand_sample(const TokenBatch& batch, size_t number, int64_t sequence_length,
                     const LoaderOptions& options) {
  const auto length = static_cast<size_t>(sequence_length);
  const std::span<const order::Piece> pieces = batch.pieces(number);
  Sample sample;
  sample.pieces.assign(pieces.begin(), pieces.end());
  sample.tokens.resize(length);
  sample.targets.resize(length);
  sample.loss_weights.resize(length);
  sample.positions.resize(length);
  sample.segment_begin.resize(length);
  size_t rows = 0;
  for (const Segment& segment : batch.segments(number)) {
    if (batch.wide()) {
      expand_segment(segment, batch.tokens32(number), sample);
    } else {
      expand_segment(segment, batch.tokens16(number), sample);
    }
    rows = segment.row + segment.length;
  }
  pad(rows, options, sample);
  return sample;
}

}  // namespace aurora::dataset
