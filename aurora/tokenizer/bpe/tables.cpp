#include "aurora/tokenizer/bpe/tables.h"

#include <utility>

#include "aurora/base/utf8.h"

namespace aurora::tokenizer {
namespace {

uint32_t symbol_of(const BpeTables& tables, const Decoded& character) {
  const bool known = character.valid && character.code_point < tables.characters.size();
  return known ? tables.characters[character.code_point] : kNoSymbol;
}

bool all_bytes_have_one(const BpeTables& tables, std::string_view character) {
  for (char byte : character) {
    if (tables.bytes[static_cast<uint8_t>(byte)] == kNoSymbol) return false;
  }
  return true;
}

// An unknown token waits until the next character that is known; byte fallback goes before it. So does
// `tokenizers` (models/bpe, merge_word).
void first_characters(const BpeTables& tables, std::string_view word, std::vector<BpeSymbol>& symbols) {
  bool waiting = false;
  uint32_t waiting_end = 0;
  const auto push = [&](uint32_t symbol, size_t end) {
    symbols.push_back({static_cast<int32_t>(symbol), static_cast<uint32_t>(end)});
  };
  for (size_t at = 0, size = 0; at < word.size(); at += size) {
    const uint8_t first = static_cast<uint8_t>(word[at]);
    const Decoded decoded = first < 128 ? Decoded{first, 1, true} : decode_utf8(word, at);
    size = decoded.bytes;
    const uint32_t symbol = symbol_of(tables, decoded);
    if (symbol != kNoSymbol) {
      if (std::exchange(waiting, false)) push(tables.unknown, waiting_end);
      push(symbol, at + size);
    } else if (all_bytes_have_one(tables, word.substr(at, size))) {
      for (size_t i = 0; i < size; ++i) push(tables.bytes[static_cast<uint8_t>(word[at + i])], at + i + 1);
    } else if (tables.unknown != kNoSymbol) {
      if (waiting && !tables.fuse_unknown) push(tables.unknown, waiting_end);
      waiting = true;
      waiting_end = static_cast<uint32_t>(at + size);
    }
  }
  if (waiting) push(tables.unknown, waiting_end);
}

struct RegularRules {
  const BpeMerge* find(int32_t left, int32_t right) const {
    const uint32_t result = rules.find(static_cast<uint32_t>(left), static_cast<uint32_t>(right));
    found = {result, static_cast<int32_t>(result)};
    return result == kNoMerge ? nullptr : &found;
  }
  const BpeRules& rules;
  mutable BpeMerge found;
};

}  // namespace

void first_symbols(const BpeTables& tables, std::string_view word, std::vector<BpeSymbol>& symbols) {
  if (!tables.byte_level) return first_characters(tables, word, symbols);
  for (size_t at = 0; at < word.size(); ++at) {
    uint32_t symbol = tables.bytes[static_cast<uint8_t>(word[at])];
    const uint32_t end = static_cast<uint32_t>(at + 1);
    if (symbol == kNoSymbol) {
      if (tables.unknown == kNoSymbol) continue;
      symbol = tables.unknown;
      if (tables.fuse_unknown && !symbols.empty() && static_cast<uint32_t>(symbols.back().id) == symbol) {
        symbols.back().end = end;
        continue;
      }
    }
    symbols.push_back({static_cast<int32_t>(symbol), end});
  }
}

void merge_by_heap(const BpeTables& tables, BpeHeap& heap, std::vector<BpeSymbol>& symbols) {
  if (tables.regular) {
    heap.merge(RegularRules{tables.rules, {}}, symbols);
  } else {
    heap.merge(tables.all_rules, symbols);
  }
}

}  // namespace aurora::tokenizer
