#include "aurora/corpus/words.h"

#include <unicode/ubrk.h>
#include <unicode/uchar.h>

#include <array>
#include <memory>

#include "aurora/base/check.h"
#include "aurora/corpus/characters.h"

namespace aurora::corpus {
namespace {

// Word_Break classes as far as simple scripts need them. kHard: only ICU knows (dictionaries, combining
// marks).
enum Class : uint8_t { kOther, kLetter, kDigit, kUnderscore, kMidLetter, kMidNumber, kMidBoth, kHard };

struct Property {
  uint16_t folded = 0;
  Class word_break = kOther;
  bool alphabetic = false;
};

constexpr uint32_t kTableSize = 0x2E80;  // up to the first ideographic block
using PropertyTable = std::array<Property, kTableSize>;

struct CloseBreaker {
  void operator()(UBreakIterator* breaker) const { ubrk_close(breaker); }
};

UBreakIterator* word_breaker() {
  thread_local std::unique_ptr<UBreakIterator, CloseBreaker> breaker;
  if (!breaker) {
    UErrorCode status = U_ZERO_ERROR;
    breaker.reset(ubrk_open(UBRK_WORD, "", nullptr, 0, &status));
    AURORA_CHECK(U_SUCCESS(status), "ICU word breaker: {}", u_errorName(status));
  }
  return breaker.get();
}

bool is_one_segment(std::u16string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  UBreakIterator* breaker = word_breaker();
  ubrk_setText(breaker, text.data(), static_cast<int32_t>(text.size()), &status);
  ubrk_first(breaker);
  return ubrk_next(breaker) == static_cast<int32_t>(text.size());
}

Class class_of(UChar32 c) {
  // ICU's rules for these two have left UAX #29 and come back with its versions, so we ask it.
  if (c == '@') return is_one_segment(u"@a") ? kLetter : kOther;
  if (c == ':') return is_one_segment(u"a:a") ? kMidLetter : kOther;
  switch (u_getIntPropertyValue(c, UCHAR_WORD_BREAK)) {
    case U_WB_ALETTER:
      return u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT ? kHard : kLetter;
    case U_WB_NUMERIC:
      return kDigit;
    case U_WB_EXTENDNUMLET:
      return kUnderscore;
    case U_WB_MIDLETTER:
      return kMidLetter;
    case U_WB_MIDNUM:
      return kMidNumber;
    case U_WB_MIDNUMLET:
    case U_WB_SINGLE_QUOTE:
      return kMidBoth;
    case U_WB_OTHER:
      return u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT ? kHard : kOther;
    case U_WB_DOUBLE_QUOTE:
    case U_WB_WSEGSPACE:
    case U_WB_CR:
    case U_WB_LF:
    case U_WB_NEWLINE:
      return kOther;
    default:
      return kHard;
  }
}

std::unique_ptr<const PropertyTable> make_properties() {
  auto table = std::make_unique<PropertyTable>();
  for (uint32_t c = 0; c < kTableSize; ++c) {
    const auto code = static_cast<UChar32>(c);
    const UChar32 folded = u_foldCase(code, U_FOLD_CASE_DEFAULT);
    // The few letters that fold out of the table's 16 bits are left to ICU.
    (*table)[c] = {static_cast<uint16_t>(folded), folded <= 0xFFFF ? class_of(code) : kHard,
                   u_isUAlphabetic(code) != 0};
  }
  return table;
}

const PropertyTable& properties() {
  static const std::unique_ptr<const PropertyTable> table = make_properties();
  return *table;
}

uint32_t fold(uint32_t c) {
  return c < kTableSize ? properties()[c].folded
                        : static_cast<uint32_t>(u_foldCase(static_cast<UChar32>(c), U_FOLD_CASE_DEFAULT));
}

constexpr uint64_t kHashStart = 0x9E3779B97F4A7C15;
uint64_t hash_step(uint64_t hash, uint32_t folded) {
  return (hash ^ folded) * 0xD6E8FEB86659FD93;
}
// Spreads the bits of the last steps (the finaliser of MurmurHash3, Appleby 2011).
uint64_t hash_end(uint64_t hash) {
  hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
  hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
  return hash ^ (hash >> 33);
}

// Collects words and counts the symbol words in the gaps between them.
class Collector {
 public:
  Collector(std::string_view text, Words& out) : text_(text), out_(out) {
    out_.words.clear();
    out_.symbol_words = 0;
  }

  void add(const Word& word) {
    if (word.begin != gap_begin_ + 1 || text_[gap_begin_] != ' ') count_symbols(word.begin, true);
    out_.words.push_back(word);
    gap_begin_ = word.begin + word.bytes;
  }
  void finish() { count_symbols(static_cast<uint32_t>(text_.size()), false); }

 private:
  // Non-space runs of the gap that touch neither the word before it nor, if there is one, the word behind it.
  void count_symbols(uint32_t gap_end, bool word_behind) {
    bool touches = !out_.words.empty();
    uint32_t run_begin = gap_begin_;
    const auto end_run = [&](uint32_t end) {
      const bool cell_border = end == run_begin + 1 && text_[run_begin] == '|';
      if (end > run_begin && !touches && !cell_border) ++out_.symbol_words;
    };
    for (uint32_t at = gap_begin_; at < gap_end;) {
      const Character c = character_at(text_.data() + at);
      if (is_space(c.code)) {
        end_run(at);
        touches = false;
        run_begin = at + c.bytes;
      }
      at += c.bytes;
    }
    if (!word_behind) end_run(gap_end);
  }

  std::string_view text_;
  Words& out_;
  uint32_t gap_begin_ = 0;
};

// Whether one of our own scanner's classes covers every character of text[begin, end).
bool is_simple(std::string_view text, size_t begin, size_t end) {
  const PropertyTable& table = properties();
  const std::string_view part = text.substr(0, end);
  for (size_t at = find_non_ascii(part, begin); at < end; at = find_non_ascii(part, at)) {
    const Character c = character_at(text.data() + at);
    if (c.code >= kTableSize || table[c.code].word_break == kHard) return false;
    at += c.bytes;
  }
  return true;
}

// UAX #29 rules WB5 to WB13 for the classes of simple scripts, over text[begin, end).
void scan_simple(std::string_view text, size_t begin, size_t end, Collector& collector) {
  const PropertyTable& table = properties();
  const char* const data = text.data();
  const auto joins = [](Class c) { return c >= kLetter && c <= kUnderscore; };
  for (size_t at = begin; at < end;) {
    Character c = character_at(data + at);
    Property property = table[c.code];
    if (!joins(property.word_break)) {
      at += c.bytes;
      continue;
    }
    Word word;
    word.begin = static_cast<uint32_t>(at);
    uint64_t hash = kHashStart;
    bool alphanumeric = false;
    while (true) {
      hash = hash_step(hash, property.folded);
      ++word.characters;
      word.has_letter |= property.alphabetic;
      alphanumeric |= property.alphabetic || property.word_break == kDigit;
      at += c.bytes;
      if (at >= end) break;
      const Class before = property.word_break;
      c = character_at(data + at);
      property = table[c.code];
      if (joins(property.word_break)) continue;
      // A mid character joins two letters or two digits: take it if the one behind it is of the same class.
      const bool mid = property.word_break == kMidBoth ||
                       (property.word_break == kMidLetter && before == kLetter) ||
                       (property.word_break == kMidNumber && before == kDigit);
      if (!mid || (before != kLetter && before != kDigit) || at + c.bytes >= end) break;
      const Character behind = character_at(data + at + c.bytes);
      if (table[behind.code].word_break != before) break;
    }
    if (!alphanumeric) continue;
    word.bytes = static_cast<uint32_t>(at) - word.begin;
    word.hash = hash_end(hash);
    collector.add(word);
  }
}

void append_utf16(std::u16string& out, uint32_t c) {
  if (c < 0x10000) {
    out += static_cast<char16_t>(c);
  } else {
    out += static_cast<char16_t>(0xD7C0 + (c >> 10));
    out += static_cast<char16_t>(0xDC00 + (c & 0x3FF));
  }
}

// The word of text[at, ...) that is `units` UTF-16 units long.
Word measure(std::string_view text, size_t at, int32_t units, bool& alphanumeric) {
  Word word;
  word.begin = static_cast<uint32_t>(at);
  uint64_t hash = kHashStart;
  alphanumeric = false;
  while (units > 0) {
    const Character c = character_at(text.data() + at);
    const auto code = static_cast<UChar32>(c.code);
    hash = hash_step(hash, fold(c.code));
    ++word.characters;
    const bool alphabetic = u_isUAlphabetic(code) != 0;
    word.has_letter |= alphabetic;
    alphanumeric |= alphabetic || u_getIntPropertyValue(code, UCHAR_WORD_BREAK) == U_WB_NUMERIC;
    at += c.bytes;
    units -= c.code < 0x10000 ? 1 : 2;
  }
  word.bytes = static_cast<uint32_t>(at) - word.begin;
  word.hash = hash_end(hash);
  return word;
}

void scan_by_icu(std::string_view text, size_t begin, size_t end, Collector& collector) {
  thread_local std::u16string utf16;
  utf16.clear();
  for (size_t at = begin; at < end;) {
    const Character c = character_at(text.data() + at);
    append_utf16(utf16, c.code);
    at += c.bytes;
  }
  UBreakIterator* breaker = word_breaker();
  UErrorCode status = U_ZERO_ERROR;
  ubrk_setText(breaker, utf16.data(), static_cast<int32_t>(utf16.size()), &status);
  AURORA_CHECK(U_SUCCESS(status), "ICU word breaker: {}", u_errorName(status));
  size_t at = begin;
  int32_t from = ubrk_first(breaker);
  for (int32_t to = ubrk_next(breaker); to != UBRK_DONE; from = to, to = ubrk_next(breaker)) {
    bool alphanumeric = false;
    const Word word = measure(text, at, to - from, alphanumeric);
    at += word.bytes;
    if (alphanumeric && ubrk_getRuleStatus(breaker) >= UBRK_WORD_NUMBER) collector.add(word);
  }
}

size_t line_end(std::string_view text, size_t begin) {
  const size_t end = text.find('\n', begin);
  return end == std::string_view::npos ? text.size() : end + 1;
}

void scan_tokens(std::string_view text, Collector& collector) {
  for (size_t at = 0; at < text.size();) {
    Character c = character_at(text.data() + at);
    if (is_space(c.code)) {
      at += c.bytes;
      continue;
    }
    Word word;
    word.begin = static_cast<uint32_t>(at);
    uint64_t hash = kHashStart;
    do {
      hash = hash_step(hash, c.code);  // case matters in formal text
      ++word.characters;
      word.has_letter |= c.code < kTableSize ? properties()[c.code].alphabetic
                                             : u_isUAlphabetic(static_cast<UChar32>(c.code)) != 0;
      at += c.bytes;
      if (at >= text.size()) break;
      c = character_at(text.data() + at);
    } while (!is_space(c.code));
    word.bytes = static_cast<uint32_t>(at) - word.begin;
    word.hash = hash_end(hash);
    collector.add(word);
  }
}

}  // namespace

void segment(std::string_view text, Segmentation segmentation, Words& out) {
  AURORA_CHECK(text.size() < UINT32_MAX);
  Collector collector(text, out);
  if (segmentation == Segmentation::kTokens) {
    scan_tokens(text, collector);
    collector.finish();
    return;
  }
  // No word reaches over a line end, so lines may take different ways; neighbours go together.
  for (size_t begin = 0; begin < text.size();) {
    size_t end = line_end(text, begin);
    const bool simple = is_simple(text, begin, end);
    // A bounded stretch keeps ICU's working memory in the cache.
    while (end < text.size() && end - begin < (size_t{1} << 14)) {
      const size_t next = line_end(text, end);
      if (is_simple(text, end, next) != simple) break;
      end = next;
    }
    if (simple) {
      scan_simple(text, begin, end, collector);
    } else {
      scan_by_icu(text, begin, end, collector);
    }
    begin = end;
  }
  collector.finish();
}

void segment_by_icu(std::string_view text, Words& out) {
  AURORA_CHECK(text.size() < UINT32_MAX);
  Collector collector(text, out);
  scan_by_icu(text, 0, text.size(), collector);
  collector.finish();
}

uint64_t word_hash(std::string_view word) {
  uint64_t hash = kHashStart;
  for (size_t at = 0; at < word.size();) {
    const Character c = character_at(word.data() + at);
    hash = hash_step(hash, fold(c.code));
    at += c.bytes;
  }
  return hash_end(hash);
}

}  // namespace aurora::corpus
