// Speed of the CPU kernels in GFLOP/s, and as a share of the GEMM ceiling measured when the program starts.
//   kernels_bench [--threads=N] [Google Benchmark's flags, e.g. --benchmark_filter=gemm]
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "aurora/kernels/roof.h"
#include "bench/gemm_shapes.h"

namespace aurora::bench {
namespace {

using device::bf16;
using device::DType;
using device::Stream;
using device::View;

int thread_count = 0;
double roof_flops_per_s = 0;

Pool& pool() {
  static Pool pool(thread_count);
  return pool;
}

void report(benchmark::State& state, double flops) {
  const double per_s = flops * static_cast<double>(state.iterations());
  state.counters["GFLOP/s"] = benchmark::Counter(per_s * 1e-9, benchmark::Counter::kIsRate);
  state.counters["of_roof"] = benchmark::Counter(per_s / roof_flops_per_s, benchmark::Counter::kIsRate);
}

std::vector<bf16> numbers(int64_t count, float size) {
  std::vector<bf16> all(count);
  for (int64_t i = 0; i < count; ++i) all[i] = bf16(size * (static_cast<float>(i * 7 % 17) / 8 - 1));
  return all;
}

void gemm(benchmark::State& state, const GemmShape& shape) {
  const GemmData data(shape);
  for (auto _ : state) kernels::cpu_kernels().gemm(Stream::cpu(pool()), data.call);
  report(state, shape.flops());
}

struct AttentionShape {
  int64_t t, h, g, d;
};

// Counted as causal: half of T x T.
void attention(benchmark::State& state, const AttentionShape& s, bool backward) {
  std::vector<bf16> q = numbers(s.t * s.h * s.d, 1), k = numbers(s.t * s.g * s.d, 1), v = k, d_out = q;
  std::vector<bf16> out(q.size()), d_q(q.size()), d_k(k.size()), d_v(k.size());
  std::vector<float> lse(s.h * s.t);
  std::vector<int32_t> segment_begin(s.t);
  const auto heads = [&](std::vector<bf16>& data, int64_t count) {
    return View::contiguous(data.data(), DType::kBF16, {1, s.t, count, s.d});
  };
  const kernels::Attention forward{
      heads(q, s.h),   heads(k, s.g),
      heads(v, s.g),   View::contiguous(segment_begin.data(), DType::kI32, {1, s.t}),
      heads(out, s.h), View::contiguous(lse.data(), DType::kF32, {1, s.h, s.t})};
  const kernels::AttentionBackward call{forward, heads(d_out, s.h), heads(d_q, s.h), heads(d_k, s.g),
                                        heads(d_v, s.g)};
  const kernels::Kernels& cpu = kernels::cpu_kernels();
  cpu.attention_forward(Stream::cpu(pool()), forward);
  for (auto _ : state) {
    if (backward)
      cpu.attention_backward(Stream::cpu(pool()), call);
    else
      cpu.attention_forward(Stream::cpu(pool()), forward);
  }
  report(state, static_cast<double>((backward ? 5 : 2) * s.t * s.t * s.h * s.d));
}

struct ClassifierShape {
  int64_t r, c, v;
};

void classifier(benchmark::State& state, const ClassifierShape& s, bool gradient) {
  std::vector<bf16> x = numbers(s.r * s.c, 1), weight = numbers(s.v * s.c, 0.05f), d_x(x.size());
  std::vector<float> loss_weights(s.r, 1.0f), nll(s.r), d_weight(gradient ? s.v * s.c : 0);
  std::vector<int32_t> targets(s.r);
  for (int64_t i = 0; i < s.r; ++i) targets[i] = static_cast<int32_t>(i * 7919 % s.v);
  kernels::Classifier call{View::contiguous(x.data(), DType::kBF16, {s.r, s.c}),
                           View::contiguous(weight.data(), DType::kBF16, {s.v, s.c}),
                           View::contiguous(targets.data(), DType::kI32, {s.r}),
                           View::contiguous(loss_weights.data(), DType::kF32, {s.r}),
                           View::contiguous(nll.data(), DType::kF32, {s.r}),
                           View{},
                           View{}};
  if (gradient) {
    call.d_x = View::contiguous(d_x.data(), DType::kBF16, {s.r, s.c});
    call.d_weight = View::contiguous(d_weight.data(), DType::kF32, {s.v, s.c});
  }
  for (auto _ : state) kernels::cpu_kernels().classifier(Stream::cpu(pool()), call);
  report(state, static_cast<double>((gradient ? 6 : 2) * s.r * s.c * s.v));
}

template <typename Run>
void add(const std::string& name, const Run& run) {
  benchmark::RegisterBenchmark(name.c_str(), run)->UseRealTime()->Unit(benchmark::kMillisecond);
}

void add_all() {
  for (const GemmShape& shape : kGemmShapes)
    add(fmt::format("gemm/{}", shape.name), [&shape](benchmark::State& state) { gemm(state, shape); });
  for (const AttentionShape& s : {AttentionShape{1024, 12, 12, 64}, {1024, 12, 4, 64}, {1024, 6, 6, 32}}) {
    for (bool backward : {false, true})
      add(fmt::format("attention_{}/T{}_H{}_G{}_D{}", backward ? "backward" : "forward", s.t, s.h, s.g, s.d),
          [=](benchmark::State& state) { attention(state, s, backward); });
  }
  for (const ClassifierShape& s : {ClassifierShape{1024, 768, 50304}, {1024, 256, 8192}}) {
    for (bool gradient : {false, true})
      add(fmt::format("classifier_{}/R{}_C{}_V{}", gradient ? "with_gradient" : "loss", s.r, s.c, s.v),
          [=](benchmark::State& state) { classifier(state, s, gradient); });
  }
}

}  // namespace

int threads() {
  return pool().threads();
}

}  // namespace aurora::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    if (flag.rfind("--threads=", 0) == 0) aurora::bench::thread_count = std::atoi(argv[i] + 10);
  }
  aurora::bench::roof_flops_per_s =
      aurora::kernels::measure_gemm_roof(aurora::device::Stream::cpu(aurora::bench::pool()));
  benchmark::AddCustomContext("threads", std::to_string(aurora::bench::threads()));
  benchmark::AddCustomContext("gemm_roof_gflops",
                              fmt::format("{:.0f}", aurora::bench::roof_flops_per_s * 1e-9));
  aurora::bench::add_all();
  benchmark::RunSpecifiedBenchmarks();
}
