// Gopher's repetition signals: duplicate lines and paragraphs, the most frequent short n-grams, duplicate
// long ones.
#include <algorithm>
#include <vector>

#include "aurora/base/hash.h"
#include "aurora/corpus/characters.h"
#include "aurora/corpus/signals.h"
#include "aurora/corpus/verbatim.h"

namespace aurora::corpus {
namespace {

// Counts 64-bit keys in open addressing. start() forgets all of them without touching the memory.
class KeyCounter {
 public:
  struct Slot {
    uint64_t key = 0;
    uint32_t count = 0;
    uint32_t round = 0;
  };

  void start(size_t keys) {
    size_t size = 64;
    while (size < 2 * keys) size *= 2;
    if (slots_.size() < size) slots_.assign(size, Slot{});
    shift_ = 64;
    for (size_t rest = size; rest > 1; rest /= 2) --shift_;
    mask_ = size - 1;
    if (++round_ == 0) {
      slots_.assign(slots_.size(), Slot{});
      round_ = 1;
    }
  }
  // Adds one of this key and returns its slot's index.
  uint32_t add(uint64_t key) {
    size_t at = (key * 0x9E3779B97F4A7C15) >> shift_;
    while (true) {
      Slot& slot = slots_[at];
      if (slot.round != round_) {
        slot = {key, 1, round_};
        return static_cast<uint32_t>(at);
      }
      if (slot.key == key) {
        ++slot.count;
        return static_cast<uint32_t>(at);
      }
      at = (at + 1) & mask_;
    }
  }
  uint32_t count(uint32_t slot) const { return slots_[slot].count; }

 private:
  std::vector<Slot> slots_;
  int shift_ = 64;
  size_t mask_ = 0;
  uint32_t round_ = 0;
};

struct Duplicates {
  int64_t pieces = 0;
  int64_t duplicates = 0;            // seen before
  int64_t duplicate_characters = 0;  // of those
};

// Pieces between runs of `separator`; blank ones do not count.
Duplicates count_duplicates(std::string_view text, std::string_view separator, KeyCounter& counter) {
  Duplicates result;
  counter.start(static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    const std::string_view piece = text.substr(begin, end - begin);
    begin = end + separator.size();
    if (piece.find_first_not_of(" \n") == std::string_view::npos) continue;
    ++result.pieces;
    if (counter.count(counter.add(xxh3_64(piece))) > 1) {
      ++result.duplicates;
      result.duplicate_characters += count_characters(piece);
    }
  }
  return result;
}

// The n-grams of a document for growing n, held at the positions where an n-gram may occur twice: an
// (n+1)-gram can only do so where its first and its last n words do.
class Ngrams {
 public:
  explicit Ngrams(const Words& words) : words_(words.words) {
    for (size_t i = 0; i < words_.size(); ++i) {
      positions_.push_back(static_cast<uint32_t>(i));
      keys_.push_back(words_[i].hash);
    }
  }

  // Goes from n to n+1 words; afterwards the positions of n-grams that occur more than once remain.
  void grow(KeyCounter& counter) {
    ++n_;
    size_t kept = 0;
    for (size_t i = 0; i < positions_.size(); ++i) {
      const uint32_t at = positions_[i];
      if (at + n_ > words_.size()) continue;
      const bool neighbour = i + 1 < positions_.size() && positions_[i + 1] == at + 1;
      if (!neighbour) continue;
      positions_[kept] = at;
      keys_[kept++] = keys_[i] * 0xD1342543DE82EF95 + words_[at + n_ - 1].hash;
    }
    positions_.resize(kept);
    keys_.resize(kept);
    counter.start(kept);
    slots_.resize(kept);
    for (size_t i = 0; i < kept; ++i) slots_[i] = counter.add(keys_[i]);
    keep_repeated(counter);
  }

  // Characters of all occurrences of the most frequent n-gram (of equals, the first), 0 if none occurs twice.
  int64_t top_characters(bool spaced) const {
    uint32_t best_count = 1;
    size_t best = 0;
    for (size_t i = 0; i < positions_.size(); ++i) {
      if (counts_[i] > best_count) {
        best_count = counts_[i];
        best = i;
      }
    }
    if (best_count < 2) return 0;
    return best_count * (characters(positions_[best]) + (spaced ? n_ - 1 : 0));
  }

  // Characters of n-grams that were seen before, going through the text and, behind each such n-gram, on at
  // its end, so that no character counts twice.
  int64_t duplicate_characters(KeyCounter& counter) const {
    counter.start(positions_.size());
    int64_t sum = 0;
    uint32_t next = 0;
    for (size_t i = 0; i < positions_.size(); ++i) {
      if (positions_[i] < next) continue;
      if (counter.count(counter.add(keys_[i])) > 1) {
        sum += characters(positions_[i]);
        next = positions_[i] + n_;
      }
    }
    return sum;
  }

 private:
  void keep_repeated(const KeyCounter& counter) {
    counts_.clear();
    size_t kept = 0;
    for (size_t i = 0; i < positions_.size(); ++i) {
      const uint32_t count = counter.count(slots_[i]);
      if (count < 2) continue;
      counts_.push_back(count);
      positions_[kept] = positions_[i];
      keys_[kept++] = keys_[i];
    }
    positions_.resize(kept);
    keys_.resize(kept);
  }
  int64_t characters(uint32_t at) const {
    int64_t sum = 0;
    for (uint32_t i = at; i < at + n_; ++i) sum += words_[i].characters;
    return sum;
  }

  const std::vector<Word>& words_;
  uint32_t n_ = 1;
  std::vector<uint32_t> positions_;
  std::vector<uint64_t> keys_;
  std::vector<uint32_t> counts_;  // occurrences of the n-gram at each position
  std::vector<uint32_t> slots_;
};

}  // namespace

void measure_repetition(std::string_view text, const Words& words, bool spaced, Signals& signals) {
  thread_local KeyCounter counter;
  const auto share = [](int64_t part, double whole) {
    return whole > 0 ? static_cast<double>(part) / whole : 0;
  };
  // Every fence is a line like the others, and code repeats its lines; what is asked of prose is asked of it
  // alone.
  const std::string outside = without_verbatim(text);
  const std::string_view prose = outside.empty() ? text : outside;
  const auto prose_characters = static_cast<double>(count_characters(prose));
  const Duplicates lines = count_duplicates(prose, "\n", counter);
  const Duplicates paragraphs = count_duplicates(prose, "\n\n", counter);
  signals.duplicate_lines = share(lines.duplicates, static_cast<double>(lines.pieces));
  signals.duplicate_paragraphs = share(paragraphs.duplicates, static_cast<double>(paragraphs.pieces));
  signals.duplicate_line_characters = share(lines.duplicate_characters, prose_characters);
  signals.duplicate_paragraph_characters = share(paragraphs.duplicate_characters, prose_characters);

  Ngrams ngrams(words);
  for (int n = 2; n <= 10; ++n) {
    ngrams.grow(counter);
    if (n <= 4) signals.top_ngram[n] = share(ngrams.top_characters(spaced), signals.characters);
    if (n >= 5) signals.duplicate_ngrams[n] = share(ngrams.duplicate_characters(counter), signals.characters);
  }
}

}  // namespace aurora::corpus
