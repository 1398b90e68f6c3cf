#include "aurora/train/loop.h"

#include <fmt/format.h>

#include <chrono>

#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/base/progress.h"
#include "aurora/optim/clip.h"
#include "aurora/optim/schedule.h"
#include "aurora/plan/shape.h"
#include "aurora/train/gradient.h"

namespace aurora::train {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string status(const StepMetrics& metrics, double roof_flops_per_s) {
  std::string text = fmt::format("step {} loss {:.4f}  {}FLOP/s", metrics.step, metrics.loss,
                                 human_count(metrics.flops_per_s));
  if (roof_flops_per_s > 0)
    text += fmt::format(" ({:.0f} % of the GEMM ceiling)", 100 * metrics.flops_per_s / roof_flops_per_s);
  return text;
}

}  // namespace

void run_loop(const Loop& loop, TrainState& state) {
  const int64_t steps = loop.plan.steps();
  const auto batch_of = [&](int64_t step) { return BatchShape(loop.train, loop.plan.at(step)); };
  const optim::Schedule schedule = optim::make_schedule(loop.train, steps);
  const optim::AdamW optimizer(optim::adamw_settings(loop.train),
                               loop.model.model().layout().decayed_ranges());
  GradientComputer gradients(loop.train, loop.model, loop.group, loop.pool);
  tensor::Arena scratch;
  const tensor::Exec exec{device::Stream::cpu(loop.pool), kernels::kernels_for(device::Kind::kCpu), scratch};
  Progress progress(loop.log, "pretrain", loop.plan.tokens_before(steps) - state.tokens, "tokens");

  gradients.announce(loop.leaves, batch_of(state.step), state.samples);
  double waited_s = 0;
  while (state.step < steps) {
    const BatchShape batch = batch_of(state.step);
    const auto start = std::chrono::steady_clock::now();
    fault_point("pretrain.step");

    // All ranks: each computes its strands; the sums meet in one tree, and every rank holds the same total.
    if (state.step + 1 < steps)
      gradients.announce(loop.leaves, batch_of(state.step + 1),
                         state.samples + static_cast<uint64_t>(batch.samples()));
    const BatchGradient sum = gradients.compute(loop.leaves, batch, state.samples);

    // All ranks, the same numbers: mean loss, norm of the mean gradient, and whether they may be trusted.
    const double weight = sum.weight > 0 ? sum.weight : 1;
    StepMetrics metrics;
    metrics.step = state.step + 1;
    metrics.loss = sum.loss / weight;
    metrics.gradient_norm = optim::gradient_norm(exec, sum.gradient) / weight;
    metrics.learning_rate = schedule.learning_rate(state.step);
    check_step(state, metrics.loss, metrics.gradient_norm, loop.train);

    // All ranks: the whole model moves one step.
    optim::AdamW::Step step;
    step.number = state.step + 1;
    step.learning_rate = metrics.learning_rate;
    step.gradient_scale = optim::clip_factor(metrics.gradient_norm, loop.train.clip_norm) / weight;
    optimizer.step(exec, step, loop.model.master(), loop.model.moments(), sum.gradient,
                   loop.model.compute_copy());
    state.step += 1;
    state.samples += static_cast<uint64_t>(batch.samples());
    state.tokens += static_cast<uint64_t>(batch.tokens());
    state.remember(metrics.loss);
    fault_point("pretrain.stepped");

    // Rank 0 tells; times stand in metrics only.
    metrics.tokens = state.tokens;
    metrics.step_s = seconds_since(start);
    metrics.data_s = loop.leaves.waited_s() - waited_s;
    waited_s += metrics.data_s;
    metrics.tokens_per_s = static_cast<double>(batch.tokens()) / metrics.step_s;
    metrics.flops_per_s = metrics.tokens_per_s *
                          plan::training_flops_per_token(loop.model.model().shape(), batch.sequence_length());
    if (loop.hooks.after_step) loop.hooks.after_step(state, metrics);
    progress.note(status(metrics, loop.roof_flops_per_s * loop.group.size()));
    progress.add(static_cast<uint64_t>(batch.tokens()));

    // Rank 0 writes, the others go on to the next step and wait for it there.
    const bool last = state.step == steps;
    const bool due = loop.train.checkpoint_steps > 0 && state.step % loop.train.checkpoint_steps == 0;
    if (loop.hooks.save && (last || due)) loop.hooks.save(state);
  }
}

}  // namespace aurora::train
