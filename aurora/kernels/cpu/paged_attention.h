// The contract is in kernels/paged.h.
//
// A page of one head is what attention_forward would pack of that block of keys: panels of keys as columns
// of Q K^T, then panels of the values' columns, summed over the page's tokens. The query heads that share a
// key/value head go through the microkernel together, as many positions at a time as its rows hold, so that
// a decoded token reads each page once. Int8 pages are turned into such panels on the way.
#pragma once

#include "aurora/kernels/cpu/microkernel.h"
#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

int64_t page_bytes(const PageShape& shape);
void paged_attention(const Stream& stream, const PagedAttention& call);
// The same with a microkernel other than the best one.
int64_t page_bytes_with(const Microkernel& kernel, const PageShape& shape);
void paged_attention_with(const Microkernel& kernel, const Stream& stream, const PagedAttention& call);

}  // namespace aurora::kernels::cpu
