// A few query rows of heads that share their keys, running through blocks of keys: the heart of
// attention_forward and paged_attention, which differ in where the packed panels lie.
#pragma once

#include "aurora/kernels/cpu/attention_softmax.h"
#include "aurora/kernels/cpu/heads.h"
#include "aurora/kernels/cpu/lanes.h"
#include "aurora/kernels/cpu/panels.h"

namespace aurora::kernels::cpu {

// Floats between the rows of AttentionRows::out for head size d.
inline int64_t attention_out_stride(const Microkernel& kernel, int64_t d) {
  return round_up(d, std::max<int64_t>(kernel.columns, kLanes));
}

struct AttentionRows {
  const Microkernel& kernel;
  int rows;                                         // 1 .. kernel.rows
  int64_t d;                                        // head size
  const uint32_t* queries;                          // one packed panel
  float* out;                                       // [kQueryRows, attention_out_stride]
  int64_t first[kQueryRows]{}, last[kQueryRows]{};  // row r sees keys first[r] .. last[r]
  SoftmaxState state{};

  // Before the first block.
  void begin();
  // The keys [key, key + kKeyBlock), as far as a row sees them. keys: panels of keys summed over D; values:
  // panels of D summed over the keys. Blocks in ascending order, from a multiple of kKeyBlock at or before
  // every row's first key; a block that a row sees nothing of changes none of its bits.
  void block(int64_t key, const ColumnPanels& keys, const ColumnPanels& values);

  int64_t first_block() const { return *std::min_element(first, first + rows) / kKeyBlock * kKeyBlock; }
  int64_t keys_end() const { return *std::max_element(last, last + rows) + 1; }
};

}  // namespace aurora::kernels::cpu
