#include "apps/blend_order.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "apps/stages.h"
#include "aurora/base/error.h"
#include "aurora/dataset/run_order.h"
#include "aurora/dataset/tokens_folder.h"

namespace aurora::apps {
namespace {

order::Mode mode_of(const std::string& name) {
  if (const std::optional<order::Mode> mode = order::mode_named(name)) return *mode;
  throw UsageError(fmt::format("\"{}\" is no mode of the order", name), "--mode",
                   "choose windows, blocks, packed or sequential");
}

// Clock and heap from before an order is opened until the units of its first batch are known.
class Stopwatch {
 public:
  TimeZero stop(const order::Order& order, uint64_t batch) const {
    {
      std::vector<order::Unit> units(std::min(batch, order.samples()));
      order.range(0, units);
    }
    const auto ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_);
    return {ms.count(), std::max(heap_bytes(), bytes_) - bytes_};
  }

 private:
  uint64_t bytes_ = heap_bytes();
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

BlendOrder order_of_list(const OrderFlags& flags) {
  BlendOrder run;
  run.list_pool = std::make_unique<Pool>(static_cast<int>(std::max<int64_t>(flags.workspace.threads, 0)));
  Log log(2, flags.workspace.quiet);
  const Stopwatch watch;
  dataset::ListOrder list = dataset::read_list_order(flags.list_settings(), *run.list_pool, log);
  run.samples = list.tokens / list.spec.sequence_length;
  if (run.samples == 0)
    throw Error(
        fmt::format("{} tokens are less than one sample of {}", list.tokens, list.spec.sequence_length),
        flags.list, "give more --tokens or a smaller --seq");
  run.batch = std::min(run.samples, static_cast<uint64_t>(flags.batch > 0 ? flags.batch : 3072));
  run.names = std::move(list.names);
  order::Order order(std::move(list.spec));
  if (list.sources.empty()) {
    run.alone = std::make_unique<const order::Order>(std::move(order));
  } else {
    run.files = std::make_shared<const dataset::TokenFiles>(std::move(list.sources));
    run.stored = std::make_shared<const dataset::StoredOrder>(std::move(order), run.files);
  }
  run.zero = watch.stop(run.order(), run.batch);
  return run;
}

BlendOrder order_of_recipe(const OrderFlags& flags) {
  BlendOrder run;
  run.workspace = std::make_unique<Workspace>(open_workspace(flags.workspace));
  stage_input(*run.workspace, config::Stage::kTokenize);
  open_recipe_order(*run.workspace, run);
  return run;
}

}  // namespace

void OrderFlags::declare(Arguments& arguments) {
  workspace.recipe_required = false;
  workspace.declare(arguments);
  arguments.option("--list", list, "instead of a recipe: a list of token files, or a collection's manifest");
  arguments.option("--tokens", tokens, "with --list: tokens of the run; default the files' once through");
  arguments.option("--seq", sequence_length, "with --list: tokens in a sample; default 4096");
  arguments.option("--seed", seed, "with --list: seed of the run; default 1234");
  arguments.option("--mode", mode, "with --list: windows (default), blocks, packed or sequential");
  arguments.option("--block-windows", block_windows, "with --list: samples in a block; default 64");
  arguments.option("--batch", batch, "with --list: samples in a step; default 3072");
}

void OrderFlags::check() const {
  if (workspace.recipe.empty() && list.empty())
    throw UsageError("neither a recipe nor a list is given", "", "name a recipe file, or give --list FILE");
  if (!list.empty()) {
    if (!workspace.recipe.empty())
      throw UsageError("a recipe and a list are given", workspace.recipe, "give one of them");
    if (tokens < 0 || sequence_length < 0 || block_windows < 0 || batch < 0)
      throw UsageError("a number of the order is negative", "--list", "give numbers above 0");
    return;
  }
  if (tokens != 0 || sequence_length != 0 || seed != -1 || !mode.empty() || block_windows != 0 || batch != 0)
    throw UsageError("--tokens, --seq, --seed, --mode, --block-windows and --batch belong to --list",
                     workspace.recipe, "set them in the recipe, or with --set section.key=value");
}

dataset::ListSettings OrderFlags::list_settings() const {
  dataset::ListSettings settings;
  settings.list = list;
  settings.tokens = tokens;
  if (sequence_length > 0) settings.sequence_length = static_cast<uint64_t>(sequence_length);
  if (seed >= 0) settings.seed = static_cast<uint64_t>(seed);
  if (!mode.empty()) settings.mode = mode_of(mode);
  if (block_windows > 0) settings.block_windows = static_cast<uint64_t>(block_windows);
  return settings;
}

BlendOrder open_blend_order(const OrderFlags& flags) {
  flags.check();
  return flags.list.empty() ? order_of_recipe(flags) : order_of_list(flags);
}

void open_recipe_order(const Workspace& workspace, BlendOrder& run) {
  const config::Recipe& recipe = workspace.recipe;
  const Stopwatch watch;
  run.plan = std::make_unique<plan::StepPlan>(recipe.train, recipe.stages);
  const dataset::TokensFolder tokens = dataset::open_tokens_folder(workspace.tokens(), recipe.corpora);
  const dataset::RunOrder order = dataset::run_order(recipe, tokens, *run.plan, *workspace.pool);
  run.files = order.files;
  run.stored = order.order;
  run.samples = run.plan->samples();
  for (const dataset::TokenFileSource& file : tokens.files) run.names.push_back(file.prefix.string());
  run.zero = watch.stop(run.order(), run.samples_before(1));
}

uint64_t BlendOrder::steps() const {
  return plan ? static_cast<uint64_t>(plan->steps()) : (samples + batch - 1) / batch;
}

uint64_t BlendOrder::samples_before(uint64_t steps) const {
  return plan ? plan->samples_before(static_cast<int64_t>(steps)) : std::min(samples, steps * batch);
}

uint64_t heap_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace aurora::apps
