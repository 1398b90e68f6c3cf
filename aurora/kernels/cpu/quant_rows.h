// Rows of A quantised for products with int8 and int4 weights (kernels/packed.h: quantise_group), and laid
// out as the quantised microkernels read them: blocks of kQuantRows rows (the last block may have fewer), in
// a block group after group, in a group of R rows
//   words[8][R] int32: word s of row r holds q[4s .. 4s+3];
//   d[R] f32;
//   bias[R] int32: -zero * (sum of the row's q), where weights are stored `zero` too large.
#pragma once

#include "aurora/kernels/cpu/isa.h"
#include "aurora/kernels/kernels.h"
#include "aurora/kernels/packed.h"

namespace aurora::kernels::cpu {

constexpr int kQuantRows = 6;
constexpr int kGroupWords = kPackGroup / 4;

// Of `rows` rows in a block.
constexpr int64_t quant_group_words(int64_t rows) {
  return (kGroupWords + 2) * rows;
}
// Where the block that starts at `row`, a multiple of kQuantRows, begins: in words.
constexpr int64_t quant_block_offset(int64_t row, int64_t groups) {
  return row * (kGroupWords + 2) * groups;
}

// a [M, K] act, K a multiple of kPackGroup; to: quant_block_offset(M, K / kPackGroup) words.
void quantise_rows(const Stream& stream, const View& a, int zero, int32_t* to, Isa on = isa());

}  // namespace aurora::kernels::cpu
