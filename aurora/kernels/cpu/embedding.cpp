#include "aurora/kernels/cpu/embedding.h"

#include <cstring>

#include "aurora/kernels/cpu/isa.h"
#include "aurora/kernels/cpu/lanes.h"
#include "aurora/kernels/cpu/tiles.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int64_t kColumnTile = 128;

void check_tokens(const View& tokens, int64_t vocabulary) {
  check_vector(tokens, DType::kI32, tokens.elements());
  const int32_t* token = tokens.as<int32_t>();
  for (int64_t r = 0; r < tokens.elements(); ++r)
    AURORA_CHECK(token[r] >= 0 && token[r] < vocabulary, "token {} of {}", token[r], vocabulary);
}

// Columns [begin, end) of all rows, in order.
template <typename T>
[[gnu::always_inline]] inline void add_columns(const View& d_out, const View& tokens, const View& d_table,
                                               int64_t begin, int64_t end) {
  const int32_t* token = tokens.as<int32_t>();
  const T* d = d_out.as<T>() + begin;
  float* table = d_table.as<float>() + begin;
  const int64_t rows = d_out.dim(0), from_stride = d_out.stride(0), to_stride = d_table.stride(0);
  for (int64_t r = 0; r < rows; ++r) {
    const T* from = d + r * from_stride;
    float* to = table + token[r] * to_stride;
    for_lanes(
        end - begin, [&](int64_t i, auto count) __attribute__((always_inline)) {
          store(to + i, load(to + i, count) + load(from + i, count), count);
        });
  }
}

}  // namespace

void embedding_forward(const Stream& stream, View table, View tokens, View out) {
  const int64_t rows = tokens.elements(), width = table.dim(1);
  check_matrix(table, out.dtype, table.dim(0), width);
  check_matrix(out, out.dtype, rows, width);
  check_tokens(tokens, table.dim(0));
  const int32_t* token = tokens.as<int32_t>();
  const int64_t element = static_cast<int64_t>(device::dtype_size(out.dtype));
  for_tiles(stream, rows, rows_per_tile(width), [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r)
      std::memcpy(static_cast<char*>(out.data) + r * out.stride(0) * element,
                  static_cast<const char*>(table.data) + token[r] * table.stride(0) * element,
                  static_cast<size_t>(width * element));
  });
}

void embedding_backward(const Stream& stream, View d_out, View tokens, View d_table) {
  const int64_t width = d_table.dim(1);
  check_matrix(d_table, DType::kF32, d_table.dim(0), width);
  check_matrix(d_out, d_out.dtype, tokens.elements(), width);
  check_tokens(tokens, d_table.dim(0));
  // A token may come twice, so threads share columns, not rows.
  for_tiles(stream, width, kColumnTile, [&](int64_t begin, int64_t end) {
    for_act(d_out.dtype, [&](auto zero) {
      run([&]() __attribute__((always_inline)) {
        add_columns<decltype(zero)>(d_out, tokens, d_table, begin, end);
      });
    });
  });
}

}  // namespace aurora::kernels::cpu
