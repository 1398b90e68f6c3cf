#include "aurora/vocabulary/train.h"

#include <algorithm>

#include "aurora/comm/group.h"
#include "aurora/tokenizer/trained_spec.h"
#include "aurora/vocabulary/count_texts.h"
#include "aurora/vocabulary/train_merges.h"
#include "aurora/vocabulary/train_settings.h"
#include "aurora/vocabulary/word_exchange.h"

namespace aurora::vocabulary {
namespace {

MergeSettings merge_settings(const TrainSettings& settings, const VocabularyPlan& plan) {
  MergeSettings merge;
  merge.most_tokens = static_cast<size_t>(plan.learned());
  merge.min_frequency = std::max<uint64_t>(settings.min_frequency, 1) * settings.weight_unit;
  if (settings.longest_token > 0) merge.longest_bytes = settings.longest_token;
  merge.bytes = bytes_in_gpt2_order();
  return merge;
}

// What rank 0 knows, to all; tokens follow from the merges.
void broadcast(Merges& merges, const MergeSettings& settings, comm::Group& group) {
  uint64_t number = merges.merges.size();
  group.broadcast(&number, sizeof number, 0);
  merges.merges.resize(number);
  group.broadcast(merges.merges.data(), number * sizeof merges.merges[0], 0);
  if (group.rank() == 0) return;
  for (const uint8_t byte : settings.bytes) merges.tokens.emplace_back(1, static_cast<char>(byte));
  for (const auto& [left, right] : merges.merges)
    merges.tokens.push_back(merges.tokens[left] + merges.tokens[right]);
}

}  // namespace

TrainResult train_bpe(const TrainSettings& settings, TextSource& source, Pool& pool, comm::Group* group) {
  const VocabularyPlan plan = plan_vocabulary(settings, 256);
  const pretokenize::Scheme& scheme = scheme_of(settings);
  const MergeSettings merge = merge_settings(settings, plan);
  TrainResult result;
  Lap lap;
  WordCounts counts(settings.memory_bytes, settings.spill_folder);
  const auto count = [&](std::string_view text, uint64_t weight, WordLane& lane) {
    lane.add_text(text, weight, scheme.cut);
  };
  result.text_bytes = count_texts(source, count, 2, counts, pool);
  finish_counts(counts, pool, group, result);
  result.seconds_counting = lap.seconds();
  Merges merges;
  if (group == nullptr || group->rank() == 0) merges = train_merges(counts, merge, pool);
  if (group != nullptr) broadcast(merges, merge, *group);
  result.spec = tokenizer::spec_of_trained_bpe(merges.tokens, merges.merges,
                                               fill_up(plan, settings, merges.tokens.size()), scheme.name);
  result.seconds_learning = lap.seconds();
  return result;
}

}  // namespace aurora::vocabulary
