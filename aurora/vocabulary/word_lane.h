// One thread's way into WordCounts: cuts texts into words and counts those it meets often in a small table of
// its own; what falls out of it waits, by shard, until a batch is full.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/pretokenize/scheme.h"
#include "aurora/vocabulary/word_counts.h"

namespace aurora::vocabulary {

class WordLane {
 public:
  // Words shorter than least_bytes are passed over: where words are merged, one byte is nothing to count.
  WordLane(WordCounts& counts, size_t least_bytes);

  // Adds every word of a text, `weight` times each. A word longer than kLongestWord counts as pieces of that
  // many bytes, or up to three fewer where a character would be split. text.size() <= 0xffffffff; weight > 0.
  void add_text(std::string_view text, uint64_t weight, pretokenize::CutFunction cut);
  // count > 0; text_end: where readable memory behind the word ends.
  void add_word(std::string_view word, uint64_t count, const char* text_end);
  // Hands everything over. After the last add.
  void finish();

 private:
  struct Waiting {
    std::vector<ShortCount> words;
    std::vector<LongCount> long_words;
    std::string long_bytes;
  };
  struct Keyed {
    WordKey key;
    uint64_t hash;
  };
  void add_short(WordKey key, uint64_t hash, uint64_t count);
  void add_long(std::string_view word, uint64_t count);
  void wait(WordKey key, uint64_t hash, uint64_t count);
  void flush(size_t shard);

  WordCounts& counts_;
  size_t least_bytes_;
  std::vector<ShortCount> frequent_;  // by hash; a newcomer drives out what was there
  std::vector<Keyed> keyed_;          // short words of one batch of cuts
  std::array<Waiting, WordCounts::kShards> waiting_;
};

}  // namespace aurora::vocabulary
