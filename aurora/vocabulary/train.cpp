#include "aurora/vocabulary/train.h"

#include <fmt/format.h>

#include <set>

#include "aurora/base/error.h"
#include "aurora/base/free_list.h"
#include "aurora/tokenizer/trained_spec.h"
#include "aurora/vocabulary/train_merges.h"
#include "aurora/vocabulary/word_counts.h"

namespace aurora::vocabulary {
namespace {

constexpr size_t kBatchBytes = 8'000'000;  // texts read before their words are counted

void check_settings(const TrainSettings& settings) {
  const int64_t least = 256 + static_cast<int64_t>(settings.special_tokens.size());
  if (settings.vocab_size < least) {
    throw UsageError(fmt::format("a vocabulary of {} cannot hold 256 bytes and {} special tokens",
                                 settings.vocab_size, settings.special_tokens.size()),
                     "tokenizer.vocab_size", fmt::format("use at least {}", least));
  }
  std::set<std::string> seen;
  if (settings.special_tokens.empty()) {
    throw UsageError("no special token, one must end documents", "tokenizer.special_tokens",
                     "name at least one, e.g. \"<|endoftext|>\"");
  }
  for (const std::string& token : settings.special_tokens) {
    if (!token.empty() && seen.insert(token).second) continue;
    throw UsageError("special token \"" + token + "\" is empty or stands twice", "tokenizer.special_tokens",
                     "name each once");
  }
}

struct WeightedText {
  std::string text;
  uint64_t weight = 1;
};

}  // namespace

TrainResult train_bpe(const TrainSettings& settings, TextSource& source, Pool& pool) {
  check_settings(settings);
  TrainResult result;
  FreeList<WordCounts> counters([] { return std::make_unique<WordCounts>(); });
  bool more = true;
  while (more) {
    std::vector<WeightedText> batch;
    for (size_t bytes = 0; bytes < kBatchBytes;) {
      WeightedText item;
      more = source.next(item.text, item.weight);
      if (!more) break;
      bytes += item.text.size();
      batch.push_back(std::move(item));
    }
    for (const WeightedText& item : batch) result.text_bytes += item.text.size();
    // Counts are sums and words are sorted in the end, so it does not matter which counter takes which text.
    pool.for_each(batch.size(), [&](size_t tile) {
      std::unique_ptr<WordCounts> counter = counters.take();
      counter->add_text(batch[tile].text, batch[tile].weight);
      counters.give_back(std::move(counter));
    });
  }
  WordCounts all;
  for (std::unique_ptr<WordCounts>& counter : counters.items()) {
    all.add(*counter);
    counter.reset();
  }
  result.unique_words = all.size();
  const std::vector<WordCount> words = all.sorted();
  Merges merges =
      train_merges(words, static_cast<size_t>(settings.vocab_size) - settings.special_tokens.size(),
                   settings.min_frequency);
  result.spec = tokenizer::spec_of_trained_bpe(merges.tokens, merges.merges, settings.special_tokens);
  return result;
}

}  // namespace aurora::vocabulary
