#include "aurora/kernels/reference/adamw.h"

#include <cmath>

#include "aurora/kernels/act.h"

namespace aurora::kernels::reference {

void adamw(const Stream&, const AdamW& step) {
  const int64_t count = step.master.elements();
  for (const View& view : {step.master, step.m, step.v, step.gradient})
    check_vector(view, DType::kF32, count);
  for (int64_t i = 0; i < count; ++i) {
    float& w = step.master.as<float>()[i];
    float& m = step.m.as<float>()[i];
    float& v = step.v.as<float>()[i];
    const double g = double{step.gradient.as<float>()[i]} * step.gradient_scale;
    m = static_cast<float>(double{step.beta1} * m + (1 - double{step.beta1}) * g);
    v = static_cast<float>(double{step.beta2} * v + (1 - double{step.beta2}) * g * g);
    const double root = std::sqrt(double{v} / step.bias_correction2);
    const double update = m / double{step.bias_correction1} / (root + step.epsilon);
    w = static_cast<float>(w - step.learning_rate * (update + double{step.weight_decay} * w));
  }
  if (step.compute.empty()) return;
  check_vector(step.compute, step.compute.dtype, count);
  for_act(step.compute.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < count; ++i) step.compute.as<T>()[i] = from_float<T>(step.master.as<float>()[i]);
  });
}

}  // namespace aurora::kernels::reference
