// The pretrain stage, and `aurora pretrain` with its benchmark.

#include <fmt/format.h>

#include <memory>

#include "apps/stages.h"
#include "aurora/base/error.h"
#include "aurora/base/progress.h"
#include "aurora/megatron/order.h"
#include "aurora/train/benchmark.h"
#include "aurora/train/pretrain.h"

namespace aurora::apps {
namespace {

format::Notes pretrain(Workspace& workspace) {
  const train::PretrainResult result =
      train::pretrain(workspace.recipe, {workspace.tokens(), workspace.checkpoints(), workspace.metrics()},
                      *workspace.group, *workspace.pool, *workspace.log);
  return {{"parameters", human_count(static_cast<double>(result.parameters))},
          {"steps", fmt::format("{}", result.steps)},
          {"trained tokens", human_count(static_cast<double>(result.tokens))},
          {"last loss", fmt::format("{:.4f}", result.loss)},
          {"weights_hash", result.weights_hash}};
}

std::vector<format::FileRecord> pretrain_inputs(Workspace& workspace) {
  const config::Recipe& recipe = workspace.recipe;
  if (recipe.tokens.list.empty()) return {stage_input(workspace, config::Stage::kTokenize)};
  std::vector<format::FileRecord> inputs = {format::record_file(train::tokens_list(recipe), "tokens.list")};
  if (recipe.tokens.megatron_cache.empty()) return inputs;
  const Path description = megatron::find_description(train::megatron_cache(recipe), megatron::Split::kTrain);
  inputs.push_back(format::record_file(description, "tokens.megatron_cache"));
  return inputs;
}

struct PretrainFlags {
  WorkspaceFlags workspace;
  train::BenchmarkSettings benchmark;
};

int run_benchmark(const PretrainFlags& flags) {
  Log log(2, flags.workspace.quiet);
  Pool pool(static_cast<int>(std::max<int64_t>(flags.workspace.threads, 0)));
  const train::BenchmarkResult result = train::benchmark(flags.benchmark, pool, log);
  const double share = result.flops_per_s / result.gemm_roof_flops_per_s;
  if (!flags.workspace.json) {
    fmt::print(
        "{} at T={}: {:.1f} tokens/s, {:.1f} GFLOP/s = {:.0f} % of the measured GEMM roof ({:.1f} GFLOP/s), "
        "{} resident\n",
        flags.benchmark.size, flags.benchmark.sequence_length, result.tokens_per_s, result.flops_per_s / 1e9,
        100 * share, result.gemm_roof_flops_per_s / 1e9,
        human_bytes(static_cast<double>(result.peak_rss_bytes)));
    return 0;
  }
  fmt::print("{}\n", train::to_json(flags.benchmark, result));
  return 0;
}

int run_pretrain(const PretrainFlags& flags) {
  if (!flags.benchmark.size.empty()) return run_benchmark(flags);
  if (flags.workspace.recipe.empty())
    throw UsageError("no recipe", "aurora pretrain", "name a recipe file, or a size with --benchmark");
  Workspace workspace = open_workspace(flags.workspace);
  return on_all_ranks(workspace, [&] {
    run_stage(workspace, stage_spec(config::Stage::kPretrain));
    if (workspace.is_root()) fmt::print("pretrain: {}\n", stage_summary(workspace, config::Stage::kPretrain));
    return 0;
  });
}

}  // namespace

StageSpec pretrain_stage() {
  return {.stage = config::Stage::kPretrain,
          .verb = "training",
          .inputs = [](Workspace& workspace) -> std::vector<format::FileRecord> {
            return pretrain_inputs(workspace);
          },
          .run = pretrain,
          .all_ranks = true,
          .resumes = true,
          .keeps_old = true,
          .trunk = [](const config::Recipe& recipe) { return config::past_of(recipe, 0, 0); }};
}

Command pretrain_command() {
  return {"pretrain", "train the model; mpiexec -n N does the same, faster", [](Arguments& arguments) {
            auto flags = std::make_shared<PretrainFlags>();
            flags->workspace.recipe_required = false;
            flags->workspace.declare(arguments);
            arguments.option("--benchmark", flags->benchmark.size,
                             "time this size on random tokens instead (124M ...)");
            arguments.option("--seq", flags->benchmark.sequence_length, "sequence length of the benchmark");
            arguments.option("--steps", flags->benchmark.steps, "timed steps of the benchmark");
            return std::function<int()>([flags] { return run_pretrain(*flags); });
          }};
}

}  // namespace aurora::apps
