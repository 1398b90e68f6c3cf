#include "aurora/order/order_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/random.h"
#include "aurora/order/validate.h"

namespace aurora::order {
namespace {

constexpr uint64_t kLargest = uint64_t{1} << 62;

// Something to blend: a file by its content, or a corpus by its name. Sorted, so that the order of the lists
// does not matter; what is still equal then is interchangeable.
template <typename Name>
struct Share {
  double weight;
  Name name;
  uint32_t id;
  auto tie() const { return std::tie(weight, name, id); }
};

// Weights as parts of 2^62, in the order of a blend tree's leaves.
template <typename Name>
std::vector<BlendLeaf> parts_of(std::vector<Share<Name>>& shares) {
  std::sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.tie() < b.tie(); });
  const double largest = shares.back().weight;
  double sum = 0;  // in units of the largest, so that it stays finite; lightest first
  for (const auto& share : shares) sum += share.weight / largest;
  std::vector<BlendLeaf> leaves;
  leaves.reserve(shares.size());
  for (const auto& share : shares) {
    const auto part = static_cast<uint64_t>(share.weight / largest / sum * 0x1p62);
    leaves.push_back({std::max<uint64_t>(part, 1), share.id});
  }
  return leaves;
}

// Among files of the same content in one corpus, which one is each? They are shuffled differently.
std::vector<uint32_t> count_twins(const std::vector<Share<uint64_t>>& files) {
  std::vector<uint32_t> twins(files.size());
  std::vector<std::pair<uint64_t, uint32_t>> places;
  places.reserve(files.size());
  for (uint32_t i = 0; i < files.size(); ++i) places.emplace_back(files[i].name, i);
  std::sort(places.begin(), places.end());
  for (size_t i = 1; i < places.size(); ++i)
    if (places[i].first == places[i - 1].first) twins[places[i].second] = twins[places[i - 1].second] + 1;
  return twins;
}

}  // namespace

Order::State::State(OrderSpec from) : spec(std::move(from)) {
  cut = make_cut(spec);
  validate(spec);
  skips = Skips(spec.skips);
  plan_files();
  plan_stages();
}

void Order::State::plan_files() {
  size_t count = 0;
  for (const Corpus& corpus : spec.corpora) count += corpus.files.size();
  AURORA_CHECK(count < size_t{1} << 31, "{} files", count);
  files.reserve(count);
  corpora.reserve(spec.corpora.size());
  trees.reserve(count + spec.corpora.size() * spec.stages.size());
  if (cut.mode == Mode::kSequential) sequential_begins.reserve(count);
  if (cut.mode == Mode::kPacked) packed = std::vector<PackedEpochs>(count);
  for (const Corpus& corpus : spec.corpora) {
    CorpusPlan plan;
    plan.first_file = static_cast<uint32_t>(files.size());
    plan.files = static_cast<uint32_t>(corpus.files.size());
    for (const File& file : corpus.files) {
      if (cut.mode == Mode::kSequential) sequential_begins.push_back(plan.units);
      files.push_back(plan_file(cut, file));
      files.back().corpus = static_cast<uint32_t>(corpora.size());
      files.back().file = static_cast<uint32_t>(files.size() - 1);
      plan.units += files.back().units;
      if (plan.units > kLargest)
        throw Error("the files of a corpus are said to have more than 2^62 samples", corpus.name,
                    "are their manifests damaged?");
    }
    if (plan.units > 0) plan.epochs = Divider(plan.units);
    corpora.push_back(plan);
    if (plan.units > 0) plan_file_tree(static_cast<uint32_t>(corpora.size() - 1));
  }
}

void Order::State::plan_file_tree(uint32_t corpus) {
  CorpusPlan& plan = corpora[corpus];
  const std::span<FilePlan> plans = std::span(files).subspan(plan.first_file, plan.files);
  const std::vector<File>& listed = spec.corpora[corpus].files;
  const bool weighted = listed.front().weight > 0;
  std::vector<Share<uint64_t>> shares;
  shares.reserve(listed.size());
  for (size_t i = 0; i < listed.size(); ++i)
    if (plans[i].units > 0)
      shares.push_back({weighted ? listed[i].weight : static_cast<double>(plans[i].units), listed[i].identity,
                        plans[i].file});
  std::vector<BlendLeaf> leaves = parts_of(shares);
  if (!weighted)
    for (BlendLeaf& leaf : leaves) leaf.weight = files[leaf.id].units;

  const std::vector<uint32_t> twins = count_twins(shares);
  const RandomKey first_key = random_key(spec.seed, Purpose::kOrder, {0});
  for (size_t i = 0; i < shares.size(); ++i) {
    const RandomKey key = twins[i] == 0 ? first_key : random_key(spec.seed, Purpose::kOrder, {twins[i]});
    files[shares[i].id].key = random_u64(shares[i].name, key);
  }
  if (cut.mode != Mode::kSequential) plan.tree = trees.add(leaves);
}

void Order::State::plan_stages() {
  stages.reserve(spec.stages.size());
  cursors.reserve(spec.stages.size() * corpora.size());
  std::vector<uint64_t> drawn(corpora.size());
  for (const Stage& stage : spec.stages) {
    std::vector<Share<std::string_view>> shares;
    for (uint32_t c = 0; c < corpora.size(); ++c) {
      if (stage.weights[c] == 0) continue;
      if (corpora[c].units == 0)
        throw Error(
            fmt::format("a corpus with weight in stage '{}' has no file long enough for one sample",
                        stage.name),
            spec.corpora[c].name,
            fmt::format("add text to it, make the sequence length ({}) shorter, or set its weight to 0",
                        cut.sequence_length));
      shares.push_back({stage.weights[c], spec.corpora[c].name, c});
    }
    cursors.insert(cursors.end(), drawn.begin(), drawn.end());
    stages.push_back({total, trees.add_with_care(parts_of(shares))});
    std::vector<uint64_t> counts(corpora.size());
    trees.counts(stages.back().tree, stage.samples, counts);
    for (size_t c = 0; c < drawn.size(); ++c) drawn[c] += counts[c];
    total += stage.samples;
  }
  if (spec.stages.back().samples == 0) total = std::numeric_limits<uint64_t>::max();
}

size_t Order::State::memory_bytes() const {
  const auto of_string = [](const std::string& text) {
    return text.capacity() < sizeof(std::string) / 2 ? 0 : text.capacity() + 1;
  };
  const auto of_vector = [](const auto& all) { return all.capacity() * sizeof(all[0]); };
  size_t bytes = sizeof(State) + of_vector(spec.corpora) + of_vector(spec.stages) + of_vector(spec.skips);
  for (const Corpus& corpus : spec.corpora) {
    bytes += of_string(corpus.name) + of_vector(corpus.files);
    for (const File& file : corpus.files) bytes += of_vector(file.block_bins);
  }
  for (const Stage& stage : spec.stages) bytes += of_string(stage.name) + of_vector(stage.weights);
  for (const PackedEpochs& epochs : packed) bytes += epochs.memory_bytes();
  return bytes + skips.memory_bytes() + trees.memory_bytes() + of_vector(files) + of_vector(corpora) +
         of_vector(stages) + of_vector(cursors) + of_vector(sequential_begins) + of_vector(packed);
}

}  // namespace aurora::order
