#include "aurora/dataset/run_order.h"

#include <algorithm>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/dataset/packing.h"

namespace aurora::dataset {
namespace {

using config::Recipe;

order::Mode mode_of(const std::string& name) {
  for (order::Mode mode :
       {order::Mode::kWindows, order::Mode::kBlocks, order::Mode::kPacked, order::Mode::kSequential})
    if (name == order::mode_name(mode)) return mode;
  check_failed(__FILE__, __LINE__, "no such order: " + name);
}

// Passes times tokens are shares of the samples.
std::vector<double> weights_by(const std::vector<TokenFileSource>& files, const std::vector<double>& values,
                               bool epochs) {
  std::vector<double> weights;
  for (size_t c = 0; c < files.size(); ++c) {
    const auto tokens = static_cast<double>(files[c].tokens);
    weights.push_back(tokens == 0 ? 0 : epochs ? values[c] * tokens : values[c]);
  }
  return weights;
}

std::vector<double> base_weights(const Recipe& recipe, const std::vector<TokenFileSource>& files) {
  const bool epochs = recipe.corpora.at(0).epochs > 0;
  std::vector<double> values;
  for (const config::Corpus& corpus : recipe.corpora)
    values.push_back(epochs ? corpus.epochs : corpus.weight);
  return weights_by(files, values, epochs);
}

std::vector<double> stage_weights(const Recipe& recipe, const config::TrainStage& stage,
                                  const std::vector<TokenFileSource>& files) {
  const bool epochs = !stage.epochs.empty();
  const config::Shares& shares = epochs ? stage.epochs : stage.mix;
  std::vector<double> values;
  for (const config::Corpus& corpus : recipe.corpora) {
    const auto at = std::find_if(shares.begin(), shares.end(),
                                 [&](const auto& share) { return share.first == corpus.name; });
    values.push_back(at == shares.end() ? 0 : at->second);
  }
  return weights_by(files, values, epochs);
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

}  // namespace

order::OrderSpec run_order_spec(const Recipe& recipe, const TokensFolder& tokens, const plan::StepPlan& steps,
                                Pool& pool) {
  AURORA_CHECK_EQ(recipe.corpora.size(), tokens.files.size());
  order::OrderSpec spec;
  spec.seed = recipe.run.seed;
  spec.mode = mode_of(recipe.blend.order);
  spec.sequence_length = static_cast<uint64_t>(recipe.train.sequence_length);
  spec.block_windows = static_cast<uint64_t>(recipe.blend.block_windows);
  spec.corpora = corpora_of(recipe, tokens.files, pool);
  const config::SampleRanges skipped = config::skipped_samples(recipe.blend.skip, "blend.skip");
  for (const auto& [begin, end] : skipped) spec.skips.push_back({begin, end});
  const auto position = [&](uint64_t sample) { return config::sample_position(sample, skipped); };

  std::vector<double> weights = base_weights(recipe, tokens.files);
  for (size_t p = 0; p < steps.phases().size(); ++p) {
    order::Stage stage;
    if (const int s = steps.stage_of(p); s >= 0) {
      const config::TrainStage& wanted = recipe.stages[static_cast<size_t>(s)];
      stage.name = wanted.name;
      if (!wanted.mix.empty() || !wanted.epochs.empty())
        weights = stage_weights(recipe, wanted, tokens.files);
    }
    require_tokens(weights, stage.name);
    stage.weights = weights;
    if (p + 1 < steps.phases().size())
      // What is skipped at the very start belongs to the first stage.
      stage.samples = position(steps.phases()[p + 1].first_sample) -
                      (p == 0 ? 0 : position(steps.phases()[p].first_sample));
    spec.stages.push_back(std::move(stage));
  }
  return spec;
}

RunOrder run_order(const Recipe& recipe, const TokensFolder& tokens, const plan::StepPlan& steps,
                   Pool& pool) {
  auto files = std::make_shared<const TokenFiles>(tokens.files);
  auto order =
      std::make_shared<const StoredOrder>(order::Order(run_order_spec(recipe, tokens, steps, pool)), files);
  return {std::move(files), std::move(order)};
}

}  // namespace aurora::dataset
