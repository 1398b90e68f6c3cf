#include "aurora/models/step.h"

namespace aurora::models {
namespace {

// The rows of a step, and the arrays that views of them look into.
struct StepRows {
  std::vector<int32_t> tokens, positions, first_keys;
  std::vector<kernels::PagedSequence> sequences;
  std::vector<tensor::Range> wanted;
};

void check_pages(const SequenceStep& step, const PagedCache& cache) {
  const int64_t end = step.begin + static_cast<int64_t>(step.tokens.size());
  AURORA_CHECK(!step.tokens.empty() && step.begin >= 0, "a step without tokens");
  AURORA_CHECK_LE(end, static_cast<int64_t>(step.pages.size()) * kernels::kPageTokens);
  for (int64_t p = step.begin / kernels::kPageTokens; p * kernels::kPageTokens < end; ++p)
    AURORA_CHECK_EQ(cache.references(step.pages[static_cast<size_t>(p)]), 1);
}

StepRows gather(const Llama& model, std::span<const SequenceStep> steps, const PagedCache& cache) {
  StepRows rows;
  for (const SequenceStep& step : steps) {
    check_pages(step, cache);
    const auto count = static_cast<int64_t>(step.tokens.size());
    AURORA_CHECK(step.logits_from >= 0 && step.logits_from <= count, "logits from beyond the step");
    const auto row = static_cast<int64_t>(rows.tokens.size());
    rows.wanted.push_back({row + step.logits_from, row + count});
    rows.sequences.push_back({row, count, step.begin, step.pages});
    rows.tokens.insert(rows.tokens.end(), step.tokens.begin(), step.tokens.end());
    for (int64_t i = 0; i < count; ++i) {
      rows.positions.push_back(static_cast<int32_t>(step.begin + i));
      rows.first_keys.push_back(model.first_key(step.begin + i, 0));
    }
  }
  return rows;
}

}  // namespace

View step_hidden(Exec& exec, const Llama& model, const InferenceWeights& weights,
                 std::span<const SequenceStep> sequences, PagedCache& cache) {
  AURORA_CHECK(&exec.kernels == &cache.kernels(), "the cache is of another backend");
  nn::Tape tape(exec, autograd::Recording::kOff);
  tape.clear();
  const StepRows rows = gather(model, sequences, cache);
  const auto count = static_cast<int64_t>(rows.tokens.size());
  if (count == 0) return View{};
  const nn::Rows views{exec.upload(rows.tokens.data(), nn::DType::kI32, {count}),
                       exec.upload(rows.positions.data(), nn::DType::kI32, {count}),
                       exec.upload(rows.first_keys.data(), nn::DType::kI32, {1, count}), rows.sequences,
                       &rows.wanted};
  const View x = tape.value(model.hidden(tape, weights.weights(), views, &cache));
  return x.dim(0) == 0 ? View{} : x;
}

View step_logits(Exec& exec, const Llama& model, const InferenceWeights& weights,
                 std::span<const SequenceStep> sequences, PagedCache& cache) {
  const View x = step_hidden(exec, model, weights, sequences, cache);
  if (x.empty()) return x;
  const View logits = exec.arena.allocate(nn::DType::kF32, {x.dim(0), model.shape().vocab}).view;
  autograd::multiply(exec, x, weights.weights()[static_cast<size_t>(model.output())], logits);
  return logits;
}

}  // namespace aurora::models
