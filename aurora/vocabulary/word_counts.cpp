#include "aurora/vocabulary/word_counts.h"

#include <algorithm>

#include "aurora/base/check.h"
#include "aurora/base/hash.h"
#include "aurora/pretokenize/pretokenize.h"

namespace aurora::vocabulary {

WordCounts::WordCounts() : slots_(1 << 12) {}

void WordCounts::add_text(std::string_view text, uint64_t weight) {
  for (size_t at = 0; at < text.size();) {
    const size_t end = pretokenize::next_word(text, at);
    if (end - at > 1) add(text.substr(at, end - at), weight);
    at = end;
  }
}

void WordCounts::add(std::string_view word, uint64_t count) {
  const uint64_t hash = xxh3_64(word);
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    Entry& entry = entries_[slots_[at] - 1];
    if (entry.hash == hash && word_of(entry) == word) {
      entry.count += count;
      return;
    }
  }
  AURORA_CHECK(entries_.size() < 0xfffffffe, "too many unique words");
  entries_.push_back({hash, arena_.size(), word.size(), count});
  arena_ += word;
  slots_[at] = static_cast<uint32_t>(entries_.size());
  if (2 * entries_.size() > slots_.size()) grow();
}

void WordCounts::grow() {
  slots_.assign(2 * slots_.size(), 0);
  const size_t mask = slots_.size() - 1;
  for (size_t i = 0; i < entries_.size(); ++i) {
    size_t at = entries_[i].hash & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = static_cast<uint32_t>(i + 1);
  }
}

void WordCounts::add(const WordCounts& other) {
  for (const Entry& entry : other.entries_) add(other.word_of(entry), entry.count);
}

std::vector<WordCount> WordCounts::sorted() const {
  std::vector<WordCount> words;
  for (const Entry& entry : entries_) words.push_back({word_of(entry), entry.count});
  std::sort(words.begin(), words.end(),
            [](const WordCount& a, const WordCount& b) { return a.word < b.word; });
  return words;
}

}  // namespace aurora::vocabulary
