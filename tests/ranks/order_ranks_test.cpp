// Elastic: for a fixed global batch the list of samples of each step is the same for every number of ranks,
// and a run resumes from one integer. Every rank asks for the samples of its own strands and nobody tells it
// anything; the hash over all steps, ranks put together in the order of samples, must be the constant below
// for any number of ranks, and for a run that is cut at any step and goes on with its number of samples.
//
// Made with: the order below at one rank, when it was first written. A change of this number changes what
// every existing recipe trains on.

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <tuple>
#include <vector>

#include "aurora/base/check.h"
#include "aurora/base/hash.h"
#include "aurora/comm/world.h"
#include "aurora/order/order.h"
#include "aurora/parallel/strand_tree.h"
#include "aurora/train/batch.h"

namespace aurora {
namespace {

constexpr const char* kWanted = "ff42cac9e44c6b6d8dcf77b102d813b7";

// Two corpora of several files, three stages (a ramp of length, a larger batch with another mix), a skipped
// range.
config::Recipe recipe() {
  config::Recipe recipe;
  recipe.train.steps = 40;
  recipe.train.sequence_length = 64;
  recipe.train.strands = 7;
  recipe.train.leaves_per_strand = 2;
  recipe.train.leaf_sequences = 3;
  recipe.stages.resize(2);
  recipe.stages[0] = {.name = "short", .from_tokens = 0, .mix = {}, .epochs = {}, .sequence_length = 16};
  recipe.stages[1] = {
      .name = "large", .from_tokens = 30'000, .mix = {}, .epochs = {}, .leaves_per_strand = 4};
  return recipe;
}

order::Order make_order(const plan::StepPlan& plan) {
  order::OrderSpec spec;
  spec.seed = 5;
  spec.sequence_length = 64;
  spec.corpora.resize(2);
  spec.corpora[0].name = "letters";
  spec.corpora[1].name = "numbers";
  for (uint64_t f = 0; f < 9; ++f)
    spec.corpora[f % 2].files.push_back({.identity = 100 + f, .tokens = 3'000 + 1'700 * f, .block_bins = {}});
  spec.stages.push_back({.name = "first", .samples = plan.phases().at(1).first_sample, .weights = {3, 1}});
  spec.stages.push_back({.name = "second", .samples = 0, .weights = {1, 2}});
  spec.skips = {{100, 150}};
  return order::Order(spec);
}

// What identifies a sample: its number in the run, and where its tokens lie.
using Entry = std::array<uint64_t, 4>;

// The samples of the steps [from, to) that this rank would train on.
std::vector<Entry> samples_of_rank(const comm::Group& group, const plan::StepPlan& plan,
                                   const order::Order& order, int64_t from, int64_t to) {
  const config::Recipe r = recipe();
  std::vector<Entry> entries;
  uint64_t cursor = plan.samples_before(from);  // the one integer
  for (int64_t step = from; step < to; ++step) {
    const train::BatchShape batch(r.train, plan.at(step));
    const parallel::StrandRange mine = parallel::strands_of(group.rank(), group.size(), batch.strands);
    for (int64_t strand = mine.begin; strand < mine.end; ++strand)
      for (int64_t leaf = 0; leaf < batch.leaves_per_strand; ++leaf)
        for (int64_t b = 0; b < batch.leaf_samples; ++b) {
          const uint64_t sample = batch.leaf_begin(cursor, strand, leaf) + static_cast<uint64_t>(b);
          const order::Unit unit = order(sample);
          entries.push_back({sample, unit.file, unit.begin, static_cast<uint64_t>(batch.cuts)});
        }
    cursor += static_cast<uint64_t>(batch.samples());
  }
  return entries;
}

std::string hash_over_ranks(comm::Group& group, std::vector<Entry> mine) {
  const std::string bytes(reinterpret_cast<const char*>(mine.data()), mine.size() * sizeof(Entry));
  std::vector<Entry> all;
  for (const std::string& part : group.gather(bytes, 0)) {
    std::vector<Entry> entries(part.size() / sizeof(Entry));
    std::memcpy(entries.data(), part.data(), part.size());
    all.insert(all.end(), entries.begin(), entries.end());
  }
  std::sort(all.begin(), all.end());
  return xxh3_128({reinterpret_cast<const char*>(all.data()), all.size() * sizeof(Entry)}).hex();
}

int run() {
  auto group = comm::world_group();
  const plan::StepPlan plan(recipe().train, recipe().stages);
  const order::Order order = make_order(plan);
  int wrong = 0;
  const std::string whole = hash_over_ranks(*group, samples_of_rank(*group, plan, order, 0, plan.steps()));
  for (int64_t cut : {int64_t{1}, int64_t{13}, plan.steps() - 1}) {
    std::vector<Entry> entries = samples_of_rank(*group, plan, order, 0, cut);
    const std::vector<Entry> rest = samples_of_rank(*group, plan, make_order(plan), cut, plan.steps());
    entries.insert(entries.end(), rest.begin(), rest.end());
    wrong += hash_over_ranks(*group, entries) != whole;
  }
  if (group->rank() != 0) return 0;
  fmt::print("{} ranks: {} (wanted {}), cut and resumed: {} wrong\n", group->size(), whole, kWanted, wrong);
  return whole == kWanted && wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace aurora

int main() {
  return aurora::run();
}
