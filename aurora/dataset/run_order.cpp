#include "aurora/dataset/run_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/dataset/collection.h"
#include "aurora/dataset/listed_order.h"
#include "aurora/dataset/packing.h"

namespace aurora::dataset {
namespace {

using config::Recipe;

// Shares of the samples: values are weights, or passes, which times tokens are shares. A corpus without
// tokens has none.
std::vector<double> weights_by(const std::vector<order::Corpus>& corpora, const std::vector<double>& values,
                               bool epochs) {
  std::vector<double> weights;
  for (size_t c = 0; c < corpora.size(); ++c) {
    const auto tokens = static_cast<double>(corpora[c].tokens());
    weights.push_back(tokens == 0 ? 0 : epochs ? values[c] * tokens : values[c]);
  }
  return weights;
}

std::vector<double> base_weights(const Recipe& recipe, const std::vector<order::Corpus>& corpora) {
  const bool epochs = recipe.corpora.at(0).epochs > 0;
  std::vector<double> values;
  for (const config::Corpus& corpus : recipe.corpora)
    values.push_back(epochs ? corpus.epochs : corpus.weight);
  return weights_by(corpora, values, epochs);
}

std::vector<double> stage_weights(const config::TrainStage& stage,
                                  const std::vector<order::Corpus>& corpora) {
  const bool epochs = !stage.epochs.empty();
  std::vector<double> values(corpora.size());
  for (const auto& [name, share] : epochs ? stage.epochs : stage.mix) {
    const auto at = std::find_if(corpora.begin(), corpora.end(),
                                 [&name = name](const order::Corpus& corpus) { return corpus.name == name; });
    if (at == corpora.end())
      throw UsageError(
          fmt::format("the mix of stage {} names the corpus {}, which the collection does not have",
                      stage.name, name),
          "[[stage]]", "name corpora of the collection (aurora blend plan --list shows them)");
    values[static_cast<size_t>(at - corpora.begin())] = share;
  }
  return weights_by(corpora, values, epochs);
}

void require_tokens(const std::vector<double>& weights, const std::string& stage) {
  if (std::any_of(weights.begin(), weights.end(), [](double weight) { return weight > 0; })) return;
  throw Error(
      stage.empty() ? "no corpus has any training tokens" : "no corpus of this stage's mix has any tokens",
      stage.empty() ? "" : "stage " + stage, "look at the summary of prepare: what was dropped?");
}

std::vector<order::Corpus> corpora_of(const Recipe& recipe, const std::vector<TokenFileSource>& files,
                                      Pool& pool) {
  std::vector<order::Corpus> corpora(files.size());
  pool.for_each(files.size(), [&](size_t c) {
    order::File file;
    file.identity = files[c].identity;
    file.tokens = files[c].tokens;
    if (recipe.blend.order == "packed" && file.tokens > 0)
      file.block_bins = count_bins(format::TokenFile(files[c].prefix), recipe.train.sequence_length,
                                   recipe.blend.block_windows);
    corpora[c] = {files[c].corpus, {std::move(file)}};
  });
  return corpora;
}

void set_order(const Recipe& recipe, order::OrderSpec& spec) {
  spec.seed = recipe.run.seed;
  spec.mode = order::mode_named(recipe.blend.order).value();  // the recipe's keys allow no other
  spec.sequence_length = static_cast<uint64_t>(recipe.train.sequence_length);
  spec.block_windows = static_cast<uint64_t>(recipe.blend.block_windows);
}

}  // namespace

void set_stages(const Recipe& recipe, const plan::StepPlan& steps, std::vector<double> weights,
                order::OrderSpec& spec) {
  const config::SampleRanges skipped = config::skipped_samples(recipe.blend.skip, "blend.skip");
  spec.skips.clear();
  for (const auto& [begin, end] : skipped) spec.skips.push_back({begin, end});
  const auto position = [&](uint64_t sample) { return config::sample_position(sample, skipped); };
  spec.stages.clear();
  for (size_t p = 0; p < steps.phases().size(); ++p) {
    order::Stage stage;
    if (const int s = steps.stage_of(p); s >= 0) {
      const config::TrainStage& wanted = recipe.stages[static_cast<size_t>(s)];
      stage.name = wanted.name;
      if (!wanted.mix.empty() || !wanted.epochs.empty()) weights = stage_weights(wanted, spec.corpora);
    }
    require_tokens(weights, stage.name);
    stage.weights = weights;
    if (p + 1 < steps.phases().size())
      // What is skipped at the very start belongs to the first stage.
      stage.samples = position(steps.phases()[p + 1].first_sample) -
                      (p == 0 ? 0 : position(steps.phases()[p].first_sample));
    spec.stages.push_back(std::move(stage));
  }
}

order::OrderSpec run_order_spec(const Recipe& recipe, const TokensFolder& tokens, const plan::StepPlan& steps,
                                Pool& pool) {
  AURORA_CHECK_EQ(recipe.corpora.size(), tokens.files.size());
  order::OrderSpec spec;
  set_order(recipe, spec);
  spec.corpora = corpora_of(recipe, tokens.files, pool);
  set_stages(recipe, steps, base_weights(recipe, spec.corpora), spec);
  return spec;
}

RunOrder collection_order(const Recipe& recipe, const Path& manifest, const plan::StepPlan& steps,
                          Pool& pool) {
  if (!is_collection(manifest))
    throw Error("not the manifest of a collection", manifest.string(),
                "make one of the list: aurora blend manifest --list LIST --out collection.json");
  order::OrderSpec wanted;
  set_order(recipe, wanted);
  ListOrder list = read_list_order({.list = manifest,
                                    .sequence_length = wanted.sequence_length,
                                    .seed = wanted.seed,
                                    .mode = wanted.mode,
                                    .block_windows = wanted.block_windows},
                                   pool, Log::silent());
  set_stages(recipe, steps, std::vector<double>(list.spec.stages[0].weights), list.spec);
  auto files = std::make_shared<const TokenFiles>(std::move(list.sources));
  auto order = std::make_shared<const StoredOrder>(order::Order(std::move(list.spec)), files);
  return {std::move(files), std::move(order)};
}

RunOrder run_order(const Recipe& recipe, const TokensFolder& tokens, const plan::StepPlan& steps,
                   Pool& pool) {
  auto files = std::make_shared<const TokenFiles>(tokens.files);
  auto order =
      std::make_shared<const StoredOrder>(order::Order(run_order_spec(recipe, tokens, steps, pool)), files);
  return {std::move(files), std::move(order)};
}

}  // namespace aurora::dataset
