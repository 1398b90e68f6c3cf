#include "aurora/train/training_data.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/base/progress.h"
#include "aurora/dataset/collection.h"
#include "aurora/dataset/run_order.h"
#include "aurora/format/data_list.h"
#include "aurora/megatron/order.h"

namespace aurora::train {
namespace {

// Shares and epochs of the corpora, a line each.
std::string order_summary(const order::Order& order, uint64_t samples) {
  std::string lines;
  const std::vector<uint64_t> counts = order.corpus_counts(order.with_skipped(samples));
  for (uint32_t c = 0; c < counts.size(); ++c) {
    const order::Corpus& corpus = order.spec().corpora[c];
    lines += fmt::format("corpus {:<20} {:>8} tokens  {:5.1f} % of the samples  {:.2f} epochs\n", corpus.name,
                         human_count(static_cast<double>(corpus.tokens())),
                         100.0 * static_cast<double>(counts[c]) / static_cast<double>(samples),
                         order.epochs(c, counts[c]));
  }
  return lines;
}

// An order from its sample `first` on, some samples skipped.
class LaterOrder : public order::SampleOrder {
 public:
  LaterOrder(std::shared_ptr<const order::SampleOrder> order, uint64_t first, config::SampleRanges skipped)
      : order_(std::move(order)), first_(first), skipped_(std::move(skipped)) {}

  void pieces(uint64_t sample, std::vector<order::Piece>& out) const override {
    order_->pieces(first_ + config::sample_position(sample, skipped_), out);
  }
  int64_t sequence_length() const override { return order_->sequence_length(); }

 private:
  std::shared_ptr<const order::SampleOrder> order_;
  uint64_t first_;
  config::SampleRanges skipped_;
};

struct ListedFiles {
  std::vector<dataset::TokenFileSource> sources;
  std::vector<megatron::OrderFile> files;
};

// Of a data list, whose files are asked for their counts, or of a collection's manifest, which has them.
ListedFiles listed_files(const Path& list) {
  ListedFiles listed;
  std::map<std::string, uint32_t> corpora;
  const auto add = [&](const std::string& name, dataset::TokenFileSource source) {
    const auto next = static_cast<uint32_t>(corpora.size());
    listed.files.push_back({name, corpora.emplace(source.corpus, next).first->second});
    listed.sources.push_back(std::move(source));
  };
  if (dataset::is_collection(list)) {
    const dataset::Collection collection = dataset::read_collection(list);
    for (const dataset::CollectionFile& file : collection.files)
      add(file.prefix.string(),
          {file.corpus, collection.place(file), file.tokens, file.documents, file.identity()});
    return listed;
  }
  for (const format::ListEntry& entry : format::read_data_list(list)) {
    const Path prefix = format::list_entry_path(list, entry);
    const format::TokenFile file(prefix, format::TokenCheck::kEnds);
    add(entry.prefix, {entry.corpus, prefix, file.tokens(), file.documents(), 0});
  }
  return listed;
}

Path from_recipe(const config::Recipe& recipe, const std::string& path) {
  return recipe.file.parent_path() / path;  // an absolute one stays
}

// Of a run over `order`.
TrainingData data_of(const dataset::RunOrder& run, const plan::StepPlan& plan) {
  TrainingData data;
  data.files = run.files;
  data.order = run.order;
  data.summary = order_summary(run.order->order(), plan.samples());
  return data;
}

TrainingData megatron_data(const config::Recipe& recipe, const plan::StepPlan& plan) {
  const config::Tokens& wanted = recipe.tokens;
  ListedFiles listed = listed_files(tokens_list(recipe));
  TrainingData data;
  data.files = std::make_shared<const dataset::TokenFiles>(std::move(listed.sources));
  const Path description = megatron::find_description(megatron_cache(recipe), megatron::Split::kTrain);
  const auto order = std::make_shared<const megatron::MegatronOrder>(
      megatron::read_description(description, listed.files), listed.files,
      [files = data.files](size_t file) -> const format::TokenFile& { return files->open(file); },
      wanted.extra_token);

  const config::SampleRanges skipped = config::skipped_samples(recipe.blend.skip, "blend.skip");
  const uint64_t end = wanted.first_sample + config::sample_position(plan.samples() - 1, skipped) + 1;
  if (order->sequence_length() != recipe.train.sequence_length)
    throw Error(fmt::format("the cache is of sequences of {} tokens, train.sequence_length is {}",
                            order->sequence_length(), recipe.train.sequence_length),
                description.string(), "train at the cache's sequence length");
  if (end > order->samples())
    throw Error(fmt::format("the cache holds {} samples, this run ends at sample {}", order->samples(), end),
                description.string(),
                "train for fewer tokens, or make a cache of more samples (aurora blend export)");
  data.order = std::make_shared<const LaterOrder>(order, wanted.first_sample, skipped);
  data.summary = fmt::format("Megatron's order: samples {} to {} of {}, {} files\n", wanted.first_sample, end,
                             order->samples(), listed.files.size());
  return data;
}

}  // namespace

Path tokens_list(const config::Recipe& recipe) {
  return from_recipe(recipe, recipe.tokens.list);
}

Path megatron_cache(const config::Recipe& recipe) {
  return from_recipe(recipe, recipe.tokens.megatron_cache);
}

TrainingData folder_data(const config::Recipe& recipe, const dataset::TokensFolder& tokens,
                         const plan::StepPlan& plan, Pool& pool) {
  TrainingData data = data_of(dataset::run_order(recipe, tokens, plan, pool), plan);
  data.vocab_size = tokens.vocab_size;
  data.end_of_document = tokens.end_of_document;
  data.tokenizer = tokens.tokenizer_fingerprint;
  data.place = tokens.folder.string();
  return data;
}

TrainingData listed_data(const config::Recipe& recipe, const plan::StepPlan& plan, Pool& pool) {
  const Path list = tokens_list(recipe);
  TrainingData data = recipe.tokens.megatron_cache.empty()
                          ? data_of(dataset::collection_order(recipe, list, plan, pool), plan)
                          : megatron_data(recipe, plan);
  data.vocab_size = recipe.tokens.vocab_size;
  data.end_of_document = recipe.tokens.end_of_document;
  data.place = list.string();
  return data;
}

}  // namespace aurora::train
