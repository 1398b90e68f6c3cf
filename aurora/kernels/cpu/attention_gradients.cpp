#include "aurora/kernels/cpu/attention_gradients.h"

#include "aurora/kernels/cpu/exp2.h"
#include "aurora/kernels/cpu/isa.h"

namespace aurora::kernels::cpu {
namespace {

[[gnu::always_inline]] inline LanesI32 load_i32(const int32_t* from) {
  LanesI32 lanes;
  std::memcpy(&lanes, from, sizeof lanes);
  return lanes;
}

template <typename T, bool kMasked>
[[gnu::always_inline]] inline void differentiate(const ScoreGradients& call) {
  for (int row = 0; row < call.rows; ++row) {
    const int at = row * kGradientBlock;
    const int32_t key = call.first_key + row;
    T* probabilities = static_cast<T*>(call.probabilities) + at;
    T* d_scores = static_cast<T*>(call.d_scores) + at;
    for (int c = call.begin; c < call.end; c += kLanes) {
      Lanes p = exp2(load(call.scores + at + c) * call.scale - load(call.lse + c));
      if (kMasked) {
        const LanesI32 lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
        p = lane + (call.first_query + c) < key ? Lanes{} : p;
        p = load_i32(call.segment_begin + c) > key ? Lanes{} : p;
      }
      store(probabilities + c, p);
      store(d_scores + c, p * (load(call.d_probabilities + at + c) - load(call.out_d_out + c)));
    }
  }
}

template <typename T>
[[gnu::always_inline]] inline void multiply(const OutProducts& call) {
  for (int64_t i = 0; i < call.rows; ++i) {
    const T* out = static_cast<const T*>(call.out) + i * call.out_stride;
    const T* d_out = static_cast<const T*>(call.d_out) + i * call.d_out_stride;
    Lanes sums{};
    for_lanes(call.d, [&](int64_t x, auto count)
                          [[gnu::always_inline]] { sums += load(out + x, count) * load(d_out + x, count); });
    call.out_d_out[i] = sum(sums);
  }
}

template <typename T>
[[gnu::always_inline]] inline void write(const ScaledRows& call) {
  for (int64_t i = 0; i < call.rows; ++i) {
    const float* from = call.from + i * call.from_stride;
    T* to = static_cast<T*>(call.to) + i * call.to_stride;
    for_lanes(call.d, [&](int64_t x, auto count) [[gnu::always_inline]] {
      store(to + x, load(from + x, count) * call.factor, count);
    });
  }
}

}  // namespace

void differentiate_scores(const ScoreGradients& call) {
  const bool bf16_out = call.dtype == DType::kBF16;
  if (bf16_out && call.masked)
    run([&] [[gnu::always_inline]] { differentiate<bf16, true>(call); });
  else if (bf16_out)
    run([&] [[gnu::always_inline]] { differentiate<bf16, false>(call); });
  else
    run([&] [[gnu::always_inline]] { differentiate<float, true>(call); });
}

void multiply_out(const OutProducts& call) {
  if (call.dtype == DType::kBF16)
    run([&] [[gnu::always_inline]] { multiply<bf16>(call); });
  else
    run([&] [[gnu::always_inline]] { multiply<float>(call); });
}

void write_scaled(const ScaledRows& call) {
  if (call.dtype == DType::kBF16)
    run([&] [[gnu::always_inline]] { write<bf16>(call); });
  else
    run([&] [[gnu::always_inline]] { write<float>(call); });
}

}  // namespace aurora::kernels::cpu
