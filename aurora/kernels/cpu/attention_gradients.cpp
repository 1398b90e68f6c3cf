#include "aurora/kernels/cpu/attention_gradients.h"

#include "aurora/kernels/cpu/exp2.h"
#include "aurora/kernels/cpu/isa.h"

namespace aurora::kernels::cpu {
namespace {

template <typename T, bool kMasked>
[[gnu::always_inline]] inline void differentiate(const ScoreGradients& call) {
  for (int row = 0; row < call.rows; ++row) {
    const int at = row * kGradientBlock;
    const float key = static_cast<float>(call.first_key + row);
    // Of the key, counted from the first query.
    const float place = static_cast<float>(call.first_key + row - call.first_query);
    T* probabilities = static_cast<T*>(call.probabilities) + at;
    T* d_scores = static_cast<T*>(call.d_scores) + at;
    for (int c = call.begin; c < call.end; c += kLanes) {
      Lanes t = load(call.scores + at + c) * call.scale - load(call.lse + c);
      if (kMasked) {
        const Lanes before = place - (kLaneNumbers + static_cast<float>(c));
        t = max(before, load(call.segment_begin + c) - key) > 0.0f ? splat(-__builtin_inff()) : t;
      }
      const Lanes p = exp2(t);
      store_result(probabilities + c, p);
      store_result(d_scores + c, p * (load(call.d_probabilities + at + c) - load(call.out_d_out + c)));
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
