#include "aurora/kernels/cpu/rope.h"

#include <algorithm>
#include <vector>

#include "aurora/kernels/cpu/isa.h"
#include "aurora/kernels/cpu/lanes.h"
#include "aurora/kernels/cpu/tiles.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int64_t kWide = 8;
using Doubles = double __attribute__((vector_size(64)));
using Floats = float __attribute__((vector_size(32)));
using Longs = int64_t __attribute__((vector_size(64)));

// Sine and cosine of |angle| <= 2^20, absolute error below 1e-12 before they are rounded to floats (beyond,
// it grows with the square of the angle). Reduced to |f| <= pi/4 by pi/2 in two parts, of which the first has
// 33 bits, so that n times it is exact; then the Taylor polynomials of degree 13 and 14.
[[gnu::always_inline]] inline void sine_cosine(Doubles angle, Floats* sine, Floats* cosine) {
  constexpr double kRound = 0x1.8p52;
  const Doubles shifted = angle * 0x1.45f306dc9c883p-1 + kRound;  // 2 / pi
  const Doubles n = shifted - kRound;
  const Doubles f = (angle - n * 0x1.921fb544p0) - n * 0x1.0b4611a626331p-34;
  const Longs quadrant = reinterpret_cast<Longs>(shifted);
  const Doubles f2 = f * f;
  Doubles s = Doubles{} + 1.0 / 6227020800;
  s = s * f2 - 1.0 / 39916800;
  s = s * f2 + 1.0 / 362880;
  s = s * f2 - 1.0 / 5040;
  s = s * f2 + 1.0 / 120;
  s = s * f2 - 1.0 / 6;
  s = s * f2 * f + f;
  Doubles c = Doubles{} - 1.0 / 87178291200;
  c = c * f2 + 1.0 / 479001600;
  c = c * f2 - 1.0 / 3628800;
  c = c * f2 + 1.0 / 40320;
  c = c * f2 - 1.0 / 720;
  c = c * f2 + 1.0 / 24;
  c = c * f2 - 0.5;
  c = c * f2 + 1.0;
  const Longs odd = -(quadrant & 1);  // all ones where sine and cosine change places
  const Doubles sin_part = odd ? c : s, cos_part = odd ? s : c;
  *sine = __builtin_convertvector((quadrant & 2) != 0 ? -sin_part : sin_part, Floats);
  *cosine = __builtin_convertvector(((quadrant + 1) & 2) != 0 ? -cos_part : cos_part, Floats);
}

struct Turn {
  View x;                     // [R, heads, D]
  const int32_t* positions;   // [R]
  const double* frequencies;  // [D/2], padded with zeros to a multiple of 8
  bool inverse;
};

// Turns rows [begin, end). `table` has room for two times D/2 floats, each rounded up to a multiple of 8.
template <typename T>
[[gnu::always_inline]] inline void turn_rows(const Turn& call, float* table, int64_t begin, int64_t end) {
  const int64_t heads = call.x.dim(1), half = call.x.dim(2) / 2;
  const int64_t padded = (half + kWide - 1) / kWide * kWide, head_stride = call.x.stride(1);
  float *cosines = table, *sines = table + padded;
  for (int64_t r = begin; r < end; ++r) {
    const double position = call.positions[r];
    for (int64_t i = 0; i < padded; i += kWide) {
      Doubles frequency;
      std::memcpy(&frequency, call.frequencies + i, sizeof frequency);
      Floats sine, cosine;
      sine_cosine(frequency * position, &sine, &cosine);
      if (call.inverse) sine = -sine;
      std::memcpy(cosines + i, &cosine, sizeof cosine);
      std::memcpy(sines + i, &sine, sizeof sine);
    }
    T* first = call.x.as<T>() + r * call.x.stride(0);
    for (int64_t h = 0; h < heads; ++h) {
      T* head = first + h * head_stride;
      for_lanes(
          half, [&](int64_t i, auto count) __attribute__((always_inline)) {
            const Lanes a = load(head + i, count), b = load(head + half + i, count);
            const Lanes c = load(cosines + i, count), s = load(sines + i, count);
            store(head + i, a * c - b * s, count);
            store(head + half + i, b * c + a * s, count);
          });
    }
  }
}

}  // namespace

void rope(const Stream& stream, const Rope& rope) {
  const View& x = rope.x;
  AURORA_CHECK(x.rank == 3 && x.dim(2) % 2 == 0 && x.stride(2) == 1, "rope wants [R, heads, D], D even");
  const int64_t rows = x.dim(0), size = x.dim(2), half = size / 2;
  check_vector(rope.positions, DType::kI32, rows);
  AURORA_CHECK_EQ(static_cast<int64_t>(rope.frequencies.size()), half);
  const int64_t padded = (half + kWide - 1) / kWide * kWide;
  std::vector<double> frequencies(static_cast<size_t>(padded), 0.0);
  std::copy(rope.frequencies.begin(), rope.frequencies.end(), frequencies.begin());
  const Turn call{x, rope.positions.as<int32_t>(), frequencies.data(), rope.inverse};
  for_tiles(stream, rows, rows_per_tile(x.dim(1) * size), [&](int64_t begin, int64_t end) {
    std::vector<float> table(static_cast<size_t>(2 * padded));
    for_act(x.dtype, [&](auto zero) {
      run([&]()
              __attribute__((always_inline)) { turn_rows<decltype(zero)>(call, table.data(), begin, end); });
    });
  });
}

}  // namespace aurora::kernels::cpu
