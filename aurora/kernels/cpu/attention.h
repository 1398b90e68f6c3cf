// The contract is in kernels/kernels.h.
//
// Both passes go block by block, so that no [T, T] matrix is ever held (FlashAttention, Dao et al. 2022, Dao
// 2023). Forward: the keys and values of every head are packed once, then a tile is kTileQueries rows of one
// query head, which runs through the blocks of kKeyBlock keys in ascending order. A row is on its own: a key
// that it does not see adds an exact zero, so its bits do not depend on what else is in the tile or on T.
// Backward: a tile is one key/value head, which runs through its keys, its query heads and their queries in
// ascending order, so that every sum has one order.
#pragma once

#include "aurora/kernels/cpu/microkernel.h"
#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

void attention_forward(const Stream& stream, const Attention& call);
void attention_backward(const Stream& stream, const AttentionBackward& call);
// The same with a microkernel other than the best one.
void attention_forward_with(const Microkernel& kernel, const Stream& stream, const Attention& call);
void attention_backward_with(const Microkernel& kernel, const Stream& stream, const AttentionBackward& call);

}  // namespace aurora::kernels::cpu
