#include "aurora/tokenizer/bpe/merger.h"

#include <algorithm>

#include "aurora/base/utf8.h"

namespace aurora::tokenizer {
namespace {

// The last tokens of a window may be others when more text follows.
constexpr size_t kUnsure = 2;
constexpr size_t kTokensOfWindow = 5;  // at least, where tokens are long
// A window of so few tokens, by the bytes of one, may be part of a run.
constexpr size_t kBytesThatRepeat = 4;

}  // namespace

std::span<const int32_t> BpeMerger::merge(std::string_view word) {
  done_.clear();
  if (word.size() <= kScanned || !tables_.has_seams) {
    merge_to(word, done_);
  } else {
    windows(word);
  }
  ids_.resize(done_.size());
  for (size_t i = 0; i < done_.size(); ++i) ids_[i] = tables_.ids[done_[i].symbol];
  return ids_;
}

void BpeMerger::merge_to(std::string_view text, std::vector<Done>& done) {
  if (!tables_.regular || !scan_row(text, done)) heap(text, done);
}

// false: too long.
bool BpeMerger::scan_row(std::string_view text, std::vector<Done>& done) {
  if (!fill_row(text, row_)) return false;
  const bool bytes = !tables_.byte_pairs.empty();
  uint64_t places = scan_.one(tables_.rules, row_);
  while (places != 0) {
    const size_t at = static_cast<size_t>(__builtin_ctzll(places));
    places &= places - 1;
    const size_t next = places != 0 ? static_cast<size_t>(__builtin_ctzll(places)) : row_.size + 1;
    const uint32_t end = bytes ? static_cast<uint32_t>(next - 1) : symbols_[next - 2].end;
    done.push_back({row_.symbols[at], end});
  }
  return true;
}

bool BpeMerger::fill_row(std::string_view text, BpeRow& row) {
  if (!tables_.byte_pairs.empty()) {
    const size_t size = text.size();
    if (size > kScanned) return false;
    row.size = size;
    for (size_t i = 0; i < size; ++i) row.symbols[i + 1] = tables_.bytes[static_cast<uint8_t>(text[i])];
    for (size_t i = 0; i + 1 < size; ++i) {
      const size_t pair = size_t{static_cast<uint8_t>(text[i])} << 8 | static_cast<uint8_t>(text[i + 1]);
      row.pairs[i + 1] = tables_.byte_pairs[pair];
    }
  } else {
    symbols_.clear();
    first_symbols(tables_, text, symbols_);
    const size_t size = symbols_.size();
    if (size > kScanned) return false;
    row.size = size;
    for (size_t i = 0; i < size; ++i) row.symbols[i + 1] = static_cast<uint32_t>(symbols_[i].id);
    for (size_t i = 1; i < size; ++i) {
      row.pairs[i] = tables_.rules.find(row.symbols[i], row.symbols[i + 1]);
    }
  }
  row.symbols[0] = row.symbols[row.size + 1] = kBorder;
  row.pairs[0] = kNoMerge;
  std::fill(row.pairs + row.size, row.pairs + (row.size | 15) + 1, kNoMerge);
  return true;
}

void BpeMerger::merge_together(std::span<const std::string_view> words) {
  for (size_t i = 0; i < words.size(); ++i) fill_row(words[i], rows_[i]);
  scan_.several(tables_.rules, std::span(rows_).first(words.size()), places_);
  for (size_t i = 0; i < words.size(); ++i) {
    for (uint64_t places = places_[i]; places != 0; places &= places - 1) {
      __builtin_prefetch(&tables_.ids[rows_[i].symbols[__builtin_ctzll(places)]]);
    }
  }
}

std::span<const int32_t> BpeMerger::merged(size_t word) {
  size_t count = 0;
  for (uint64_t places = places_[word]; places != 0; places &= places - 1) {
    short_ids_[count++] = tables_.ids[rows_[word].symbols[__builtin_ctzll(places)]];
  }
  return std::span(short_ids_).first(count);
}

void BpeMerger::heap(std::string_view text, std::vector<Done>& done) {
  symbols_.clear();
  first_symbols(tables_, text, symbols_);
  merge_by_heap(tables_, heap_, symbols_);
  for (const BpeSymbol& symbol : symbols_) done.push_back({static_cast<uint32_t>(symbol.id), symbol.end});
}

void BpeMerger::windows(std::string_view word) {
  size_t size = kScanned;
  size_t furthest = 0;  // end of what has been done, were it taken back or not
  uint32_t expected = kNoSymbol;
  while (true) {
    const size_t begin = done_.empty() ? 0 : done_.back().end;
    const size_t end = window_end(word, begin, size);
    merge_window(word.substr(begin, end - begin), window_);
    const Done& first = window_[0];
    if (!done_.empty() && first.symbol != expected && !joined(word, first.symbol, begin + first.end)) {
      done_.pop_back();
      size += kScanned;
      expected = kNoSymbol;
      continue;
    }
    const bool last = end == word.size();
    const size_t sure = last ? window_.size() : window_.size() - std::min(window_.size(), kUnsure);
    uint32_t longest = 0;
    for (size_t i = 0, from = 0; i < sure; from = window_[i++].end) {
      done_.push_back({window_[i].symbol, static_cast<uint32_t>(begin + window_[i].end)});
      longest = std::max(longest, window_[i].end - static_cast<uint32_t>(from));
    }
    if (last) return;
    expected = window_[sure].symbol;  // it was seen to join what is done now
    const size_t reached = done_.empty() ? 0 : done_.back().end;
    size = reached > furthest ? std::max(kScanned, kTokensOfWindow * longest) : 2 * size;
    furthest = std::max(furthest, reached);
  }
}

void BpeMerger::merge_window(std::string_view text, std::vector<Done>& done) {
  done.clear();
  const std::span<const int32_t> known = known_.find(text);
  for (size_t i = 0; i < known.size(); i += 2) {
    done.push_back({static_cast<uint32_t>(known[i]), static_cast<uint32_t>(known[i + 1])});
  }
  if (!known.empty()) return;
  merge_to(text, done);
  if (done.size() > text.size() / kBytesThatRepeat) return;
  ids_.clear();
  for (const Done& token : done) {
    ids_.push_back(static_cast<int32_t>(token.symbol));
    ids_.push_back(static_cast<int32_t>(token.end));
  }
  known_.remember(text, ids_);
}

// So many bytes on, or a little less: a character stays whole.
size_t BpeMerger::window_end(std::string_view word, size_t begin, size_t size) const {
  if (size >= word.size() - begin) return word.size();
  const size_t end = begin + size;
  if (tables_.byte_level) return end;
  for (size_t back = 1; back < 4; ++back) {
    const Decoded character = decode_utf8(word, end - back);
    if (character.valid && character.bytes > back) return end - back;
  }
  return end;
}

// Is the text of the last token done and of the one behind it, `symbol` up to `end`, these two?
bool BpeMerger::joined(std::string_view word, uint32_t symbol, size_t end) {
  const size_t begin = done_.size() > 1 ? done_[done_.size() - 2].end : 0;
  merge_window(word.substr(begin, end - begin), pair_);
  return pair_.size() == 2 && pair_[0].symbol == done_.back().symbol && pair_[1].symbol == symbol;
}

}  // namespace aurora::tokenizer
