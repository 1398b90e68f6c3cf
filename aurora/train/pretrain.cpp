#include "aurora/train/pretrain.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/base/progress.h"
#include "aurora/dataset/tokens_folder.h"
#include "aurora/kernels/roof.h"
#include "aurora/plan/memory.h"
#include "aurora/train/checkpoint.h"
#include "aurora/train/gradient.h"
#include "aurora/train/loop.h"

namespace aurora::train {
namespace {

int64_t round_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

void tell_lines(const std::string& text, Log& log) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) log.info("{}", line);
}

void tell_plan(const config::Train& train, const plan::ModelShape& shape, int64_t strands_in_flight,
               Log& log) {
  plan::TrainingLayout layout;
  layout.leaf_sequences = train.leaf_sequences;
  layout.sequence_length = train.sequence_length;
  layout.strands = train.strands;
  layout.strands_in_flight = strands_in_flight;
  layout.compute_bytes = static_cast<int64_t>(device::dtype_size(compute_dtype(train)));
  tell_lines(plan::plan_table(shape, layout), log);
}

// Rank 0 looks, all hear: where to go on from, or an empty state.
struct Resume {
  std::optional<Path> checkpoint;  // rank 0 only
  CheckpointState state;
};

Resume find_resume(const Path& checkpoints, const config::Recipe& recipe, const plan::StepPlan& plan,
                   comm::Group& group, Log& log) {
  Resume resume;
  std::string text;
  if (group.rank() == 0) {
    clear_unfinished(checkpoints);
    set_aside_checkpoints(
        checkpoints,
        [&](const CheckpointState& state) { return state.past == past_of_run(recipe, plan, state.loop); },
        log);
    resume.checkpoint = find_checkpoint(checkpoints, log);
    if (resume.checkpoint) text = to_json(read_checkpoint_state(*resume.checkpoint));
  }
  uint64_t size = text.size();
  group.broadcast(&size, sizeof(size), 0);
  text.resize(size);
  group.broadcast(text.data(), size, 0);
  if (size > 0) resume.state = parse_state(text, "state of rank 0");
  return resume;
}

void check_resume(const CheckpointState& state, const TrainingData& data, Log& log) {
  if (state.tokenizer != data.tokenizer)
    throw Error("the tokens were made by another tokenizer than the checkpoint was trained with", data.place,
                "restore those tokens, or move the checkpoints away to begin anew");
  const std::string here = numerics_fingerprint(device::Kind::kCpu);
  if (state.numerics != here)
    log.warn("the checkpoint was computed by \"{}\", this is \"{}\": the bits may differ from here on",
             state.numerics, here);
}

// Weights of the checkpoint, or the first ones, on every rank.
void set_weights(const Resume& resume, uint64_t seed, ModelState& arrays, comm::Group& group, Pool& pool,
                 Log& log) {
  if (resume.state.loop.step == 0) {
    arrays.model().initialise(seed, arrays.master(), pool);
  } else {
    if (group.rank() == 0) {
      load_checkpoint(*resume.checkpoint, arrays.model(), arrays.master(), arrays.moments());
      log.info("going on from {}", resume.checkpoint->string());
    }
    for (const device::View& view : {arrays.master(), arrays.moments().m, arrays.moments().v})
      group.broadcast(view.data, view.bytes(), 0);
  }
  tensor::Arena scratch;
  arrays.refresh({device::Stream::cpu(pool), kernels::kernels_for(device::Kind::kCpu), scratch});
}

PretrainResult result_of(const CheckpointState& state, int64_t parameters, const Path& checkpoints) {
  PretrainResult result;
  result.steps = state.loop.step;
  result.tokens = state.loop.tokens;
  result.parameters = parameters;
  result.loss = state.loop.loss;
  result.weights_hash = state.weights_hash;
  result.checkpoint = checkpoint_path(checkpoints, state.loop.step);
  return result;
}

// What rank 0 does beside the loop: metrics and checkpoints. `last_saved` receives what was written.
Hooks rank0_hooks(const config::Recipe& recipe, const plan::StepPlan& plan, const PretrainPaths& paths,
                  CheckpointContent content, CheckpointState& last_saved) {
  auto metrics = std::make_shared<MetricsWriter>(paths.metrics, last_saved.loop.step);
  Hooks hooks;
  hooks.after_step = [metrics, &plan, skipped = config::skipped_samples(recipe.blend.skip, "blend.skip")](
                         const TrainState&, StepMetrics step) {
    step.first_sample = config::sample_position(plan.samples_before(step.step - 1), skipped);
    metrics->write(step);
  };
  hooks.save = [&recipe, &plan, &paths, &last_saved, content = std::move(content)](const TrainState& loop) {
    CheckpointState state = last_saved;
    state.loop = loop;
    state.past = past_of_run(recipe, plan, loop);
    last_saved = save_checkpoint(paths.checkpoints, content, std::move(state), recipe.train.keep_checkpoints);
  };
  return hooks;
}

}  // namespace

PretrainResult pretrain(const config::Recipe& recipe, const PretrainPaths& paths, comm::Group& group,
                        Pool& pool, Log& log) {
  const plan::StepPlan plan(recipe.train, recipe.stages);
  if (!recipe.tokens.list.empty())
    return pretrain(recipe, plan, listed_data(recipe, plan, pool), paths, group, pool, log);
  const dataset::TokensFolder tokens = dataset::open_tokens_folder(paths.tokens, recipe.corpora);
  return pretrain(recipe, plan, folder_data(recipe, tokens, plan, pool), paths, group, pool, log);
}

PretrainResult pretrain(const config::Recipe& recipe, const plan::StepPlan& plan, const TrainingData& data,
                        const PretrainPaths& paths, comm::Group& group, Pool& pool, Log& log) {
  const config::Train& train = recipe.train;
  const plan::ModelShape shape = plan::model_shape(recipe.model, round_up(data.vocab_size, 64));
  const int64_t parameters = plan::parameter_count(shape);

  Resume resume = find_resume(paths.checkpoints, recipe, plan, group, log);
  if (resume.state.loop.step > 0) check_resume(resume.state, data, log);
  if (resume.state.loop.step >= plan.steps()) return result_of(resume.state, parameters, paths.checkpoints);

  const dataset::Loader loader(data.files, data.order,
                               {.vocab_size = data.vocab_size,
                                .end_of_document = data.end_of_document,
                                .document_mask = train.document_mask});
  tell_plan(train, shape, strands_in_flight(train, group, pool), log);
  tell_lines(data.summary, log);

  const models::Llama model(shape);
  ModelState arrays(model, compute_dtype(train));
  set_weights(resume, recipe.run.seed, arrays, group, pool, log);

  CheckpointState saved = resume.state;
  saved.tokenizer = data.tokenizer;
  saved.numerics = numerics_fingerprint(device::Kind::kCpu);
  Hooks hooks;
  if (group.rank() == 0)
    hooks =
        rank0_hooks(recipe, plan, paths,
                    {model, arrays.master(), arrays.moments(), train.sequence_length, data.end_of_document,
                     config::print_recipe(recipe), config::fingerprint(recipe, config::Stage::kPretrain)},
                    saved);
  const double roof = log.quiet() ? 0 : kernels::measure_gemm_roof(device::Stream::cpu(pool));
  std::unique_ptr<LeafSource> leaves = dataset_leaves(loader, train);
  TrainState state = saved.loop;
  run_loop({train, plan, arrays, *leaves, group, pool, roof, hooks, log}, state);

  // Rank 0 knows the hash of what it wrote last; the others hear it.
  std::string hash = saved.weights_hash;
  hash.resize(32);
  group.broadcast(hash.data(), hash.size(), 0);
  saved.weights_hash = hash;
  saved.loop = state;
  return result_of(saved, parameters, paths.checkpoints);
}

}  // namespace aurora::train
