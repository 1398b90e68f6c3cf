#include "aurora/tokenizer/bpe/encoder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/tokenizer/bpe/long_words.h"
#include "aurora/tokenizer/bpe/merger.h"
#include "aurora/tokenizer/bpe/splitter.h"
#include "aurora/tokenizer/bpe/tables.h"

namespace aurora::tokenizer {
namespace {

constexpr size_t kEnds = 128;                    // words that are cut at once
constexpr size_t kItems = 2 * kEnds;             // words and pieces of words between the two stages
constexpr size_t kTableLines = size_t{1} << 18;  // of 64 bytes
constexpr size_t kUncut = 6;                     // shorter words than that are never cut
constexpr uint8_t kFar = 0xe3;  // first byte of the scripts whose words are always cut: kana, Han, Hangul ...
constexpr size_t kUsualBytes = 64 << 10;  // after so much text a table of one's own pays

}  // namespace

// Words go in two stages: keys are made and the lines of the table fetched for many words, then the words are
// looked up. Between the stages a word, or a piece of one, is an item; items tile the text.
struct BpeEncoder::State {
  State(const BpeModel& model, pretokenize::CutFunction function)
      : tables(model.tables()), cut(function), merger(tables), splitter(tables.seams, function == nullptr) {}

  void encode(std::string_view all, std::vector<int32_t>& ids);
  void add_words(std::span<const uint32_t> ends);
  void add_pieces(size_t begin, size_t end);
  void add(size_t begin, std::span<const uint32_t> ends, bool are_pieces);
  void look_up();
  size_t learn(size_t item, size_t at);
  std::span<const int32_t> missing(const WordKey& key, std::string_view word, bool piece, uint32_t line);
  std::span<const int32_t> short_word(const WordKey& key, std::string_view word, uint32_t line);
  const int32_t* whole_word(std::string_view word) const;

  const BpeTables& tables;
  pretokenize::CutFunction cut;
  BpeMerger merger;
  BpeSplitter splitter;
  WordTable words;
  BpeLongWords long_words;
  size_t seen = 0;  // bytes since the last forget()

  // While encode() runs.
  std::string_view text;
  std::vector<int32_t>* out = nullptr;
  const WordTable* table = nullptr;
  bool can_learn = false;
  size_t added = 0;      // bytes of the text that have become items
  size_t looked_up = 0;  // ... and ids
  size_t items = 0;
  std::array<WordKey, kItems> keys;    // of a long one: {bytes, 0}
  std::array<uint32_t, kItems> lines;  // of the table
  std::array<bool, kItems> pieces;
};

BpeEncoder::BpeEncoder(const BpeModel& model, pretokenize::CutFunction cut)
    : state_(std::make_unique<State>(model, cut)) {}
BpeEncoder::~BpeEncoder() = default;
BpeEncoder::BpeEncoder(BpeEncoder&&) noexcept = default;
BpeEncoder& BpeEncoder::operator=(BpeEncoder&&) noexcept = default;

void BpeEncoder::encode(std::string_view text, std::vector<int32_t>& out) {
  if (text.size() > 0xffffffff) throw Error("a text of 4 GiB or more", "encode", "cut it into documents");
  state_->encode(text, out);
}

void BpeEncoder::encode_word(std::string_view word, std::vector<int32_t>& out) {
  const pretokenize::CutFunction cut = std::exchange(state_->cut, nullptr);
  encode(word, out);
  state_->cut = cut;
}

void BpeEncoder::encode_word(std::string_view word, std::vector<BpeSymbol>& out) {
  if (const int32_t* whole = state_->whole_word(word)) {
    out.push_back({*whole, static_cast<uint32_t>(word.size())});
    return;
  }
  std::vector<BpeSymbol> symbols;
  BpeHeap heap;
  first_symbols(state_->tables, word, symbols);
  merge_by_heap(state_->tables, heap, symbols);
  for (const BpeSymbol& symbol : symbols) out.push_back({state_->tables.ids[symbol.id], symbol.end});
}

void BpeEncoder::forget() {
  state_->words = WordTable();
  state_->long_words.forget();
  state_->splitter.forget();
  state_->merger.forget();
  state_->seen = 0;
}

void BpeEncoder::State::encode(std::string_view all, std::vector<int32_t>& ids) {
  text = all;
  out = &ids;
  added = looked_up = items = 0;
  seen += text.size();
  if (words.empty() && seen >= kUsualBytes) {
    if (tables.seeds.lines() >= kTableLines) {
      words = WordTable(tables.seeds);
    } else {
      words = WordTable(kTableLines);
      words.seed(tables.seeds);
    }
  }
  table = words.empty() ? &tables.seeds : &words;
  can_learn = !words.empty() && tables.regular && tables.whole_words.empty();
  std::array<uint32_t, kEnds> ends;
  while (added < text.size()) {
    size_t count = 1;
    if (cut) {
      count = cut(text, added, ends);
    } else {
      ends[0] = static_cast<uint32_t>(text.size());
    }
    add_words({ends.data(), count});
    look_up();
  }
}

// At most kEnds items wait when a word that may be cut is done, so that there is room for the others.
void BpeEncoder::State::add_words(std::span<const uint32_t> ends) {
  const char* const data = text.data();
  const WordTable& words_table = *table;
  const bool near_end = ends.back() + 16 > text.size();
  size_t begin = added;
  size_t item = items;
  for (const uint32_t end : ends) {
    const size_t size = end - begin;
    if (size > kKeyBytes || near_end || (size > kUncut && static_cast<uint8_t>(data[begin]) >= kFar)) {
      items = item;
      add_pieces(begin, end);
      if (items > kEnds) look_up();
      item = items;
    } else {
      const WordKey key = padded_key(data + begin, size);
      const size_t line = words_table.line_of(key);
      words_table.prefetch(line);
      keys[item] = key;
      lines[item] = static_cast<uint32_t>(line);
      pieces[item] = false;
      ++item;
    }
    begin = end;
  }
  items = item;
  added = begin;
}

void BpeEncoder::State::add_pieces(size_t begin, size_t end) {
  std::array<uint32_t, 64> cuts = {static_cast<uint32_t>(end)};
  if (!tables.has_seams || end - begin <= kUncut) return add(begin, {cuts.data(), 1}, false);
  splitter.begin(text, begin, end);
  size_t from = begin;
  while (const size_t count = splitter.next(cuts)) {
    if (items + count > kItems) look_up();
    add(from, {cuts.data(), count}, from > begin || cuts[0] < end);
    from = cuts[count - 1];
  }
}

void BpeEncoder::State::add(size_t begin, std::span<const uint32_t> ends, bool are_pieces) {
  const WordTable& words_table = *table;
  size_t item = items;
  for (const uint32_t end : ends) {
    const size_t size = end - begin;
    pieces[item] = are_pieces;
    if (size <= kKeyBytes) [[likely]] {
      const bool near_end = begin + 16 > text.size();
      const WordKey key = near_end ? key_of(text.substr(begin, size)) : padded_key(text.data() + begin, size);
      const size_t line = words_table.line_of(key);
      words_table.prefetch(line);
      keys[item] = key;
      lines[item] = static_cast<uint32_t>(line);
    } else {
      keys[item] = {size, 0};
      lines[item] = 0;
    }
    ++item;
    begin = end;
  }
  items = item;
}

void BpeEncoder::State::look_up() {
  std::array<int32_t, kItems * kSlotIds> buffer;
  int32_t* to = buffer.data();
  const WordTable& words_table = *table;
  const size_t count = items;
  size_t at = looked_up;
  size_t learned = 0;  // up to this item all short words were looked for
  for (size_t item = 0; item < count; ++item) {
    const WordKey key = keys[item];
    const WordSlot* slot = words_table.line(lines[item]);
    slot += !slot->holds(key);
    const size_t ids = slot->holds(key) ? slot->count() : 0;
    if (ids > 0) [[likely]] {
      std::memcpy(to, slot->ids, sizeof slot->ids);
      to += ids;
      at += key.high >> 56;
      continue;
    }
    if (item >= learned && key.high != 0 && can_learn) {
      learned = learn(item, at);
      --item;
      continue;
    }
    const size_t size = key.high == 0 ? key.low : key.high >> 56;
    out->insert(out->end(), buffer.data(), to);
    to = buffer.data();
    const auto found = missing(key, text.substr(at, size), pieces[item], lines[item]);
    out->insert(out->end(), found.begin(), found.end());
    at += size;
  }
  out->insert(out->end(), buffer.data(), to);
  looked_up = at;
  items = 0;
}

// Short words from the item on, which begins at text[at], that are not in the table: finds out what several
// become at once and remembers it. Returns the item up to which all are known now, should they not have lost
// their places again.
size_t BpeEncoder::State::learn(size_t item, size_t at) {
  std::array<std::string_view, BpeMerger::kTogether> unknown;
  std::array<size_t, BpeMerger::kTogether> of;
  size_t count = 0;
  for (; item < items && count < unknown.size(); ++item) {
    const WordKey& key = keys[item];
    const size_t size = key.high == 0 ? key.low : key.high >> 56;
    if (key.high != 0 && !words.find(lines[item], key) && !words.come_back(lines[item], key)) {
      unknown[count] = text.substr(at, size);
      of[count++] = item;
    }
    at += size;
  }
  merger.merge_together(std::span(unknown).first(count));
  for (size_t i = 0; i < count; ++i) {
    const size_t line = lines[of[i]];
    const WordKey& key = keys[of[i]];
    if (words.find(line, key)) continue;  // twice among the unknown
    const std::span<const int32_t> ids = merger.merged(i);
    const bool fits = ids.size() > 0 && ids.size() <= kSlotIds;
    words.insert(line, key, fits ? ids : ids.first(0));
    if (!fits && long_words.find(unknown[i]).empty()) long_words.remember(unknown[i], ids);
  }
  return item;
}

std::span<const int32_t> BpeEncoder::State::missing(const WordKey& key, std::string_view word, bool piece,
                                                    uint32_t line) {
  // What is one token as a word and others as a piece of a word is never remembered.
  const int32_t* whole = whole_word(word);
  if (whole) return piece ? merger.merge(word) : std::span(whole, 1);
  const bool is_short = word.size() <= kKeyBytes;
  if (is_short && words.empty()) return merger.merge(word);
  if (is_short && !words.find(line, key)) {
    // A word that had to leave its line stands in the one beside it.
    const WordSlot* slot = words.come_back(line, key);
    if (!slot) return short_word(key, word, line);
    if (slot->count() > 0) return {slot->ids, slot->count()};
  }
  std::span<const int32_t> ids = long_words.find(word);
  if (ids.empty()) {
    ids = merger.merge(word);
    long_words.remember(word, ids);
  }
  return ids;
}

std::span<const int32_t> BpeEncoder::State::short_word(const WordKey& key, std::string_view word,
                                                       uint32_t line) {
  const std::span<const int32_t> ids = merger.merge(word);
  const bool fits = ids.size() > 0 && ids.size() <= kSlotIds;
  words.insert(line, key, fits ? ids : ids.first(0));
  if (!fits && long_words.find(word).empty()) long_words.remember(word, ids);
  return ids;
}

const int32_t* BpeEncoder::State::whole_word(std::string_view word) const {
  if (tables.whole_words.empty()) return nullptr;
  const auto found = tables.whole_words.find(word);
  return found == tables.whole_words.end() ? nullptr : &found->second;
}

}  // namespace aurora::tokenizer
