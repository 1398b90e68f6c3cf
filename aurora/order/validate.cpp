#include "aurora/order/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

#include "aurora/base/check.h"
#include "aurora/base/error.h"

namespace aurora::order {
namespace {

constexpr uint64_t kLargest = uint64_t{1} << 62;

template <typename Named>
void refuse_twins(const std::vector<Named>& all, const char* kind) {
  std::vector<std::string_view> names;
  for (const Named& one : all) names.push_back(one.name);
  std::sort(names.begin(), names.end());
  for (size_t i = 1; i < names.size(); ++i)
    if (names[i] == names[i - 1] && !names[i].empty())
      throw Error(fmt::format("two {} have the same name", kind), std::string(names[i]),
                  "give each its own name");
}

bool is_weight(double weight) {
  return std::isfinite(weight) && weight >= 0;
}

void validate_corpus(const OrderSpec& spec, const Corpus& corpus) {
  size_t weighted = 0;
  for (const File& file : corpus.files) {
    const auto number = [&] { return &file - corpus.files.data() + 1; };
    if (!is_weight(file.weight))
      throw Error(fmt::format("the weight of file {} of a corpus is {}", number(), file.weight), corpus.name,
                  "weights are finite numbers, 0 or more");
    if (file.tokens > kLargest)
      throw Error(fmt::format("file {} of a corpus is said to have {} tokens", number(), file.tokens),
                  corpus.name, "at most 2^62 can be: is its manifest damaged?");
    const uint64_t block = spec.sequence_length * spec.block_windows;
    if (spec.mode == Mode::kPacked && file.block_bins.size() != (file.tokens + block - 1) / block)
      throw Error(
          fmt::format("file {} of a corpus has bin counts for {} blocks and its {} tokens make {}", number(),
                      file.block_bins.size(), file.tokens, (file.tokens + block - 1) / block),
          corpus.name,
          fmt::format("count its bins for a sequence length of {} and blocks of {} windows",
                      spec.sequence_length, spec.block_windows));
    weighted += file.weight > 0 ? 1 : 0;
  }
  if (weighted != 0 && weighted != corpus.files.size())
    throw Error(fmt::format("{} of the {} files of a corpus have a weight", weighted, corpus.files.size()),
                corpus.name, "give all of them a weight, or none (then they count by their size)");
}

void validate_stage(const OrderSpec& spec, const Stage& stage) {
  AURORA_CHECK_EQ(stage.weights.size(), spec.corpora.size());
  bool any = false;
  for (size_t c = 0; c < stage.weights.size(); ++c) {
    if (!is_weight(stage.weights[c]))
      throw Error(
          fmt::format("the weight of corpus {} in a stage is {}", spec.corpora[c].name, stage.weights[c]),
          stage.name, "weights are finite numbers, 0 or more");
    any = any || stage.weights[c] > 0;
  }
  if (!any)
    throw Error("no corpus has any weight in a stage", stage.name, "give at least one a weight above 0");
}

}  // namespace

void validate(const OrderSpec& spec) {
  AURORA_CHECK(!spec.stages.empty());
  refuse_twins(spec.corpora, "corpora");
  refuse_twins(spec.stages, "stages");
  for (const Corpus& corpus : spec.corpora) validate_corpus(spec, corpus);
  uint64_t samples = 0;
  for (const Stage& stage : spec.stages) {
    validate_stage(spec, stage);
    if (stage.samples == 0 && &stage != &spec.stages.back())
      throw Error("a stage without end comes before the last", stage.name,
                  "say how long it is, or make it the last");
    if (stage.samples > kLargest - samples)
      throw Error(
          fmt::format("the stages up to this one have more than 2^62 samples, {} in this one", stage.samples),
          stage.name, "shorten it; a last stage without a length has no end");
    samples += stage.samples;
  }
}

}  // namespace aurora::order
