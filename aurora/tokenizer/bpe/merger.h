// Merges one word after another, the fast way where the model is regular (bpe/tables.h).
//
// A long word is merged window by window. Tokens t1 .. tn are what their joined text becomes if and only if
// every two neighbours are what their own joined text becomes: a first merge across a border would happen in
// the two neighbours' text just so, for up to it each of the two goes its own way, and which of them goes on
// is decided by the ranks in these two alone. So a window that begins at a border of what is done is
// joined when its first token and the last one done stand that test; if not, tokens done are taken back. Only
// the end of a window, which lacks what follows, is merged again. Time is linear in the word for all but
// made-up vocabularies.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "aurora/tokenizer/bpe/heap.h"
#include "aurora/tokenizer/bpe/long_words.h"
#include "aurora/tokenizer/bpe/scan.h"
#include "aurora/tokenizer/bpe/tables.h"

namespace aurora::tokenizer {

// Keeps its scratch memory between words. Not thread-safe; the tables must outlive it.
class BpeMerger {
 public:
  explicit BpeMerger(const BpeTables& tables, const ScanFunctions& scan = scan_functions())
      : tables_(tables), scan_(scan) {}
  // The ids that merges make of the word; valid until the next call.
  std::span<const int32_t> merge(std::string_view word);
  // Several short words (kKeyBytes) of a regular model at once, which is faster. words.size() <= kTogether.
  static constexpr size_t kTogether = kMostRows;
  void merge_together(std::span<const std::string_view> words);
  std::span<const int32_t> merged(size_t word);  // of them; valid until the next call
  void forget() { known_.forget(); }

 private:
  // A token, by its symbol, with its end in the text.
  struct Done {
    uint32_t symbol;
    uint32_t end;
  };

  void merge_to(std::string_view text, std::vector<Done>& done);
  bool scan_row(std::string_view text, std::vector<Done>& done);
  bool fill_row(std::string_view text, BpeRow& row);
  void heap(std::string_view text, std::vector<Done>& done);
  void windows(std::string_view word);
  void merge_window(std::string_view text, std::vector<Done>& done);
  size_t window_end(std::string_view word, size_t begin, size_t size) const;
  bool joined(std::string_view word, uint32_t symbol, size_t end);

  const BpeTables& tables_;
  const ScanFunctions& scan_;
  BpeHeap heap_;
  BpeRow row_;
  std::array<BpeRow, kTogether> rows_;
  std::array<uint64_t, kTogether> places_;
  std::vector<BpeSymbol> symbols_;
  std::vector<Done> done_;    // of the word
  std::vector<Done> window_;  // of a window: ends from its begin
  std::vector<Done> pair_;
  // Of windows that may come again: symbols and ends in turn. Runs of one character consist of them.
  BpeLongWords known_{size_t{1} << 13};
  std::vector<int32_t> ids_;
  std::array<int32_t, kKeyBytes> short_ids_;
};

}  // namespace aurora::tokenizer
