#include "aurora/kernels/reference/rope.h"

#include <cmath>

#include "aurora/kernels/act.h"

namespace aurora::kernels::reference {

void rope(const Stream&, const Rope& call) {
  const View& x = call.x;
  AURORA_CHECK(x.rank == 3 && x.dim(2) % 2 == 0, "rope wants [R, heads, D] with an even D");
  const int64_t rows = x.dim(0), heads = x.dim(1), size = x.dim(2), half = size / 2;
  check_vector(call.positions, DType::kI32, rows);
  AURORA_CHECK_EQ(static_cast<int64_t>(call.frequencies.size()), half);
  for_act(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t i = 0; i < half; ++i) {
        const double angle = call.positions.as<int32_t>()[r] * call.frequencies[static_cast<size_t>(i)];
        const double cosine = std::cos(angle), sine = call.inverse ? -std::sin(angle) : std::sin(angle);
        for (int64_t h = 0; h < heads; ++h) {
          T* head = row<T>(x, r) + h * x.stride(1);
          const double a = to_float(head[i]), b = to_float(head[i + half]);
          head[i] = from_float<T>(static_cast<float>(a * cosine - b * sine));
          head[i + half] = from_float<T>(static_cast<float>(b * cosine + a * sine));
        }
      }
    }
  });
}

}  // namespace aurora::kernels::reference
