#include "aurora/tokenizer/steps/added_tokens.h"

#include <gtest/gtest.h>

#include "aurora/base/error.h"

namespace aurora::tokenizer {
namespace {

AddedToken added(int32_t id, std::string text, bool special = true) {
  AddedToken token;
  token.id = id;
  token.text = std::move(text);
  token.special = special;
  return token;
}

// Sections as "[token](text)".
std::string sections(const Spec& spec, std::string_view text, Specials specials = Specials::kParse,
                     const std::vector<std::string>& allowed = {}) {
  const TextNormalizer normalizer(spec);
  const AddedTokens tokens(spec, normalizer);
  std::vector<Section> found;
  tokens.split_source(text, tokens.policy(specials, allowed), found);
  std::string out;
  for (const Section& section : found) {
    const std::string part(text.substr(section.begin, section.end - section.begin));
    out += section.index < 0 ? "(" + part + ")" : "[" + part + "]";
  }
  return out;
}

TEST(AddedTokens, TheLeftmostAndThenTheLongestIsFound) {
  Spec spec;
  spec.added = {added(0, "<a>"), added(1, "<a><b>"), added(2, "<b>"), added(3, "b")};
  EXPECT_EQ(sections(spec, "x<a><b>y<a>bz<<b>"), "(x)[<a><b>](y)[<a>][b](z<)[<b>]");
  EXPECT_EQ(sections(spec, ""), "");
  EXPECT_EQ(sections(spec, "<a"), "(<a)");
}

TEST(AddedTokens, ManyFirstBytesAreSearchedFor) {
  Spec spec;
  for (const char* text : {"ab", "bc", "cd", "de", "ef", "fg"}) spec.added.push_back(added(0, text));
  EXPECT_EQ(sections(spec, "xabcdexfgx"), "(x)[ab][cd](ex)[fg](x)");
}

TEST(AddedTokens, SpacesGoAlongWithTokensThatStripThem) {
  Spec spec;
  spec.added = {added(0, "<l>"), added(1, "<r>")};
  spec.added[0].strip_left = true;
  spec.added[1].strip_right = true;
  EXPECT_EQ(sections(spec, "a \u3000<l> b<r>\n c"), "(a)[ \u3000<l>]( b)[<r>\n ](c)");
  EXPECT_EQ(sections(spec, "<r>  <l>"), "[<r>  ][<l>]");
}

TEST(AddedTokens, ASingleWordIsNotFoundInsideAWord) {
  Spec spec;
  spec.added = {added(0, "ing", false)};
  spec.added[0].single_word = true;
  EXPECT_EQ(sections(spec, "sing ing-ing\u00e9 ing"), "(sing )[ing](-ing\u00e9 )[ing]");
}

TEST(AddedTokens, SpecialOnesAreTextUnlessAskedForAndStillTakeTheirPlace) {
  Spec spec;
  spec.added = {added(0, "<s>"), added(1, "s>x", false), added(2, "<t>", false), added(3, "<u>")};
  EXPECT_EQ(sections(spec, "<s>x<t><u>", Specials::kText), "(<s>x)[<t>](<u>)");
  EXPECT_EQ(sections(spec, "<s>x<t><u>", Specials::kText, {"<u>"}), "(<s>x)[<t>][<u>]");
  EXPECT_EQ(sections(spec, "<t><u>", Specials::kRefuse, {"<u>"}), "[<t>][<u>]");
  EXPECT_THROW(sections(spec, "a<s>", Specials::kRefuse, {"<u>"}), Error);
}

TEST(AddedTokens, NormalizedOnesAreLookedForAsTheyAreNormalized) {
  Spec spec;
  spec.added = {added(0, "A B", false)};
  spec.added[0].normalized = true;
  Normalizer lower;
  lower.kind = Normalizer::Kind::kLowercase;
  spec.normalizers = {lower};
  const TextNormalizer normalizer(spec);
  const AddedTokens tokens(spec, normalizer);
  std::vector<Section> found;
  const AddedPolicy policy = tokens.policy(Specials::kText);
  EXPECT_FALSE(policy.in_source);
  tokens.split_normalized("xa by", policy, found);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[1].begin, 1u);
  EXPECT_EQ(found[1].end, 4u);
}

}  // namespace
}  // namespace aurora::tokenizer
