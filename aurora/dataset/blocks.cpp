#include "aurora/dataset/blocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/dataset/packing.h"

namespace aurora::dataset {
namespace {

using format::TokenFile;

// Tells the keys of blocks from others made of the same three numbers.
constexpr uint64_t kDocumentsOfBlock = 0x626c6f636b;  // "block"

struct Range {  // of one document, inside the block
  uint64_t document = 0;
  uint64_t begin = 0;
  uint64_t length = 0;
};

std::vector<Range> documents_between(const TokenFile& file, uint64_t begin, uint64_t end) {
  std::vector<Range> ranges;
  uint64_t document = file.document_of(begin);
  for (uint64_t at = begin; at < end; ++document) {
    const uint64_t border = std::min(file.document_begin(document + 1), end);
    if (border <= at) continue;  // empty
    ranges.push_back({document, at, border - at});
    at = border;
  }
  return ranges;
}

void shuffle(std::vector<Range>& ranges, RandomKey key) {
  for (uint64_t i = ranges.size(); i > 1; --i) std::swap(ranges[i - 1], ranges[random_below(i, key, i)]);
}

uint32_t document_offset(const TokenFile& file, uint64_t document, uint64_t first) {
  if (document - first <= UINT32_MAX) return static_cast<uint32_t>(document - first);
  throw Error(fmt::format("more than {} documents in one block", UINT32_MAX),
              format::token_idx_path(file.prefix()).string(), "take smaller blocks");
}

}  // namespace

size_t BlockLayout::memory_bytes() const {
  return sizeof *this + stretches.capacity() * sizeof(Stretch) + slot_begin.capacity() * sizeof(uint32_t);
}

RandomKey block_key(uint64_t seed, uint64_t identity, uint64_t epoch, uint64_t block) {
  return random_key(seed, Purpose::kOrder, {identity, epoch, block, kDocumentsOfBlock});
}

BlockLayout permuted_block(const TokenFile& file, uint64_t block, const BlockShape& shape, RandomKey key) {
  const auto length = static_cast<uint64_t>(shape.sequence_length);
  const auto windows = static_cast<uint64_t>(shape.block_windows);
  const uint64_t units = file.tokens() / length;
  AURORA_CHECK(block < (units + windows - 1) / windows, "block {} of {} units", block, units);
  const uint64_t slots = std::min(windows, units - block * windows);
  const uint64_t begin = block * windows * length;
  const uint64_t end = block * windows + slots == units ? file.tokens() : begin + slots * length;

  std::vector<Range> ranges = documents_between(file, begin, end);
  BlockLayout layout;
  layout.first_document = ranges.front().document;
  shuffle(ranges, key);
  layout.stretches.reserve(ranges.size() + slots);
  layout.slot_begin.reserve(slots + 1);
  layout.slot_begin.push_back(0);
  uint64_t room = length;  // left in the slot
  for (Range range : ranges) {
    const uint32_t document = document_offset(file, range.document, layout.first_document);
    while (range.length > 0 && layout.slots() < slots) {
      const uint64_t taken = std::min(range.length, room);
      layout.stretches.push_back({range.begin, document, static_cast<uint32_t>(taken)});
      range.begin += taken;
      range.length -= taken;
      room -= taken;
      if (room > 0) continue;
      layout.slot_begin.push_back(static_cast<uint32_t>(layout.stretches.size()));
      room = length;
    }
  }
  layout.stretches.resize(layout.slot_begin.back());  // drops the targets of a slot that is not full
  return layout;
}

BlockLayout packed_block(const TokenFile& file, uint64_t block, const BlockShape& shape) {
  const std::vector<PackedStretch> packed =
      pack_block(file, block, shape.sequence_length, shape.block_windows);
  BlockLayout layout;
  layout.stretches.reserve(packed.size());
  layout.first_document = file.documents();
  for (const PackedStretch& stretch : packed)
    layout.first_document = std::min(layout.first_document, stretch.document);
  for (const PackedStretch& stretch : packed) {
    if (stretch.bin == layout.slot_begin.size())
      layout.slot_begin.push_back(static_cast<uint32_t>(layout.stretches.size()));
    layout.stretches.push_back(
        {stretch.begin, document_offset(file, stretch.document, layout.first_document), stretch.length});
  }
  layout.slot_begin.push_back(static_cast<uint32_t>(layout.stretches.size()));
  return layout;
}

}  // namespace aurora::dataset
