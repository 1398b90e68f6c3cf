#include "aurora/vocabulary/train.h"

#include <chrono>

#include "aurora/pretokenize/pretokenize.h"
#include "aurora/tokenizer/trained_spec.h"
#include "aurora/vocabulary/count_texts.h"
#include "aurora/vocabulary/train_merges.h"
#include "aurora/vocabulary/train_settings.h"
#include "aurora/vocabulary/word_counts.h"

namespace aurora::vocabulary {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

size_t cut_own(std::string_view text, size_t at, std::span<uint32_t> ends) {
  size_t n = 0;
  while (at < text.size() && n < ends.size())
    ends[n++] = static_cast<uint32_t>(at = pretokenize::next_word(text, at));
  return n;
}

}  // namespace

TrainResult train_bpe(const TrainSettings& settings, TextSource& source, Pool& pool) {
  const VocabularyPlan plan = plan_vocabulary(settings, 256);
  TrainResult result;
  const double start = seconds_now();
  WordCounts counts(settings.memory_bytes, settings.spill_folder);
  result.text_bytes = count_texts(source, cut_own, 2, counts, pool);
  counts.finish(pool);
  result.unique_words = counts.words();
  result.table_bytes = counts.peak_memory_bytes();
  result.spilled_bytes = counts.spilled_bytes();
  const double counted = seconds_now();
  result.seconds_counting = counted - start;

  MergeSettings merge_settings;
  merge_settings.most_tokens = static_cast<size_t>(plan.learned());
  merge_settings.min_frequency = settings.min_frequency;
  if (settings.longest_token > 0) merge_settings.longest_bytes = settings.longest_token;
  merge_settings.bytes = bytes_in_gpt2_order();
  const Merges merges = train_merges(counts, merge_settings, pool);
  result.spec = tokenizer::spec_of_trained_bpe(
      merges.tokens, merges.merges, fill_up(plan, settings, merges.tokens.size()), settings.scheme);
  result.seconds_merging = seconds_now() - counted;
  return result;
}

}  // namespace aurora::vocabulary
