// Documents packed whole (order/order.h, kPacked; Ding et al. 2024, "Fewer Truncations Improve Language
// Modeling").
//
// Block b of a file is the documents whose first token lies in [b*W*T, (b+1)*W*T); the first block also has
// what lies before. A document of more than T tokens is cut into stretches of T and a rest; stretches and
// rests are placed, longest first (equal ones in the order of the file), each in the bin with the least room
// that takes it (equal ones: the oldest). Pure arithmetic on lengths: the same on every machine. Empty
// documents are left out.
#pragma once

#include <cstdint>
#include <vector>

#include "aurora/format/token_file.h"

namespace aurora::dataset {

struct PackedStretch {
  uint64_t document = 0;
  uint64_t begin = 0;   // in the file's flat stream
  uint32_t length = 0;  // 1 .. T
  uint32_t bin = 0;     // 0 .. bins-1, in the order in which bins were opened
};

// The stretches of one block, sorted by bin, then begin.
std::vector<PackedStretch> pack_block(const format::TokenFile& file, uint64_t block, int64_t sequence_length,
                                      int64_t block_windows);
// Bins of each block; reads the whole .idx once.
std::vector<uint32_t> count_bins(const format::TokenFile& file, int64_t sequence_length,
                                 int64_t block_windows);

}  // namespace aurora::dataset
