#include "aurora/tokenizer/encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/tokenizer/decode.h"
#include "aurora/tokenizer/test_specs.h"

namespace aurora::tokenizer {
namespace {

using testing::ElementsAre;

// The ids as pieces: "the| t|..."; checks besides that places and a forgetful encoder give the same ids.
std::string pieces(const Tokenizer& tokenizer, std::string_view text, const EncodeOptions& options = {}) {
  Encoder encoder(tokenizer);
  std::vector<int32_t> ids;
  encoder.encode(text, ids, options);
  std::vector<int32_t> again;
  encoder.encode(text, again, options);
  EXPECT_EQ(again, ids);
  encoder.forget();
  again.clear();
  encoder.encode(text, again, options);
  EXPECT_EQ(again, ids);
  std::vector<TokenSpan> spans;
  encoder.encode_with_offsets(text, spans, options);
  EXPECT_EQ(spans.size(), ids.size());
  size_t last = 0;
  std::string out;
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(spans[i].id, ids[i]);
    EXPECT_LE(last, spans[i].begin);
    EXPECT_LE(spans[i].begin, spans[i].end);
    EXPECT_LE(spans[i].end, text.size());
    last = spans[i].begin;
    if (i > 0) out += '|';
    out += tokenizer.token(ids[i]);
  }
  return out;
}

// Places as "0-3 3-5".
std::string places(const Tokenizer& tokenizer, std::string_view text, const EncodeOptions& options = {}) {
  std::vector<TokenSpan> spans;
  Encoder(tokenizer).encode_with_offsets(text, spans, options);
  std::string out;
  for (const TokenSpan& span : spans) {
    out += (out.empty() ? "" : " ") + std::to_string(span.begin) + "-" + std::to_string(span.end);
  }
  return out;
}

EncodeOptions parsing() {
  EncodeOptions options;
  options.specials = Specials::kParse;
  return options;
}

TEST(Encoder, ByteLevelTextGoesFromTheSourceToTheModel) {
  const Tokenizer tokenizer(byte_level_spec());
  EXPECT_EQ(pieces(tokenizer, "the the"), "the| the");
  EXPECT_EQ(places(tokenizer, "the the"), "0-3 3-7");
  EXPECT_EQ(places(tokenizer, "t\u3042"), "0-1 1-3 3-4");
  EXPECT_EQ(pieces(tokenizer, ""), "");
}

TEST(Encoder, AddedTokensAreTakenOutAsThePolicySays) {
  const Tokenizer tokenizer(byte_level_spec());
  const std::string text = "the<|end|>the<|other|>";
  EXPECT_EQ(pieces(tokenizer, text), "the|<|||e|n|d|||>|the|<|other|>");
  EXPECT_EQ(pieces(tokenizer, text, parsing()), "the|<|end|>|the|<|other|>");
  EXPECT_EQ(places(tokenizer, text, parsing()), "0-3 3-10 10-13 13-22");
  EncodeOptions refuse;
  refuse.specials = Specials::kRefuse;
  std::vector<int32_t> ids;
  try {
    Encoder(tokenizer).encode(text, ids, refuse);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.happened().find("<|end|>"), std::string::npos);
  }
  refuse.allowed = {"<|end|>"};
  EXPECT_EQ(pieces(tokenizer, text, refuse), "the|<|end|>|the|<|other|>");
}

TEST(Encoder, LlamaPutsASpaceBeforeEachPartOfAText) {
  const Tokenizer tokenizer(llama_spec());
  EXPECT_EQ(pieces(tokenizer, "the  ha"), "\u2581|the|\u2581\u2581|h|a");
  EXPECT_EQ(places(tokenizer, "the  ha"), "0-1 0-3 3-5 5-6 6-7");
  EXPECT_EQ(pieces(tokenizer, "a<s>a", parsing()), "\u2581|a|<s>|\u2581|a");
  EXPECT_EQ(pieces(tokenizer, "\u00e9"), "\u2581|<0xC3>|<0xA9>");
  EXPECT_EQ(places(tokenizer, "a\u00e9"), "0-1 0-1 1-2 2-3");
}

TEST(Encoder, TheTemplateStandsAroundTheTextWhenAskedFor) {
  const Tokenizer tokenizer(llama_spec());
  EncodeOptions options;
  options.add_template = true;
  EXPECT_EQ(pieces(tokenizer, "a", options), "<s>|\u2581|a");
  EXPECT_EQ(places(tokenizer, "a", options), "0-0 0-1 0-1");
}

TEST(Encoder, UnigramWordsBeginAtTheirMark) {
  const Tokenizer tokenizer(unigram_spec());
  EXPECT_EQ(pieces(tokenizer, "the  thex\u3042</s>the", parsing()),
            "\u2581the|\u2581|\u2581the|<unk>|\u3042|</s>|\u2581the");
  EXPECT_EQ(places(tokenizer, "the the?"), "0-3 3-7 7-8");
  EXPECT_EQ(pieces(tokenizer, " the"), "\u2581the");
}

TEST(Encoder, MetaspaceMayPrependAtTheVeryBeginOnly) {
  Spec spec = unigram_spec();
  spec.pretokenizers[0].prepend = PretokenStep::Prepend::kFirst;
  EXPECT_EQ(pieces(Tokenizer(spec), "the</s>the", parsing()), "\u2581the|</s>|the");
  Normalizer strip = normalizer(Normalizer::Kind::kStrip);
  strip.left = true;
  spec.normalizers = {strip};
  EXPECT_EQ(pieces(Tokenizer(spec), " the"), "the");  // what is left begins behind the source's begin
  spec.pretokenizers[0].prepend = PretokenStep::Prepend::kNever;
  EXPECT_EQ(pieces(Tokenizer(spec), "the the"), "the|\u2581the");
  spec.pretokenizers[0].split = false;
  EXPECT_EQ(pieces(Tokenizer(spec), "the the"), "the|\u2581the");
}

TEST(Encoder, SentencePieceTakesTheWholeText) {
  const Tokenizer tokenizer(unigram_spec(ModelKind::kSentencePieceUnigram));
  EXPECT_EQ(pieces(tokenizer, "  the   the?? "), "\u2581the|\u2581the|<unk>");
  EXPECT_EQ(places(tokenizer, "  the   the?"), "2-5 5-11 11-12");
}

TEST(Encoder, PrefixSpaceAndNormalForms) {
  Spec spec = byte_level_spec();
  spec.pretokenizers[0].prepend = PretokenStep::Prepend::kAlways;
  EXPECT_EQ(pieces(Tokenizer(spec), "the<|end|>the", parsing()), " the|<|end|>| the");
  EXPECT_EQ(places(Tokenizer(spec), "the x"), "0-3 3-4 4-5");
  spec.pretokenizers[0].prepend = PretokenStep::Prepend::kNever;
  spec.normalizers = {normalizer(Normalizer::Kind::kNfkc)};
  EXPECT_EQ(pieces(Tokenizer(spec), "\uff54he the"), "the| the");
  EXPECT_EQ(places(Tokenizer(spec), "\uff54he the"), "0-5 5-9");
}

TEST(Encoder, NormalizedTokensAreFoundInNormalizedText) {
  Spec spec = byte_level_spec();
  spec.normalizers = {normalizer(Normalizer::Kind::kLowercase)};
  add_token(spec, "[DAY]", false, true);
  EXPECT_EQ(pieces(Tokenizer(spec), "THE[dAy]the"), "the|[DAY]|the");
  EXPECT_EQ(places(Tokenizer(spec), "THE[dAy]the"), "0-3 3-8 8-11");
}

TEST(Encoder, ABatchIsInOrderForAnyNumberOfThreads) {
  const Tokenizer tokenizer(byte_level_spec());
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) texts.push_back(std::string(static_cast<size_t>(i * 7 % 900), 't') + " the");
  std::vector<std::string_view> views(texts.begin(), texts.end());
  Pool pool(3);
  const std::vector<std::vector<int32_t>> batch = encode_batch(tokenizer, views, pool);
  EXPECT_EQ(encode_batch(tokenizer, views, Pool::serial()), batch);
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(batch[i], tokenizer.encode(texts[i]));
  EXPECT_TRUE(encode_batch(tokenizer, {}, pool).empty());
}

}  // namespace
}  // namespace aurora::tokenizer
