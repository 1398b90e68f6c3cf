#include "aurora/train/benchmark.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>

#include "aurora/comm/self.h"
#include "aurora/kernels/roof.h"
#include "aurora/plan/shape.h"
#include "aurora/train/loop.h"

namespace aurora::train {
namespace {

config::Train recipe_of(const BenchmarkSettings& settings, const Pool& pool) {
  config::Train train;
  train.steps = settings.steps + 1;
  train.sequence_length = static_cast<int>(settings.sequence_length);
  train.leaf_sequences = 1;
  train.leaves_per_strand = 1;
  train.strands = settings.strands > 0 ? static_cast<int>(settings.strands) : pool.threads();
  train.dtype = settings.dtype;
  train.schedule = "constant";
  return train;
}

int64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace

BenchmarkResult benchmark(const BenchmarkSettings& settings, Pool& pool, Log& log) {
  plan::ModelShape shape = plan::preset(settings.size);
  shape.vocab = settings.vocab;
  const config::Train train = recipe_of(settings, pool);
  const models::Llama model(shape);
  ModelState arrays(model, compute_dtype(train));
  arrays.model().initialise(1, arrays.master(), pool);
  tensor::Arena scratch;
  arrays.refresh({device::Stream::cpu(pool), kernels::kernels_for(device::Kind::kCpu), scratch});

  BenchmarkResult result;
  result.parameters = plan::parameter_count(shape);
  result.tokens_per_step = BatchShape(train).tokens();
  result.gemm_roof_flops_per_s = kernels::measure_gemm_roof(device::Stream::cpu(pool));
  double seconds = 0;
  Hooks hooks;
  hooks.after_step = [&](const TrainState&, const StepMetrics& step) {
    if (step.step > 1) seconds += step.step_s;  // the first one makes the buffers
    result.loss = step.loss;
  };
  std::unique_ptr<comm::Group> group = comm::self_group();
  std::unique_ptr<LeafSource> leaves = random_leaves(shape.vocab, BatchShape(train));
  TrainState state;
  run_loop(
      {train, plan::StepPlan(train), arrays, *leaves, *group, pool, result.gemm_roof_flops_per_s, hooks, log},
      state);

  // What else the machine does changes with time: the better of before and after.
  result.gemm_roof_flops_per_s =
      std::max(result.gemm_roof_flops_per_s, kernels::measure_gemm_roof(device::Stream::cpu(pool)));
  result.step_s = seconds / static_cast<double>(settings.steps);
  result.tokens_per_s = static_cast<double>(result.tokens_per_step) / result.step_s;
  result.flops_per_s = result.tokens_per_s * plan::training_flops_per_token(shape, settings.sequence_length);
  result.peak_rss_bytes = peak_rss_bytes();
  return result;
}

std::string to_json(const BenchmarkSettings& settings, const BenchmarkResult& r) {
  return fmt::format(
      "{{\"size\": \"{}\", \"sequence_length\": {}, \"dtype\": \"{}\", \"parameters\": {}, "
      "\"tokens_per_step\": {}, \"step_s\": {:.4f}, \"tokens_per_s\": {:.2f}, \"flops_per_s\": {:.5g}, "
      "\"gemm_roof_flops_per_s\": {:.5g}, \"share_of_roof\": {:.3f}, \"peak_rss_bytes\": {}, \"loss\": "
      "{:.4f}}}",
      settings.size, settings.sequence_length, settings.dtype, r.parameters, r.tokens_per_step, r.step_s,
      r.tokens_per_s, r.flops_per_s, r.gemm_roof_flops_per_s, r.flops_per_s / r.gemm_roof_flops_per_s,
      r.peak_rss_bytes, r.loss);
}

}  // namespace aurora::train
