#include "aurora/dataset/packing.h"

#include <algorithm>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/dataset/best_fit.h"

namespace aurora::dataset {
namespace {

using format::TokenFile;

// The first document that begins at or behind `token`, empty ones aside.
uint64_t first_document(const TokenFile& file, uint64_t token) {
  if (token >= file.tokens()) return file.documents();
  const uint64_t document = file.document_of(token);
  return file.document_begin(document) == token ? document : document + 1;
}

void append_document(uint64_t document, uint64_t begin, uint64_t end, uint32_t length,
                     std::vector<PackedStretch>& out) {
  for (uint64_t at = begin; at < end; at += length)
    out.push_back({document, at, static_cast<uint32_t>(std::min<uint64_t>(length, end - at)), 0});
}

// Longest first, equal ones as they are: a sort by counting.
void sort_by_length(const std::vector<PackedStretch>& stretches, uint32_t longest,
                    std::vector<uint32_t>& places, std::vector<uint32_t>& order) {
  places.assign(size_t{longest} + 1, 0);
  for (const PackedStretch& stretch : stretches) ++places[longest - stretch.length];
  uint32_t before = 0;
  for (uint32_t& place : places) before += std::exchange(place, before);
  order.resize(stretches.size());
  for (uint32_t i = 0; i < stretches.size(); ++i) order[places[longest - stretches[i].length]++] = i;
}

// Blocks of one file, packed one after another with the same working memory.
class Packer {
 public:
  explicit Packer(int64_t sequence_length)
      : length_(static_cast<uint32_t>(sequence_length)), best_fit_(length_) {}

  std::vector<PackedStretch>& stretches() { return stretches_; }

  // Gives every stretch its bin; returns their number.
  uint32_t pack() {
    AURORA_CHECK(stretches_.size() < UINT32_MAX);
    sort_by_length(stretches_, length_, places_, order_);
    best_fit_.clear();
    for (uint32_t i : order_) stretches_[i].bin = best_fit_.place(stretches_[i].length);
    return best_fit_.bins();
  }

 private:
  uint32_t length_;
  BestFit best_fit_;
  std::vector<PackedStretch> stretches_;
  std::vector<uint32_t> places_;
  std::vector<uint32_t> order_;
};

uint64_t block_tokens(int64_t sequence_length, int64_t block_windows) {
  AURORA_CHECK(sequence_length >= 1 && sequence_length < int64_t{1} << 31, "T = {}", sequence_length);
  AURORA_CHECK(block_windows >= 1 && block_windows < int64_t{1} << 31, "W = {}", block_windows);
  return static_cast<uint64_t>(sequence_length) * static_cast<uint64_t>(block_windows);
}

}  // namespace

std::vector<PackedStretch> pack_block(const TokenFile& file, uint64_t block, int64_t sequence_length,
                                      int64_t block_windows) {
  const uint64_t tokens = block_tokens(sequence_length, block_windows);
  AURORA_CHECK(block <= file.tokens() / tokens, "block {} of {} tokens", block, file.tokens());
  const uint64_t block_end = (block + 1) * tokens;
  Packer packer(sequence_length);
  uint64_t document = first_document(file, block * tokens);
  uint64_t begin = document < file.documents() ? file.document_begin(document) : file.tokens();
  while (document < file.documents() && begin < block_end) {
    const uint64_t end = file.document_begin(document + 1);
    append_document(document, begin, end, static_cast<uint32_t>(sequence_length), packer.stretches());
    ++document;
    begin = end;
  }
  const uint32_t bins = packer.pack();

  // Stretches lie in the order of the file, so that counting by bin keeps them so inside each.
  std::vector<uint32_t> places(size_t{bins} + 1);
  for (const PackedStretch& stretch : packer.stretches()) ++places[stretch.bin + 1];
  for (uint32_t bin = 0; bin < bins; ++bin) places[bin + 1] += places[bin];
  std::vector<PackedStretch> sorted(packer.stretches().size());
  for (const PackedStretch& stretch : packer.stretches()) sorted[places[stretch.bin]++] = stretch;
  return sorted;
}

std::vector<uint32_t> count_bins(const TokenFile& file, int64_t sequence_length, int64_t block_windows) {
  const uint64_t tokens = block_tokens(sequence_length, block_windows);
  std::vector<uint32_t> bins;
  Packer packer(sequence_length);
  const auto finish_block = [&] {
    bins.push_back(packer.pack());
    packer.stretches().clear();
  };
  uint64_t begin = 0;
  for (uint64_t document = 0; document < file.documents(); ++document) {
    const uint64_t end = file.document_begin(document + 1);
    if (begin < end)
      while (begin / tokens > bins.size()) finish_block();
    append_document(document, begin, end, static_cast<uint32_t>(sequence_length), packer.stretches());
    begin = end;
  }
  const uint64_t blocks = (file.tokens() + tokens - 1) / tokens;
  while (bins.size() < blocks) finish_block();
  return bins;
}

}  // namespace aurora::dataset
