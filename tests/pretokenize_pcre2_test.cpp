// The hand-made scanners of aurora/pretokenize against PCRE2 running the regexes that the files name. PCRE2's
// Unicode is older than ours, so texts are made of code points to which both give the same class. An invalid
// byte, which PCRE2 would not read, stands there as a private-use character: a class of the same sets.
// Other texts than the usual ones: --gtest_repeat=N --gtest_shuffle.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <gtest/gtest.h>
#include <pcre2.h>

#include <algorithm>
#include <functional>
#include <string>

#include "aurora/base/random.h"
#include "aurora/base/utf8.h"
#include "aurora/pretokenize/pretokenizer.h"
#include "aurora/unicode/classes.h"

namespace aurora::pretokenize {
namespace {

using unicode::Class;

class Regex {
 public:
  explicit Regex(std::string_view regex, uint32_t options = 0) {
    int error = 0;
    PCRE2_SIZE offset = 0;
    code_ = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(regex.data()), regex.size(),
                          PCRE2_UTF | PCRE2_UCP | options, &error, &offset, nullptr);
    EXPECT_NE(code_, nullptr) << regex << " at " << offset;
    pcre2_jit_compile(code_, PCRE2_JIT_COMPLETE);
    match_ = pcre2_match_data_create_from_pattern(code_, nullptr);
  }
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;
  ~Regex() {
    pcre2_match_data_free(match_);
    pcre2_code_free(code_);
  }
  // Begin and end of the first match at or behind `at`; both text.size() when there is none.
  std::pair<size_t, size_t> find(std::string_view text, size_t at) {
    const int found = pcre2_match(code_, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
                                  PCRE2_NO_UTF_CHECK, match_, nullptr);
    if (found < 0) return {text.size(), text.size()};
    const PCRE2_SIZE* const span = pcre2_get_ovector_pointer(match_);
    return {span[0], span[1]};
  }
  // Ends of the matches and of what lies between them.
  void cut(std::string_view text, size_t begin, std::vector<uint32_t>& ends) {
    for (size_t at = 0; at < text.size();) {
      const auto [first, last] = find(text, at);
      if (first > at) ends.push_back(static_cast<uint32_t>(begin + first));
      if (last > first) ends.push_back(static_cast<uint32_t>(begin + last));
      at = last;
    }
  }

 private:
  pcre2_code* code_ = nullptr;
  pcre2_match_data* match_ = nullptr;
};

// All code points whose class PCRE2 sees as we do.
const std::vector<uint32_t>& common_code_points() {
  static const std::vector<uint32_t> points = [] {
    std::string text;
    std::vector<uint32_t> all;
    for (uint32_t c = 1; c < 0x110000; ++c) {
      if (c >= 0xd800 && c < 0xe000) continue;
      append_utf8(text, c);
      all.push_back(c);
    }
    std::vector<Class> classes(0x110000, Class::kOther);
    const std::pair<const char*, Class> kinds[] = {
        {"\\p{Lu}", Class::kUpper},      {"\\p{Ll}", Class::kLower},  {"\\p{Lt}", Class::kTitle},
        {"\\p{Lm}", Class::kModifier},   {"\\p{Lo}", Class::kLetter}, {"\\p{M}", Class::kMark},
        {"\\p{Nd}", Class::kDigit},      {"\\p{Nl}", Class::kNumber}, {"\\p{No}", Class::kNumber},
        {"\\p{P}", Class::kPunctuation}, {"\\p{S}", Class::kSymbol},  {"\\s", Class::kSpace},
        {"[\\r\\n]", Class::kLineEnd}};
    for (const auto& [regex, kind] : kinds) {
      Regex one(regex);
      for (auto [at, end] = one.find(text, 0); at < text.size(); std::tie(at, end) = one.find(text, end)) {
        classes[decode_utf8(text, at).code_point] = kind;
      }
    }
    std::erase_if(all, [&](uint32_t c) { return classes[c] != unicode::of(c); });
    return all;
  }();
  return points;
}

TEST(PretokenizeAgainstPcre2, BothAgreeOnNearlyAllCodePoints) {
  EXPECT_GT(common_code_points().size(), 1'112'063u - 16'000u);
}

// One scheme as PCRE2 does it: its regex, or those of its steps one after the other.
class Reference {
 public:
  explicit Reference(const Scheme& scheme) {
    std::vector<std::string_view> names = scheme.steps;
    if (names.empty()) names.push_back(scheme.name);
    for (const std::string_view name : names) regexes_.push_back(regex_of(*find_scheme(name)));
  }

  std::vector<uint32_t> cut(std::string_view text) {
    std::vector<uint32_t> ends = {static_cast<uint32_t>(text.size())};
    for (const auto& regex : regexes_) {
      std::vector<uint32_t> pieces;
      std::swap(pieces, ends);
      size_t begin = 0;
      for (const uint32_t end : pieces) {
        regex->cut(text.substr(begin, end - begin), begin, ends);
        begin = end;
      }
    }
    return ends;
  }

 private:
  static std::unique_ptr<Regex> regex_of(const Scheme& scheme) {
    if (scheme.name == std::string_view("digits")) {
      return std::make_unique<Regex>("[\\p{N}\\x{11DE0}-\\x{11DE9}\\x{16FF4}-\\x{16FF6}]");
    }
    // Oniguruma's $ stands before any line feed; that of \s++$ can only stand at the end.
    const bool lines = scheme.name == std::string_view("trailing-space");
    return std::make_unique<Regex>(scheme.regexes.front(), lines ? PCRE2_MULTILINE : PCRE2_DOLLAR_ENDONLY);
  }

  std::vector<std::unique_ptr<Regex>> regexes_;
};

// Texts, the same for the same seed.
class Texts {
 public:
  Texts() : key_(random_key(11 + testing::UnitTest::GetInstance()->random_seed(), Purpose::kTest)) {}

  std::string next() {
    std::string text;
    const uint64_t mood = below(8);
    const uint64_t length = below(mood == 0 || mood == 3 ? 200 : 14);
    for (uint64_t i = 0; i < length; ++i) {
      const uint64_t kind = below(10);
      if (mood == 1 || kind == 0) {
        append_utf8(text, any_code_point());
      } else if (mood == 2 && kind < 5) {
        text += static_cast<char>(below(256));
      } else if (mood == 3) {
        text += static_cast<char>(kAscii[below(std::size(kAscii) - 1)]);
      } else {
        const char* const piece = kPieces[below(std::size(kPieces))];
        for (uint64_t n = kind == 1 ? below(9) : 1; n > 0; --n) text += piece;
      }
    }
    return text;
  }

 private:
  static constexpr const char* kPieces[] = {
      "a",      "b",      "s",      "T",      "Z",        "ll",
      "LL",     "re",     "Ve",     "é",      "É",        "ß",
      "ǅ",      "ʰ",      "々",     "語",     "の",       "カ",
      "ー",     "한",     "ω",      "\u1fbe", "ก",        "ิ",
      "๑",      "अ",      "\u0301", "\u20dd", "\u3099",   "1",
      "42",     "٣",      "²",      "Ⅷ",      "〇",       " ",
      "  ",     "\n",     "\r",     "\r\n",   "\t",       "\v",
      "\u0085", "\u00a0", "\u2003", "\u3000", "\u2028",   "'",
      "'s",     "'T",     "'v",     "'r",     "'l",       "'\u017f",
      "’s",     "!",      "/",      "//",     "#",        "$",
      "_",      "~",      "。",     "！",     "‘",        "・",
      "€",      "😀",      "\u200d", "\u200b", "\x01",     "\U00011de0",
      "\u00ad", "\ue000", "\u0378", "\xff",   "\xe3\x81", "\xed\xa0\x80",
      "K",      "ﬁ",      "Ａ"};

  static constexpr char kAscii[] = "aaabcsSTtAZ  \n\r\t\v.,;''!/#$_~019\x01";

  uint64_t below(uint64_t n) { return random_below(counter_++, key_, n); }
  // Every block is as likely as every other: 128 code points are one.
  uint32_t any_code_point() {
    const std::vector<uint32_t>& points = common_code_points();
    const uint64_t planes = below(4) == 0 ? points.size() : points.size() / 10;
    return points[below(planes)];
  }

  RandomKey key_;
  uint64_t counter_ = 0;
};

// `text` as PCRE2 gets it, and where each of its bytes was.
struct Readable {
  std::string text;
  std::vector<uint32_t> source_end{0};  // of text[0..i): where the source is

  explicit Readable(std::string_view source) {
    for (size_t at = 0; at < source.size();) {
      const Decoded found = decode_utf8(source, at);
      if (found.valid) {
        text += source.substr(at, found.bytes);
      } else {
        append_utf8(text, 0xe000);
      }
      at += found.bytes;
      source_end.resize(text.size() + 1, static_cast<uint32_t>(at));
    }
  }
};

class EveryScheme : public testing::TestWithParam<const char*> {};

TEST_P(EveryScheme, FindsTheWordsOfPcre2) {
  const Scheme& scheme = *find_scheme(GetParam());
  Reference reference(scheme);
  Texts texts;
  for (int round = 0; round < 8'000; ++round) {
    const std::string text = texts.next();
    const Readable readable(text);
    std::vector<uint32_t> expected;
    if (!text.empty()) expected = reference.cut(readable.text);
    for (uint32_t& end : expected) end = readable.source_end[end];
    std::vector<uint32_t> found;
    append_cuts(scheme.cut_reference, text, 0, found);
    ASSERT_EQ(found, expected) << testing::PrintToString(text);
    found.clear();
    append_cuts(scheme.cut, text, 0, found);
    ASSERT_EQ(found, expected) << testing::PrintToString(text);
  }
}

std::vector<const char*> names() {
  std::vector<const char*> all;
  for (const Scheme& one : schemes()) all.push_back(one.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Pretokenize, EveryScheme, testing::ValuesIn(names()), [](const auto& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return name;
});

}  // namespace
}  // namespace aurora::pretokenize
