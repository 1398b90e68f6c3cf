#include "aurora/dataset/token_batch.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace aurora::dataset {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

void TokenBatch::Free::operator()(std::byte* memory) const {
  std::free(memory);
}

TokenBatch::TokenBatch(size_t samples, int64_t sequence_length, int64_t vocab_size) {
  // Where every row is a document of its own, each target brings its input.
  const size_t strip_tokens = 2 * static_cast<size_t>(sequence_length);
  reserve(samples * ((strip_tokens * (wide(vocab_size) ? 4 : 2) + 63) / 64 * 64));
  samples_.reserve(samples);
}

std::span<const Segment> TokenBatch::segments(size_t sample) const {
  return std::span(segments_).subspan(samples_[sample].first_segment, samples_[sample].segments);
}

std::span<const order::Piece> TokenBatch::pieces(size_t sample) const {
  return std::span(pieces_).subspan(samples_[sample].first_piece, samples_[sample].pieces);
}

void TokenBatch::clear(bool wide) {
  wide_ = wide;
  samples_.clear();
  segments_.clear();
  pieces_.clear();
  runs_.clear();
}

void TokenBatch::reserve(size_t bytes) {
  if (bytes <= capacity_) return;
  bytes = std::max(bytes, capacity_ + capacity_ / 2);
  const size_t page = bytes >= kHugePage ? kHugePage : kPage;
  bytes = (bytes + page - 1) / page * page;
  memory_.reset();  // what it held is not needed
  capacity_ = 0;
  memory_.reset(static_cast<std::byte*>(std::aligned_alloc(page, bytes)));
  if (!memory_) throw std::bad_alloc();
  capacity_ = bytes;
  if (page == kHugePage) static_cast<void>(::madvise(memory_.get(), bytes, MADV_HUGEPAGE));
}

}  // namespace aurora::dataset
