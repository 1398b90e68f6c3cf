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
#include "aurora/tokenizer/bpe/words.h"

namespace aurora::tokenizer {
namespace {

constexpr size_t kEnds = 1024;        // words that are cut at once
constexpr size_t kItems = 2 * kEnds;  // words and pieces of words between the two stages
constexpr size_t kHoles = 256;        // items that are not in the table and are seen to at once
constexpr size_t kUncut = 6;          // shorter words than that are never cut
constexpr uint8_t kFar = 0xe3;  // first byte of the scripts whose words are always cut: kana, Han, Hangul ...
constexpr size_t kUsualBytes = 64 << 10;  // after so much text a table beside the model's pays

// An item whose ids are not in the table; they belong before ids[0].
struct Hole {
  WordKey key;
  const int32_t* ids;
  const WordSlot* slot;  // of the word, once it has one
  std::string_view text;
  bool piece;
};

}  // namespace

// Words go in stages, many at a time: keys are made and the lines of the table fetched; the words are looked
// up; those that were not there are merged, several at once, so that the look-ups of one need not wait for
// those of another. Between the stages a word, or a piece of one, is an item; items tile the text.
struct BpeEncoder::State {
  State(const BpeModel& model, pretokenize::CutFunction function, std::shared_ptr<SharedWords> words)
      : tables(model.tables()),
        cut(function),
        merger(tables),
        splitter(tables.seams, function == nullptr),
        shared(std::move(words)) {}

  void encode(std::string_view all, std::vector<int32_t>& ids);
  void open_tables();
  size_t next_ends(std::span<uint32_t> ends) const;
  void add_words(std::span<const uint32_t> ends);
  void add_pieces(size_t begin, size_t end);
  void add(size_t begin, std::span<const uint32_t> ends, bool are_pieces);
  void look_up();
  int32_t* write(int32_t* ids, const int32_t* to);
  void learn(std::span<Hole> all);
  void merge_all(std::span<Hole* const> unknown);
  void fill(const Hole& hole);
  const int32_t* whole_word(std::string_view word) const;

  const BpeTables& tables;
  pretokenize::CutFunction cut;
  BpeMerger merger;
  BpeSplitter splitter;
  BpeLongWords long_words;
  std::shared_ptr<SharedWords> shared;
  SharedWords::Tables words;  // none until much text has come
  size_t seen = 0;            // bytes since the last forget()

  // While encode() runs.
  std::string_view text;
  std::vector<int32_t>* out = nullptr;
  const WordTable* table = nullptr;  // words.now or that of the model
  size_t added = 0;                  // bytes of the text that have become items
  size_t looked_up = 0;              // ... and ids
  size_t items = 0;
  size_t hole_count = 0;
  std::array<WordKey, kItems> keys;           // of a long one: {bytes, 0}
  std::array<const WordSlot*, kItems> homes;  // in the table
  std::array<bool, kItems> pieces;
  std::array<Hole, kHoles> holes;
};

BpeEncoder::BpeEncoder(const BpeModel& model, pretokenize::CutFunction cut,
                       std::shared_ptr<SharedWords> words)
    : state_(
          std::make_unique<State>(model, cut, words ? std::move(words) : std::make_shared<SharedWords>())) {}
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
  state_->shared = std::make_shared<SharedWords>();
  state_->words = {};
  state_->long_words.forget();
  state_->splitter.forget();
  state_->merger.forget();
  state_->seen = 0;
}

void BpeEncoder::State::encode(std::string_view all, std::vector<int32_t>& ids) {
  text = all;
  out = &ids;
  added = looked_up = items = hole_count = 0;
  seen += text.size();
  open_tables();
  std::array<uint32_t, kEnds> ends;
  size_t count = next_ends(ends);
  while (count > 0) {
    add_words({ends.data(), count});
    count = next_ends(ends);  // meanwhile the lines come
    look_up();
    open_tables();
  }
}

void BpeEncoder::State::open_tables() {
  if (words.now ? words.now->full() : seen >= kUsualBytes) words = shared->tables();
  table = words.now ? words.now.get() : tables.seeds.get();
}

size_t BpeEncoder::State::next_ends(std::span<uint32_t> ends) const {
  if (added == text.size()) return 0;
  if (cut) return cut(text, added, ends);
  ends[0] = static_cast<uint32_t>(text.size());
  return 1;
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
    if (size > kKeyBytes || near_end || (static_cast<uint8_t>(data[begin]) >= kFar && size > kUncut)) {
      items = item;
      add_pieces(begin, end);
      if (items > kEnds) look_up();
      item = items;
    } else {
      const WordKey key = padded_key(data + begin, size);
      homes[item] = words_table.fetch(key);
      keys[item] = key;
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
    WordKey key{size, 0};
    if (size <= kKeyBytes) [[likely]] {
      const bool near_end = begin + 16 > text.size();
      key = near_end ? key_of(text.substr(begin, size)) : padded_key(text.data() + begin, size);
    }
    homes[item] = words_table.fetch(key);
    keys[item] = key;
    pieces[item] = are_pieces;
    ++item;
    begin = end;
  }
  items = item;
}

// Ids of what is in the table are gathered; items that are not there leave holes, which are seen to together.
void BpeEncoder::State::look_up() {
  std::array<int32_t, kItems * kSlotIds> ids;
  int32_t* to = ids.data();
  const size_t count = items;
  size_t at = looked_up;
  for (size_t item = 0; item < count; ++item) {
    const WordKey key = keys[item];
    const WordSlot* slot = homes[item];
    slot += !slot->holds(key);
    if (!slot->holds(key)) [[unlikely]] {
      slot = key.high != 0 && !slot->empty() ? table->find(key) : nullptr;
    }
    const size_t tokens = slot ? slot->count() : 0;
    if (tokens == 0) [[unlikely]] {
      if (hole_count == kHoles) to = write(ids.data(), to);
      const size_t size = key.high != 0 ? key.high >> 56 : key.low;
      holes[hole_count++] = {key, to, slot, text.substr(at, size), pieces[item]};
      if (!slot) tables.seeds->fetch(key);
      at += size;
      continue;
    }
    std::memcpy(to, slot->ids, sizeof slot->ids);
    to += tokens;
    at += key.high >> 56;
  }
  looked_up = at;
  items = 0;
  write(ids.data(), to);
}

// Appends ids [ids, to) and what belongs into the holes. Returns the begin of what is free now.
int32_t* BpeEncoder::State::write(int32_t* ids, const int32_t* to) {
  const std::span<Hole> all = std::span(holes).first(std::exchange(hole_count, 0));
  if (words.now) learn(all);
  const int32_t* from = ids;
  for (const Hole& hole : all) {
    out->insert(out->end(), from, hole.ids);
    from = hole.ids;
    fill(hole);
  }
  out->insert(out->end(), from, to);
  return ids;
}

// Remembers the short words among them.
void BpeEncoder::State::learn(std::span<Hole> all) {
  std::array<Hole*, BpeMerger::kTogether> unknown;
  size_t count = 0;
  for (Hole& hole : all) {
    if (hole.key.high == 0 || hole.slot) continue;
    hole.slot = words.now->find(hole.key);
    if (hole.slot) continue;
    const WordSlot* slot = words.before ? words.before->find(hole.key) : nullptr;
    if (!slot) slot = tables.seeds->find(hole.key);
    if (slot) {
      words.now->insert(hole.key, {slot->ids, slot->count()});
      hole.slot = slot;
    } else if (!whole_word(hole.text)) {  // such a word is never remembered: a piece of another is merged
      unknown[count++] = &hole;
      if (count == unknown.size()) merge_all({unknown.data(), std::exchange(count, 0)});
    }
  }
  merge_all({unknown.data(), count});
}

void BpeEncoder::State::merge_all(std::span<Hole* const> unknown) {
  std::array<std::string_view, BpeMerger::kTogether> texts;
  for (size_t i = 0; i < unknown.size(); ++i) texts[i] = unknown[i]->text;
  if (tables.regular) merger.merge_together(std::span(texts).first(unknown.size()));
  for (size_t i = 0; i < unknown.size(); ++i) {
    const std::span<const int32_t> ids = tables.regular ? merger.merged(i) : merger.merge(texts[i]);
    unknown[i]->slot = words.now->insert(unknown[i]->key, ids.size() <= kSlotIds ? ids : ids.first(0));
  }
}

// Appends the ids of an item that was not in the table.
void BpeEncoder::State::fill(const Hole& hole) {
  std::span<const int32_t> ids;
  if (hole.slot && hole.slot->count() > 0) {
    ids = {hole.slot->ids, hole.slot->count()};
  } else if (const int32_t* whole = whole_word(hole.text)) {
    ids = hole.piece ? merger.merge(hole.text) : std::span(whole, 1);
  } else if (hole.key.high != 0 && !words.now) {
    ids = merger.merge(hole.text);
  } else {
    ids = long_words.find(hole.text);
    if (ids.empty()) {
      ids = merger.merge(hole.text);
      long_words.remember(hole.text, ids);
    }
  }
  out->insert(out->end(), ids.begin(), ids.end());
}

const int32_t* BpeEncoder::State::whole_word(std::string_view word) const {
  if (tables.whole_words.empty()) return nullptr;
  const auto found = tables.whole_words.find(word);
  return found == tables.whole_words.end() ? nullptr : &found->second;
}

}  // namespace aurora::tokenizer
