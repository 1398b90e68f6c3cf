// Attention over keys and values in pages, for serving: sequences of any length and phase side by side in one
// call, each with a list of the pages that hold its tokens. Included by kernels.h.
//
// A page is kPageTokens tokens of one layer: keys and values of all its key/value heads, in a form private to
// the backend (on the CPU the microkernel's packed panels, so that decoding streams them), dtype and format.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "aurora/device/view.h"

namespace aurora::kernels {

using device::View;

constexpr int64_t kPageTokens = 128;  // the key block of attention_forward

// kInt8: each key and value of a token and head is rounded to int8 with one f32 scale (page_int8.h), so that
// a page takes about half the bytes. The bits are those of attention_forward over the keys and values so
// rounded (q * scale, as act), the row's own among them; not those of exact pages.
enum class PageFormat : uint8_t { kAct, kInt8 };

// What a page's size follows from.
struct PageShape {
  int64_t kv_heads = 0;   // G
  int64_t head_size = 0;  // D
  device::DType act = device::DType::kBF16;
  PageFormat format = PageFormat::kAct;
};

// Pages of one layer: page p lies at data + p * stride. Their memory need not be initialised.
struct PageStore {
  PageShape shape;
  char* data = nullptr;  // on a cache line's boundary
  int64_t stride = 0;    // bytes, a multiple of 64
};

// The new tokens of one sequence: rows [row, row + rows) of the call, at positions begin, begin + 1 ...
// Positions before `begin` are in the pages already. Position t lives in pages[t / kPageTokens].
struct PagedSequence {
  int64_t row = 0;
  int64_t rows = 0;
  int64_t begin = 0;
  std::span<const int32_t> pages;  // at least as many as hold begin + rows tokens
};

// Stores the keys and values of all rows in their pages, then lets every row attend to the positions
// first_key[r] .. its own. Rows are independent and their bits are those of Kernels::attention_forward,
// however the tokens came in. A page that rows are stored in belongs to one sequence of the call only; pages
// that are only read may be shared. What a page held before is of no consequence.
struct PagedAttention {
  View qkv;           // [R, (H+2G)*D] act: query heads, then keys, then values, keys and queries turned
  View first_key;     // [R] i32, 0 .. the row's own position
  View out;           // [R, H*D] act
  int64_t heads = 0;  // H, a multiple of G
  std::span<const PagedSequence> sequences;  // cover all rows
  PageStore store;
};

}  // namespace aurora::kernels
