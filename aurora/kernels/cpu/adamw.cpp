#include "aurora/kernels/cpu/adamw.h"

#include "aurora/kernels/cpu/isa.h"
#include "aurora/kernels/cpu/lanes.h"
#include "aurora/kernels/cpu/tiles.h"

namespace aurora::kernels::cpu {
namespace {

// Bound by memory: 16 bytes read and 12 (+ 2 or 4 of the compute copy) written per element.
constexpr int64_t kTile = 32768;

// The per-lane loop is vectorised (-fno-math-errno).
[[gnu::always_inline]] inline Lanes sqrt(Lanes x) {
  float part[kLanes];
  std::memcpy(part, &x, sizeof part);
  for (float& value : part) value = __builtin_sqrtf(value);
  std::memcpy(&x, part, sizeof part);
  return x;
}

struct Pointers {
  float *master, *m, *v;
  const float* gradient;
};

template <typename Compute>
[[gnu::always_inline]] inline void update(const AdamW& step, const Pointers& at, Compute* compute,
                                          int64_t size) {
  const Pointers p = at;
  const float scale = step.gradient_scale, beta1 = step.beta1, beta2 = step.beta2;
  const float rest1 = 1.0f - beta1, rest2 = 1.0f - beta2;
  const float rate = step.learning_rate / step.bias_correction1;
  const float correction2 = 1.0f / step.bias_correction2;
  const float epsilon = step.epsilon, decay = step.learning_rate * step.weight_decay;
  for_lanes(
      size, [&](int64_t i, auto count) __attribute__((always_inline)) {
        const Lanes g = load(p.gradient + i, count) * scale;
        const Lanes m = beta1 * load(p.m + i, count) + rest1 * g;
        const Lanes v = beta2 * load(p.v + i, count) + rest2 * (g * g);
        const Lanes w = load(p.master + i, count);
        const Lanes next = w - (rate * m / (sqrt(v * correction2) + epsilon) + decay * w);
        store(p.m + i, m, count);
        store(p.v + i, v, count);
        store(p.master + i, next, count);
        if (compute != nullptr) store(compute + i, next, count);
      });
}

}  // namespace

void adamw(const Stream& stream, const AdamW& step) {
  const int64_t size = step.master.elements();
  for (const View& view : {step.master, step.m, step.v, step.gradient}) check_vector(view, DType::kF32, size);
  if (!step.compute.empty()) check_vector(step.compute, step.compute.dtype, size);
  const Pointers all{step.master.as<float>(), step.m.as<float>(), step.v.as<float>(),
                     step.gradient.as<float>()};
  for_tiles(stream, size, kTile, [&](int64_t begin, int64_t end) {
    const Pointers at{all.master + begin, all.m + begin, all.v + begin, all.gradient + begin};
    for_act(step.compute.dtype, [&](auto zero) {
      using T = decltype(zero);
      T* compute = step.compute.empty() ? nullptr : step.compute.as<T>() + begin;
      run([&]() __attribute__((always_inline)) { update(step, at, compute, end - begin); });
    });
  });
}

}  // namespace aurora::kernels::cpu
