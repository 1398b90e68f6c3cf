// What a BpeModel holds. Inside, tokens go by symbols: numbers that the model gives to what words are made
// of.
//
// A model is regular when every symbol is the text it covers: texts differ, a merge's result is the joined
// text of its parts, first symbols other than bytes and characters take no part in merges, and different
// results have different ranks. All vocabularies that were learned are. Then
// - a text has one way only to become one symbol, so a token has at most one merge that can ever happen; the
//   others are dropped, and so are tokens that their own text does not become;
// - symbols are numbered by rank: first those that words start from, then results in the order of their
//   ranks, and the merge with the smaller result goes first;
// - a word may be cut where no symbol can lie across (bpe/seams.h).
// Else symbols are the ids, and only the heap of bpe/heap.h merges them.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aurora/tokenizer/bpe/heap.h"
#include "aurora/tokenizer/bpe/pair_map.h"
#include "aurora/tokenizer/bpe/rules.h"
#include "aurora/tokenizer/bpe/seams.h"
#include "aurora/tokenizer/bpe/words.h"

namespace aurora::tokenizer {

inline constexpr uint32_t kNoSymbol = 0xffffffff;

struct BpeMerge {
  uint32_t rank = 0;
  int32_t result = 0;
};
using BpeMergeMap = PairMap<BpeMerge>;

struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

struct BpeTables {
  bool byte_level = true;
  bool fuse_unknown = false;
  bool regular = true;
  bool complete = true;  // every byte has a symbol (byte-level, or as fallback): nothing is unknown

  // Where words start from; kNoSymbol: none.
  std::array<uint32_t, 256> bytes;   // byte-level: of a byte. Else: byte fallback
  std::vector<uint32_t> characters;  // else: of a character, by code point; as long as needed
  uint32_t unknown = kNoSymbol;

  std::vector<int32_t> ids;          // of symbols
  BpeRules rules;                    // regular
  std::vector<uint32_t> byte_pairs;  // byte-level, regular, complete: what bytes first << 8 | second become
  BpeMergeMap all_rules;             // not regular

  bool has_seams = false;  // words may be cut
  BpeSeams seams;
  std::unique_ptr<WordTable> seeds;  // short words that are one token
  // whole_words: tokens that their own text does not become by merges.
  std::unordered_map<std::string, int32_t, TextHash, std::equal_to<>> whole_words;
};

// The symbols that a word starts from, appended.
void first_symbols(const BpeTables& tables, std::string_view word, std::vector<BpeSymbol>& symbols);

// All merges of `symbols` by the heap.
void merge_by_heap(const BpeTables& tables, BpeHeap& heap, std::vector<BpeSymbol>& symbols);

}  // namespace aurora::tokenizer
