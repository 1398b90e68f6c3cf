#include "aurora/corpus/stop_words.h"

#include <array>
#include <bitset>
#include <vector>

namespace aurora::corpus {
namespace {

struct List {
  std::string_view language;
  std::vector<std::string_view> words;
};

const std::vector<List>& lists() {
  static const std::vector<List> all = {
      {"en", {"the", "be", "to", "of", "and", "that", "have", "with"}},
      {"fr", {"le", "la", "les", "de", "des", "du", "et", "un", "une", "est", "que", "dans", "pour", "par"}},
      {"de",
       {"der", "die", "das", "den", "und", "ist", "ein", "eine", "zu", "von", "mit", "nicht", "für", "wird"}},
      {"es",
       {"el", "la", "los", "las", "de", "del", "y", "un", "una", "es", "que", "en", "para", "por", "con"}},
      {"ja",
       {"の", "は", "を", "に", "が", "と", "で", "も", "た", "て", "から", "する", "です", "ます", "この"}},
  };
  return all;
}

// Stop words by the low byte of their hash; the few that share one follow each other.
struct Table {
  std::string_view language;
  struct Entry {
    uint64_t hash = 0;
    int number = 0;
  };
  std::array<std::vector<Entry>, 256> slots;
};

const Table* find_table(std::string_view language) {
  static const std::vector<Table> tables = [] {
    std::vector<Table> made;
    for (const List& list : lists()) {
      Table& table = made.emplace_back();
      table.language = list.language;
      int number = 0;
      for (const std::string_view word : list.words) {
        const uint64_t hash = word_hash(word);
        table.slots[hash & 0xFF].push_back({hash, number++});
      }
    }
    return made;
  }();
  for (const Table& table : tables) {
    if (table.language == language) return &table;
  }
  return nullptr;
}

}  // namespace

bool has_stop_words(std::string_view language) {
  return find_table(language) != nullptr;
}

int count_stop_words(const Words& words, std::string_view language) {
  const Table* table = find_table(language);
  if (table == nullptr) return 0;
  std::bitset<64> found;
  for (const Word& word : words.words) {
    for (const Table::Entry& entry : table->slots[word.hash & 0xFF]) {
      if (entry.hash == word.hash) found.set(static_cast<size_t>(entry.number));
    }
  }
  return static_cast<int>(found.count());
}

}  // namespace aurora::corpus
