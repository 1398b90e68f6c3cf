// Unique words and how often they occur. Bytes lie in one arena, so that millions of short words cost little.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aurora::vocabulary {

struct WordCount {
  std::string_view word;  // into the WordCounts' arena
  uint64_t count = 0;
};

class WordCounts {
 public:
  WordCounts();
  // Adds every word of a text, `weight` times each. Words of one byte are left out: nothing merges in them.
  void add_text(std::string_view text, uint64_t weight);
  void add(std::string_view word, uint64_t count);
  void add(const WordCounts& other);
  size_t size() const { return entries_.size(); }
  // Sorted by bytes: the same for any order of adding. Valid until the next add.
  std::vector<WordCount> sorted() const;

 private:
  struct Entry {
    uint64_t hash;
    uint64_t begin;
    uint64_t size;
    uint64_t count;
  };
  std::string_view word_of(const Entry& entry) const { return {arena_.data() + entry.begin, entry.size}; }
  void grow();

  std::string arena_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> slots_;  // entry + 1, 0 when free; at most half full
};

}  // namespace aurora::vocabulary
