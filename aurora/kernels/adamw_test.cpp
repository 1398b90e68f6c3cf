#include "aurora/kernels/testing.h"

namespace aurora::kernels {
namespace {

struct State {
  Array master, m, v, gradient, compute;

  State(int64_t size, DType compute_dtype)
      : master(Array::random(DType::kF32, {size}, 1)),
        m(DType::kF32, {size}),
        v(DType::kF32, {size}),
        gradient(Array::random(DType::kF32, {size}, 2)),
        compute(compute_dtype, {size}) {}

  AdamW step(int number) const {
    AdamW step;
    step.master = master, step.m = m, step.v = v, step.gradient = gradient, step.compute = compute;
    step.learning_rate = 1e-2f, step.beta1 = 0.9f, step.beta2 = 0.95f;
    step.epsilon = 1e-8f, step.weight_decay = 0.1f, step.gradient_scale = 0.5f;
    step.bias_correction1 = 1 - std::pow(step.beta1, static_cast<float>(number));
    step.bias_correction2 = 1 - std::pow(step.beta2, static_cast<float>(number));
    return step;
  }
};

TEST(AdamW, FirstStepMovesByTheLearningRateAgainstTheGradient) {
  State state(2, DType::kF32);
  state.master.set(0, 1), state.master.set(1, -2);
  state.gradient.set(0, 4), state.gradient.set(1, -0.25f);
  for (const Kernels* kernels : {&reference_kernels(), &cpu_kernels()}) {
    State copy(2, DType::kF32);
    copy.master = state.master.clone(), copy.gradient = state.gradient.clone();
    kernels->adamw(serial_stream(), copy.step(1));
    // w - rate * (sign(g) + decay * w)
    EXPECT_NEAR(copy.master.get(0), 1 - 1e-2 * (1 + 0.1), 1e-6) << kernels->name;
    EXPECT_NEAR(copy.master.get(1), -2 - 1e-2 * (-1 - 0.2), 1e-6) << kernels->name;
    EXPECT_EQ(copy.compute.get(1), copy.master.get(1));
  }
}

TEST(AdamW, CpuFollowsReferenceForTenSteps) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    for (int64_t size : {1, 3, 7, 65, 129, 40000}) {
      State cpu(size, dtype), truth(size, dtype);
      for (int number = 1; number <= 10; ++number) {
        cpu_kernels().adamw(serial_stream(), cpu.step(number));
        reference_kernels().adamw(serial_stream(), truth.step(number));
      }
      expect_close(cpu.master, truth.master, 1e-6, 1e-6, "master");
      expect_close(cpu.m, truth.m, 1e-5, 1e-7, "m");
      expect_close(cpu.v, truth.v, 1e-5, 1e-7, "v");
      expect_close(cpu.compute, truth.compute, 1e-6, 1e-6, "compute");
    }
  }
}

TEST(AdamW, BitsDependNeitherOnThreadsNorOnHowTheParametersAreCut) {
  Pool pool(3);
  State a(100001, DType::kBF16), b(100001, DType::kBF16), c(100001, DType::kBF16);
  cpu_kernels().adamw(serial_stream(), a.step(1));
  cpu_kernels().adamw(Stream::cpu(pool), b.step(1));
  for (int64_t begin : {0, 77}) {
    const int64_t count = begin == 0 ? 77 : 100001 - 77;
    AdamW slice = c.step(1);
    for (View* view : {&slice.master, &slice.m, &slice.v, &slice.gradient, &slice.compute})
      *view = view->rows(begin, count);
    cpu_kernels().adamw(serial_stream(), slice);
  }
  for (const State* other : {&b, &c}) {
    EXPECT_TRUE(same_bits(a.master, other->master));
    EXPECT_TRUE(same_bits(a.m, other->m));
    EXPECT_TRUE(same_bits(a.v, other->v));
    EXPECT_TRUE(same_bits(a.compute, other->compute));
  }
}

TEST(AdamW, WorksWithoutAComputeCopy) {
  State a(100, DType::kBF16), b(100, DType::kBF16);
  AdamW without = b.step(1);
  without.compute = View{};
  cpu_kernels().adamw(serial_stream(), a.step(1));
  cpu_kernels().adamw(serial_stream(), without);
  EXPECT_TRUE(same_bits(a.master, b.master));
  EXPECT_EQ(b.compute.get(3), 0);
}

}  // namespace
}  // namespace aurora::kernels
