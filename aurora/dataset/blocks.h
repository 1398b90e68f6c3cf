// The layout of a block of documents (order/order.h, kBlocks and kPacked): which stretches of documents make
// its samples, slot by slot.
//
// kBlocks: the U = floor(N/T) units of a file of N tokens lie in ceil(U/W) blocks. Block b holds the targets
// [b*W*T, (b+1)*W*T); the last one all from b*W*T on, so that no token at the end of the file is left out for
// good. Its documents, cut at its borders, are permuted by a key of (seed, identity of the file, epoch,
// block); slot s is the targets s*T .. s*T + T-1 of what results. Fewer than T targets at the end of the last
// block are left out, others in every epoch.
//
// kPacked: slot s is bin s of packing.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aurora/base/random.h"
#include "aurora/format/token_file.h"

namespace aurora::dataset {

// A stretch of one document.
struct Stretch {
  uint64_t begin = 0;     // first target, in the file's flat stream
  uint32_t document = 0;  // from BlockLayout::first_document
  uint32_t length = 0;
  bool operator==(const Stretch&) const = default;
};

struct BlockLayout {
  uint64_t first_document = 0;
  std::vector<Stretch> stretches;
  std::vector<uint32_t> slot_begin;  // [slots + 1], in stretches

  uint64_t slots() const { return slot_begin.size() - 1; }
  std::span<const Stretch> slot(uint64_t slot) const {
    return std::span(stretches).subspan(slot_begin[slot], slot_begin[slot + 1] - slot_begin[slot]);
  }
  size_t memory_bytes() const;
};

struct BlockShape {
  int64_t sequence_length = 1;  // T
  int64_t block_windows = 1;    // W
};

// Key of the permutation of a block's documents.
RandomKey block_key(uint64_t seed, uint64_t identity, uint64_t epoch, uint64_t block);

BlockLayout permuted_block(const format::TokenFile& file, uint64_t block, const BlockShape& shape,
                           RandomKey key);
BlockLayout packed_block(const format::TokenFile& file, uint64_t block, const BlockShape& shape);

}  // namespace aurora::dataset
