// `aurora plan`: what a model of a size will take, by arithmetic alone.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "apps/command.h"
#include "aurora/config/recipe.h"
#include "aurora/plan/memory.h"
#include "aurora/plan/shape.h"

namespace aurora::apps {
namespace {

struct PlanFlags {
  std::string recipe;
  std::string size;
  int64_t vocab = 0;
  int64_t sequence_length = 0;
  std::vector<std::string> set;
  bool json = false;
};

int plan(const PlanFlags& flags) {
  config::Recipe recipe;
  if (!flags.recipe.empty()) recipe = config::load_recipe(flags.recipe, flags.set);
  if (!flags.size.empty()) {
    recipe.model = config::Model{};
    recipe.model.size = flags.size;
  }
  if (recipe.model.size.empty() && recipe.model.layers == 0) recipe.model.size = "124M";
  if (flags.sequence_length > 0) recipe.train.sequence_length = static_cast<int>(flags.sequence_length);

  const plan::ModelShape shape =
      plan::model_shape(recipe.model, flags.vocab > 0 ? flags.vocab : recipe.tokenizer.vocab_size);
  plan::TrainingLayout layout;
  layout.leaf_sequences = recipe.train.leaf_sequences;
  layout.sequence_length = recipe.train.sequence_length;
  layout.strands = recipe.train.strands;
  layout.strands_in_flight = recipe.train.strands_in_flight > 0 ? recipe.train.strands_in_flight : 1;
  layout.compute_bytes = recipe.train.dtype == "f32" ? 4 : 2;
  if (!flags.json) {
    fmt::print("{}", plan::plan_table(shape, layout));
    return 0;
  }
  const plan::TrainingMemory memory = plan::training_memory(shape, layout);
  nlohmann::ordered_json json;
  json["parameters"] = plan::parameter_count(shape);
  json["training_flops_per_token"] = plan::training_flops_per_token(shape, layout.sequence_length);
  json["forward_flops_per_token"] = plan::forward_flops_per_token(shape, layout.sequence_length);
  json["training_memory_bytes"] = memory.total();
  fmt::print("{}\n", json.dump(2));
  return 0;
}

}  // namespace

Command plan_command() {
  return {"plan", "parameters, memory and FLOPs of a recipe or a size, before anything is built",
          [](Arguments& arguments) {
            auto flags = std::make_shared<PlanFlags>();
            arguments.positional("recipe", flags->recipe, "recipe file (TOML); without it, --size is asked",
                                 false);
            arguments.option("--size", flags->size, "tiny 1M 3M 8M 30M 124M 350M 1B 7B 70B 1T");
            arguments.option("--vocab", flags->vocab, "vocabulary; default the recipe's");
            arguments.option("--seq", flags->sequence_length, "sequence length; default the recipe's");
            arguments.option("--set", flags->set, "override a recipe key: section.key=value (repeatable)");
            arguments.flag("--json", flags->json, "print the result as JSON");
            return std::function<int()>([flags] { return plan(*flags); });
          }};
}

}  // namespace aurora::apps
