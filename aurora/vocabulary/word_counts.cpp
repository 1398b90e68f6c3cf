#include "aurora/vocabulary/word_counts.h"

#include <algorithm>

#include "aurora/vocabulary/word_records.h"

namespace aurora::vocabulary {
namespace {
constexpr size_t kAhead = 8;  // slots on their way from memory
}

WordCounts::WordCounts(uint64_t memory_bytes, Path spill_folder)
    : memory_limit_(memory_bytes), spill_folder_(std::move(spill_folder)) {}

void WordCounts::account(int64_t grown) {
  const int64_t now = memory_.fetch_add(grown) + grown;
  int64_t peak = peak_.load();
  while (peak < now && !peak_.compare_exchange_weak(peak, now)) {
  }
}

void WordCounts::add_batch(size_t index, std::span<const ShortCount> words,
                           std::span<const LongCount> long_words, std::string_view long_bytes) {
  Shard& shard = shards_[index];
  const std::lock_guard lock(shard.mutex);
  WordTable& table = shard.table;
  const uint64_t before = table.memory_bytes();
  for (size_t i = 0; i < words.size(); ++i) {
    if (i + kAhead < words.size()) table.prefetch(hash_of(words[i + kAhead].key));
    table.add(words[i].key, hash_of(words[i].key), words[i].count);
  }
  for (size_t i = 0; i < long_words.size(); ++i) {
    if (i + kAhead < long_words.size()) table.prefetch(long_words[i + kAhead].hash);
    const LongCount& word = long_words[i];
    table.add_long(long_bytes.substr(word.begin, word.size), word.hash, word.count);
  }
  account_for(shard, before);
}

void WordCounts::account_for(Shard& shard, uint64_t memory_before) {
  const uint64_t memory = shard.table.memory_bytes();
  account(static_cast<int64_t>(memory) - static_cast<int64_t>(memory_before));
  const bool full = memory_ > static_cast<int64_t>(memory_limit_);
  if (full && memory >= memory_limit_ / (2 * kShards)) spill(shard);
}

void WordCounts::add_records(size_t index, std::string_view records) {
  Shard& shard = shards_[index];
  const std::lock_guard lock(shard.mutex);
  const uint64_t before = shard.table.memory_bytes();
  read_records(records, [&](std::string_view word, uint64_t count) { shard.table.add_word(word, count); });
  account_for(shard, before);
}

void WordCounts::add(std::string_view word, uint64_t count) {
  const uint64_t hash =
      word.size() > kShortWord ? xxh3_64(word) : hash_of(short_key(word, word.data() + word.size()));
  shards_[shard_of(hash)].table.add_word(word, count);
}

void WordCounts::spill(Shard& shard) {
  std::call_once(file_once_, [&] { file_ = std::make_unique<SpillFile>(spill_folder_); });
  shard.runs.push_back(file_->write(shard.table));
  account(-static_cast<int64_t>(shard.table.memory_bytes()));
  shard.table.clear();
}

// Afterwards the shard is one table or one run.
void WordCounts::combine(Shard& shard) {
  if (!shard.runs.empty()) {
    const uint64_t before = shard.table.memory_bytes();
    for (const SpillFile::Run run : shard.runs) {
      file_->read(run, [&](std::string_view word, uint64_t count) { shard.table.add_word(word, count); });
    }
    shard.runs.clear();
    account(static_cast<int64_t>(shard.table.memory_bytes()) - static_cast<int64_t>(before));
  }
  shard.words = shard.table.words();
  shard.word_bytes = shard.table.word_bytes();
  if (shard.words > 0 && memory_ > static_cast<int64_t>(memory_limit_)) spill(shard);
}

void WordCounts::finish(Pool& pool) {
  pool.for_each(kShards, [&](size_t shard) { combine(shards_[shard]); });
}

uint64_t WordCounts::words() const {
  uint64_t sum = 0;
  for (const Shard& shard : shards_) sum += shard.words;
  return sum;
}

uint64_t WordCounts::word_bytes() const {
  uint64_t sum = 0;
  for (const Shard& shard : shards_) sum += shard.word_bytes;
  return sum;
}

void WordCounts::visit(size_t shard, const WordVisitor& use) const {
  shards_[shard].table.visit(use);
  for (const SpillFile::Run run : shards_[shard].runs) file_->read(run, use);
}

void WordCounts::drop(size_t shard) {
  account(-static_cast<int64_t>(shards_[shard].table.memory_bytes()));
  shards_[shard].table.clear();
  shards_[shard].runs.clear();
}

}  // namespace aurora::vocabulary
