// `aurora blend RECIPE`: the mix that training will see: shares, tokens and epochs per corpus.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "apps/stages.h"
#include "aurora/base/progress.h"
#include "aurora/dataset/tokens_folder.h"

namespace aurora::apps {
namespace {

int blend(Workspace& workspace) {
  const config::Train& train = workspace.recipe.train;
  stage_input(workspace, config::Stage::kTokenize);
  const dataset::TokensFolder tokens =
      dataset::open_tokens_folder(workspace.tokens(), workspace.recipe.corpora);
  const auto stored = dataset::window_order(tokens.sources, workspace.recipe.run.seed, train.sequence_length);
  const order::Order& order = stored->order();
  const int64_t sequences_per_step = int64_t{train.strands} * train.leaves_per_strand * train.leaf_sequences;
  const int64_t tokens_per_step = sequences_per_step * train.sequence_length;
  const int64_t steps =
      train.steps > 0 ? train.steps : (train.tokens + tokens_per_step - 1) / tokens_per_step;
  const uint64_t samples = static_cast<uint64_t>(steps * sequences_per_step);

  const std::vector<double>& weights = order.spec().stages[0].weights;
  const double total_weight = std::accumulate(weights.begin(), weights.end(), 0.0);
  const std::vector<uint64_t> counts = order.corpus_counts(samples);
  nlohmann::ordered_json json;
  json["steps"] = steps;
  json["samples"] = samples;
  json["tokens"] = steps * tokens_per_step;
  if (!workspace.json)
    fmt::print("{:<16} {:>10} {:>8} {:>12} {:>8}\n", "corpus", "tokens", "share", "trained", "epochs");
  for (uint32_t i = 0; i < counts.size(); ++i) {
    const std::string& name = order.spec().corpora[i].name;
    const uint64_t corpus_tokens = order.spec().corpora[i].files[0].tokens;
    const double share = weights[i] / total_weight;
    const double epochs = order.epochs(i, counts[i]);
    if (!workspace.json)
      fmt::print("{:<16} {:>10} {:>7.2f}% {:>12} {:>8.3f}\n", name,
                 human_count(static_cast<double>(corpus_tokens)), 100 * share,
                 human_count(share * static_cast<double>(steps * tokens_per_step)), epochs);
    json["corpora"].push_back(
        {{"name", name}, {"tokens", corpus_tokens}, {"share", share}, {"epochs", epochs}});
  }
  if (workspace.json) fmt::print("{}\n", json.dump(2));
  return 0;
}

}  // namespace

Command blend_command() {
  return {"blend", "the mix that training will see: shares, tokens and epochs per corpus",
          [](Arguments& arguments) {
            auto flags = std::make_shared<WorkspaceFlags>();
            flags->declare(arguments);
            return std::function<int()>([flags] {
              Workspace workspace = open_workspace(*flags);
              return on_all_ranks(workspace, [&] { return blend(workspace); });
            });
          }};
}

}  // namespace aurora::apps
