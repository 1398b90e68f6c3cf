#include "aurora/vocabulary/word_lane.h"

#include <algorithm>

#include "aurora/base/check.h"

namespace aurora::vocabulary {
namespace {

constexpr size_t kFrequentBits = 14;  // with the batches about the size of a core's second cache
constexpr uint64_t kFrequentMask = (uint64_t{1} << kFrequentBits) - 1;
constexpr size_t kBatch = 128;
constexpr size_t kBatchBytes = 1 << 14;
constexpr size_t kCuts = 512;

// Where a piece of a word too long ends: not inside a character.
size_t piece_end(std::string_view word) {
  if (word.size() <= kLongestWord) return word.size();
  size_t end = kLongestWord;
  for (int i = 0; i < 3 && (word[end] & 0xc0) == 0x80; ++i) --end;
  return (word[end] & 0xc0) == 0x80 ? kLongestWord : end;
}

}  // namespace

WordLane::WordLane(WordCounts& counts, size_t least_bytes)
    : counts_(counts), least_bytes_(least_bytes), frequent_(kFrequentMask + 1), keyed_(kCuts) {
  for (Waiting& waiting : waiting_) waiting.words.reserve(kBatch);
}

void WordLane::add_text(std::string_view text, uint64_t weight, pretokenize::CutFunction cut) {
  std::array<uint32_t, kCuts> ends;
  const char* text_end = text.data() + text.size();
  for (size_t at = 0; at < text.size();) {
    const size_t words = cut(text, at, ends);
    // Keys first, so that their places are on their way from memory.
    size_t keyed = 0;
    for (size_t i = 0; i < words; ++i) {
      const std::string_view word = text.substr(at, ends[i] - at);
      at = ends[i];
      if (word.size() > kShortWord) {
        add_word(word, weight, text_end);
      } else if (word.size() >= least_bytes_) {
        const WordKey key = short_key(word, text_end);
        const uint64_t hash = hash_of(key);
        __builtin_prefetch(&frequent_[hash & kFrequentMask], 1);
        keyed_[keyed++] = {key, hash};
      }
    }
    for (size_t i = 0; i < keyed; ++i) add_short(keyed_[i].key, keyed_[i].hash, weight);
  }
}

void WordLane::add_word(std::string_view word, uint64_t count, const char* text_end) {
  if (word.size() < least_bytes_) return;
  if (word.size() <= kShortWord) {
    const WordKey key = short_key(word, text_end);
    add_short(key, hash_of(key), count);
    return;
  }
  while (!word.empty()) {
    const size_t end = piece_end(word);
    if (end > kShortWord) {
      add_long(word.substr(0, end), count);
    } else if (end >= least_bytes_) {
      const WordKey key = short_key(word.substr(0, end), text_end);
      add_short(key, hash_of(key), count);
    }
    word.remove_prefix(end);
  }
}

void WordLane::add_short(WordKey key, uint64_t hash, uint64_t count) {
  ShortCount& here = frequent_[hash & kFrequentMask];
  if (here.key == key) {
    here.count += count;
    return;
  }
  if (here.count != 0) wait(here.key, hash_of(here.key), here.count);
  here = {key, count};
}

void WordLane::wait(WordKey key, uint64_t hash, uint64_t count) {
  const size_t shard = WordCounts::shard_of(hash);
  waiting_[shard].words.push_back({key, count});
  if (waiting_[shard].words.size() == kBatch) flush(shard);
}

void WordLane::add_long(std::string_view word, uint64_t count) {
  const uint64_t hash = xxh3_64(word);
  const size_t shard = WordCounts::shard_of(hash);
  Waiting& waiting = waiting_[shard];
  waiting.long_words.push_back(
      {hash, count, static_cast<uint32_t>(waiting.long_bytes.size()), static_cast<uint32_t>(word.size())});
  waiting.long_bytes += word;
  if (waiting.long_words.size() >= kBatch || waiting.long_bytes.size() >= kBatchBytes) flush(shard);
}

void WordLane::flush(size_t shard) {
  Waiting& waiting = waiting_[shard];
  counts_.add_batch(shard, waiting.words, waiting.long_words, waiting.long_bytes);
  waiting.words.clear();
  waiting.long_words.clear();
  waiting.long_bytes.clear();
}

void WordLane::finish() {
  for (ShortCount& here : frequent_) {
    if (here.count != 0) wait(here.key, hash_of(here.key), here.count);
    here = {};
  }
  for (size_t shard = 0; shard < WordCounts::kShards; ++shard) flush(shard);
}

}  // namespace aurora::vocabulary
