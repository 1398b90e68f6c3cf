// oneDNN's matmul on the shapes of gemm_shapes.h, to be read beside ours.
#include <benchmark/benchmark.h>
#include <omp.h>

#include <dnnl.hpp>

#include "bench/gemm_shapes.h"

namespace aurora::bench {
namespace {

dnnl::memory matrix(const dnnl::engine& engine, const device::View& view, bool transposed) {
  using dnnl::memory;
  const auto type = view.dtype == device::DType::kBF16 ? memory::data_type::bf16 : memory::data_type::f32;
  const memory::dims shape = {view.dim(transposed ? 1 : 0), view.dim(transposed ? 0 : 1)};
  const memory::dims strides = {transposed ? 1 : view.stride(0), transposed ? view.stride(0) : 1};
  return memory({shape, type, strides}, engine, view.data);
}

void onednn(benchmark::State& state, const GemmShape& shape) {
  omp_set_num_threads(threads());
  const GemmData data(shape);
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  dnnl::stream stream(engine);
  dnnl::memory a = matrix(engine, data.call.a, data.call.transpose_a);
  dnnl::memory b = matrix(engine, data.call.b, data.call.transpose_b);
  dnnl::memory c = matrix(engine, data.call.c, false);
  dnnl::primitive_attr attributes;
  if (shape.accumulate) {
    dnnl::post_ops add;
    add.append_sum();
    attributes.set_post_ops(add);
  }
  const dnnl::matmul::desc desc(a.get_desc(), b.get_desc(), c.get_desc());
  const dnnl::matmul product(dnnl::matmul::primitive_desc(desc, attributes, engine));
  for (auto _ : state) {
    product.execute(stream, {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
    stream.wait();
  }
  state.counters["GFLOP/s"] = benchmark::Counter(
      shape.flops() * 1e-9 * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

const bool registered = [] {
  for (const GemmShape& shape : kGemmShapes)
    benchmark::RegisterBenchmark((std::string("onednn/") + shape.name).c_str(),
                                 [&shape](benchmark::State& state) { onednn(state, shape); })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
  return true;
}();

}  // namespace
}  // namespace aurora::bench
