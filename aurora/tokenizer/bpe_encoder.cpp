#include "aurora/tokenizer/bpe_encoder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/tokenizer/bpe_long_words.h"
#include "aurora/tokenizer/bpe_merger.h"
#include "aurora/tokenizer/bpe_tables.h"

namespace aurora::tokenizer {
namespace {

constexpr size_t kBatch = 256;                   // words between the two stages
constexpr size_t kTableLines = size_t{1} << 17;  // of 64 bytes
constexpr size_t kUsualBytes = 64 << 10;         // after so much text a table of one's own pays
constexpr size_t kMemo = size_t{1} << 14;

// A word, or a piece of one that was cut. Words wait here while the lines of the table that may hold them are
// fetched.
struct Waiting {
  WordKey key;
  uint32_t begin = 0;
  uint32_t size = 0;
  uint32_t line = 0;
  bool piece = false;
};

}  // namespace

struct BpeEncoder::State {
  State(const BpeModel& model, pretokenize::CutFunction function)
      : tables(model.tables()), cut(function), merger(tables), memo(kMemo, ~uint64_t{0}) {}

  void encode(std::string_view all, std::vector<int32_t>& ids);
  void add_word(size_t begin, size_t end);
  void add_cut_word(size_t begin, size_t end);
  void add(size_t begin, size_t end, bool piece);
  bool crossed(size_t at);
  void flush();
  void short_word(const Waiting& word);
  void long_word(std::string_view word, bool piece);
  int32_t whole_word(std::string_view word) const;

  const BpeTables& tables;
  pretokenize::CutFunction cut;
  BpeMerger merger;
  WordTable words;
  BpeLongWords long_words;
  size_t seen = 0;             // bytes since the last forget()
  std::vector<uint64_t> memo;  // of seams: bytes around a place << 1 | crossed

  // While encode() runs.
  std::string_view text;
  std::vector<int32_t>* out = nullptr;
  const WordTable* table = nullptr;
  std::array<Waiting, kBatch> waiting;
  size_t waiting_size = 0;
  std::array<int32_t, 1024> buffer;
  size_t filled = 0;
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
  const int32_t whole = state_->whole_word(word);
  if (whole >= 0) {
    out.push_back({whole, static_cast<uint32_t>(word.size())});
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
  state_->seen = 0;
  std::fill(state_->memo.begin(), state_->memo.end(), ~uint64_t{0});
}

void BpeEncoder::State::encode(std::string_view all, std::vector<int32_t>& ids) {
  text = all;
  out = &ids;
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
  if (!cut) {
    if (!text.empty()) add_word(0, text.size());
  } else {
    std::array<uint32_t, 512> ends;
    for (size_t at = 0; at < text.size();) {
      const size_t count = cut(text, at, ends);
      for (size_t i = 0; i < count; ++i) {
        add_word(at, ends[i]);
        at = ends[i];
      }
    }
  }
  flush();
}

void BpeEncoder::State::add_word(size_t begin, size_t end) {
  if (end - begin <= kKeyBytes || !tables.has_seams) {
    add(begin, end, false);
  } else {
    add_cut_word(begin, end);
  }
}

void BpeEncoder::State::add_cut_word(size_t begin, size_t end) {
  constexpr size_t kReach = BpeSeams::kReach;
  size_t from = begin;
  for (size_t at = begin + kReach; at + kReach <= end; ++at) {
    const uint8_t before = static_cast<uint8_t>(text[at - 1]);
    const uint8_t behind = static_cast<uint8_t>(text[at]);
    if (!BpeSeams::askable(before, behind) || crossed(at)) continue;
    add(from, at, true);
    from = at;
  }
  add(from, end, from > begin);
}

bool BpeEncoder::State::crossed(size_t at) {
  uint64_t place = 0;
  std::memcpy(&place, text.data() + at - 3, 6);
  uint64_t& known = memo[place * 0x9e3779b97f4a7c15u >> (64 - __builtin_ctzll(kMemo))];
  if (known >> 1 != place) known = place << 1 | tables.seams.crossed(text.data() + at - 3, text.data() + at);
  return known & 1;
}

void BpeEncoder::State::add(size_t begin, size_t end, bool piece) {
  if (waiting_size == kBatch) flush();
  Waiting& word = waiting[waiting_size++];
  word.begin = static_cast<uint32_t>(begin);
  word.size = static_cast<uint32_t>(end - begin);
  word.piece = piece;
  if (word.size > kKeyBytes) return;
  word.key = begin + 16 <= text.size() ? padded_key(text.data() + begin, word.size)
                                       : key_of(text.substr(begin, word.size));
  word.line = static_cast<uint32_t>(table->line_of(word.key));
  table->prefetch(word.line);
}

void BpeEncoder::State::flush() {
  const auto empty = [&] {
    out->insert(out->end(), buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(filled));
    filled = 0;
  };
  for (size_t i = 0; i < waiting_size; ++i) {
    const Waiting& word = waiting[i];
    if (filled + kSlotIds > buffer.size()) empty();
    if (word.size <= kKeyBytes) {
      const WordSlot* slot = table->find(word.line, word.key);
      if (slot && slot->count() > 0) {
        std::memcpy(&buffer[filled], slot->ids, sizeof slot->ids);
        filled += slot->count();
        continue;
      }
      empty();
      if (!slot) {
        short_word(word);
        continue;
      }
    }
    empty();
    long_word(text.substr(word.begin, word.size), word.piece);
  }
  empty();
  waiting_size = 0;
}

int32_t BpeEncoder::State::whole_word(std::string_view word) const {
  if (tables.whole_words.empty()) return -1;
  const auto found = tables.whole_words.find(std::string(word));
  return found == tables.whole_words.end() ? -1 : found->second;
}

// A short word that is not in the table.
void BpeEncoder::State::short_word(const Waiting& word) {
  const std::string_view bytes = text.substr(word.begin, word.size);
  // What is one token as a word and others as a piece of a word must not be remembered as either.
  const int32_t whole = whole_word(bytes);
  if (whole >= 0 && !word.piece) {
    out->push_back(whole);
    return;
  }
  const std::span<const int32_t> ids = merger.merge(bytes);
  out->insert(out->end(), ids.begin(), ids.end());
  if (words.empty() || whole >= 0) return;
  const bool fits = ids.size() > 0 && ids.size() <= kSlotIds;
  words.insert(word.line, word.key, ids.first(fits ? ids.size() : 0));
  if (!fits && long_words.find(bytes).empty()) long_words.remember(bytes, ids);
}

void BpeEncoder::State::long_word(std::string_view word, bool piece) {
  const int32_t whole = whole_word(word);
  if (whole >= 0 && !piece) {
    out->push_back(whole);
    return;
  }
  std::span<const int32_t> ids = long_words.find(word);
  if (ids.empty()) {
    ids = merger.merge(word);
    long_words.remember(word, ids);
  }
  out->insert(out->end(), ids.begin(), ids.end());
}

}  // namespace aurora::tokenizer
