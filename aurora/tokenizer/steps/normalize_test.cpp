#include "aurora/tokenizer/steps/normalize.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <map>

#include "aurora/base/error.h"
#include "aurora/tokenizer/steps/charsmap.h"

namespace aurora::tokenizer {
namespace {

using Kind = Normalizer::Kind;

Normalizer step(Kind kind, std::string pattern = "", std::string text = "") {
  Normalizer made;
  made.kind = kind;
  made.pattern = std::move(pattern);
  made.text = std::move(text);
  return made;
}

Normalizer regex(std::string pattern, std::string text) {
  Normalizer made = step(Kind::kReplace, std::move(pattern), std::move(text));
  made.pattern_is_regex = true;
  return made;
}

Normalizer strip(bool left, bool right, Kind kind = Kind::kStrip) {
  Normalizer made = step(kind);
  made.left = left;
  made.right = right;
  return made;
}

std::string normalized(std::vector<Normalizer> steps, std::string_view text,
                       std::vector<AddedToken> added = {}) {
  Spec spec;
  spec.normalizers = std::move(steps);
  spec.added = std::move(added);
  const TextNormalizer normalizer(spec);
  AlignedText aligned;
  aligned.assign(text, 100, true);
  normalizer.apply(aligned);
  // What every test here checks besides: alignment changes nothing, and stays inside and in order.
  EXPECT_EQ(normalizer.normalized(text), aligned.text);
  EXPECT_EQ(aligned.source.size(), aligned.text.size());
  size_t last = 100;
  for (const SourceRange& range : aligned.source) {
    EXPECT_LE(last, range.begin);
    EXPECT_LE(range.begin, range.end);
    EXPECT_LE(range.end, 100 + text.size());
    last = range.begin;
  }
  EXPECT_TRUE(!normalizer.keeps(text) || aligned.text == text);
  return aligned.text;
}

SourceRange source_of(std::vector<Normalizer> steps, std::string_view text, std::string_view part) {
  Spec spec;
  spec.normalizers = std::move(steps);
  AlignedText aligned;
  aligned.assign(text, 0, true);
  TextNormalizer(spec).apply(aligned);
  const size_t at = aligned.text.find(part);
  return aligned.range(at, at + part.size());
}

// A double array with these rules, built by the simplest search for places.
std::string charsmap(const std::map<std::string, std::string>& rules) {
  struct Trie {
    std::map<uint8_t, Trie> next;
    int64_t value = -1;
  };
  Trie root;
  std::string results;
  for (const auto& [from, to] : rules) {
    Trie* at = &root;
    for (const char c : from) at = &at->next[static_cast<uint8_t>(c)];
    at->value = static_cast<int64_t>(results.size());
    results += to + '\0';
  }
  std::vector<uint32_t> units(1 << 16);
  std::vector<bool> used(units.size());
  used[0] = true;
  uint32_t block = 256;  // a block a node, so that nothing collides
  const std::function<void(const Trie&, uint32_t, uint32_t)> place = [&](const Trie& node, uint32_t at,
                                                                         uint32_t label) {
    const uint32_t base = block;
    block += 256;
    const uint32_t offset = at ^ base;
    units[at] = (node.value >= 0 ? 0x100u : 0u) | label;
    units[at] |= offset < (1u << 21) ? offset << 10 : 0;
    if (node.value >= 0) units[base] = 0x80000000u | static_cast<uint32_t>(node.value);
    for (const auto& [byte, child] : node.next) place(child, base ^ byte, byte);
  };
  place(root, 0, 0);
  units.resize(block);
  const auto bytes = static_cast<uint32_t>(units.size() * 4);
  std::string blob(reinterpret_cast<const char*>(&bytes), 4);
  blob.append(reinterpret_cast<const char*>(units.data()), bytes);
  return blob + results;
}

TEST(Normalize, LlamaPrependsAndReplacesSpaces) {
  const std::vector<Normalizer> llama = {step(Kind::kPrepend, "", "\u2581"),
                                         step(Kind::kReplace, " ", "\u2581")};
  EXPECT_EQ(normalized(llama, "a b  c"), "\u2581a\u2581b\u2581\u2581c");
  EXPECT_EQ(normalized(llama, ""), "");
  EXPECT_EQ(source_of(llama, "ab c", "\u2581a"), (SourceRange{0, 1}));
  EXPECT_EQ(source_of(llama, "ab c", "\u2581c"), (SourceRange{2, 4}));
}

TEST(Normalize, RowsOfSpaceBecomeOne) {
  EXPECT_EQ(normalized({regex(" {2,}", "_")}, "  a b   c\t\t "), "_a b_c\t\t ");
  EXPECT_EQ(normalized({regex("\\s+", " ")}, "a\t\n\u3000b"), "a b");
  EXPECT_EQ(source_of({regex(" {2,}", "_")}, "a   b", "_"), (SourceRange{3, 4}));
}

TEST(Normalize, UnknownRegexesAndStepsAreRefusedByName) {
  Spec spec;
  spec.normalizers = {regex("(?<=x)y", "")};
  try {
    const TextNormalizer normalizer(spec, "file.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.happened().find("(?<=x)y"), std::string::npos);
    EXPECT_EQ(error.where(), "file.json");
  }
  spec.normalizers = {step(Kind::kReplace, "", "x")};
  EXPECT_THROW(TextNormalizer{spec}, Error);
}

TEST(Normalize, StripTakesWhiteSpaceOfAllKindsFromTheEnds) {
  EXPECT_EQ(normalized({strip(true, true)}, "\u3000\n a b \t\u00a0"), "a b");
  EXPECT_EQ(normalized({strip(true, false)}, " a "), "a ");
  EXPECT_EQ(normalized({strip(false, true)}, " \xff "), " \xff");
  EXPECT_EQ(normalized({strip(true, true)}, " \u3000"), "");
}

TEST(Normalize, FormsAndLowerCase) {
  EXPECT_EQ(normalized({step(Kind::kNfc)}, "xe\u0301y\xff"), "x\u00e9y\xff");
  EXPECT_EQ(normalized({step(Kind::kNfkc), step(Kind::kLowercase)}, "\uff21\u0130\ufffd\xc3"),
            "ai\u0307\ufffd\xc3");
  EXPECT_EQ(source_of({step(Kind::kNfkc)}, "ab\ufb01c", "fi"), (SourceRange{2, 5}));
}

TEST(Charsmap, FindsTheLongestAndTheShortestRule) {
  const Charsmap map(charsmap({{"a", "1"}, {"abc", "3"}, {"\u00e9", "e"}}), "test");
  EXPECT_EQ(map.longest("abcd").bytes, 3u);
  EXPECT_EQ(map.longest("abcd").result, "3");
  EXPECT_EQ(map.longest("abx").bytes, 1u);
  EXPECT_EQ(map.shortest("abc").result, "1");
  EXPECT_EQ(map.longest("b").bytes, 0u);
  EXPECT_FALSE(map.passes('a', 'x'));
  EXPECT_TRUE(map.passes('b', 'a'));
}

TEST(Charsmap, ABrokenBlobIsAnErrorOrHasNoRules) {
  EXPECT_THROW(Charsmap("", "test"), Error);
  EXPECT_THROW(Charsmap(std::string("\x08\0\0\0abcd", 8), "test"), Error);
  std::string blob = charsmap({{"ab", "x"}});
  for (size_t i = 4; i < blob.size(); i += 7) blob[i] = static_cast<char>(0xff);
  const Charsmap map(blob, "test");
  map.longest("abab\u00e9");
}

TEST(Normalize, PrecompiledLooksAtClustersAndThenAtCharacters) {
  const Normalizer map = step(Kind::kPrecompiled, "",
                              charsmap({{"\r", " "},
                                        {"\u00e9", "e"},
                                        {"\uff21", "A"},
                                        {"\ufb01", "fi"},
                                        {"o\u0308", "\u00f6"},
                                        {"\x01", ""}}));
  EXPECT_EQ(normalized({map}, "x\u00e9\uff21\ufb01z"), "xeAfiz");
  EXPECT_EQ(normalized({map}, "a\r\nb"), "a b");  // one cluster, whose begin has a rule
  EXPECT_EQ(normalized({map}, "oo\u0308\x01s"), "o\u00f6s");
  EXPECT_EQ(normalized({map}, "\u00e9\u0308\u0308x"), "e\u0308\u0308x");  // six bytes: by character
  EXPECT_EQ(normalized({map}, "\u00e9\u0308x"), "ex");                    // four: its begin has a rule
}

TEST(Normalize, SentencePieceTakesTheLongestRuleAndMarksSpaces) {
  const std::vector<Normalizer> steps = {
      step(Kind::kPrecompiled, "", charsmap({{"\t", " "}, {"\u00e9", "e"}, {"o\u0308", "\u00f6"}})),
      strip(true, true, Kind::kSentencePiece)};
  EXPECT_EQ(normalized(steps, " \ta  \u00e9o\u0308 "), "\u2581a\u2581e\u00f6");
  EXPECT_EQ(normalized(steps, "  "), "");
  EXPECT_EQ(normalized(steps, "a\xff"), "\u2581a\ufffd");
  const std::vector<Normalizer> plain = {strip(false, false, Kind::kSentencePiece)};
  EXPECT_EQ(normalized(plain, " a  b "), "\u2581a\u2581\u2581b\u2581");
  AddedToken symbol;
  symbol.text = "\u00e9\t";
  symbol.special = false;
  EXPECT_EQ(normalized(steps, "\u00e9\t\u00e9", {symbol}), "\u2581\u00e9\te");
}

}  // namespace
}  // namespace aurora::tokenizer
