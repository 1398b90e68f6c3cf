#include "aurora/tokenizer/decode.h"

#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/tokenizer/steps/normalize.h"

namespace aurora::tokenizer {
namespace {

using Kind = DecoderStep::Kind;

DecoderStep step(Kind kind, std::string pattern = "", std::string text = "") {
  DecoderStep made;
  made.kind = kind;
  made.pattern = std::move(pattern);
  made.text = std::move(text);
  return made;
}

DecoderStep strip(std::string pattern, int32_t start, int32_t stop) {
  DecoderStep made = step(Kind::kStrip, std::move(pattern));
  made.start = start;
  made.stop = stop;
  return made;
}

Token token(std::string text, TokenKind kind = TokenKind::kNormal) {
  Token made;
  made.text = std::move(text);
  made.kind = kind;
  return made;
}

Spec spec_of(std::vector<Token> tokens, std::vector<DecoderStep> decoders, bool byte_level = false) {
  Spec spec;
  spec.tokens = std::move(tokens);
  spec.decoders = std::move(decoders);
  spec.byte_level = byte_level;
  return spec;
}

// Decodes; the stream must give the same with bytes repaired, never half a character.
std::string decoded(const Spec& spec, const std::vector<int32_t>& ids, bool skip_special = false) {
  const TextNormalizer normalizer(spec);
  const DecodeTables tables(spec, normalizer);
  const std::string whole = decode(tables, ids, skip_special);
  StreamDecoder stream(tables, skip_special);
  for (int round = 0; round < 2; ++round) {
    std::string joined;
    for (const int32_t id : ids) {
      const std::string piece = stream.push(id);
      EXPECT_TRUE(is_valid_utf8(piece));
      joined += piece;
    }
    joined += stream.finish();
    EXPECT_EQ(joined, repair_utf8(whole));
  }
  return whole;
}

TEST(Decode, BytesOfByteLevelTokensAreJoinedAsTheyAre) {
  const Spec spec =
      spec_of({token("a\xc3"), token("\xa9z"), token("\xff"), token("")}, {step(Kind::kByteLevel)}, true);
  EXPECT_EQ(decoded(spec, {0, 1, 2, 0}),
            "a\u00e9z\xff"
            "a\xc3");
}

TEST(Decode, AnIdWithoutTokenIsAnError) {
  const Spec spec = spec_of({token("a"), token("", TokenKind::kHole)}, {}, true);
  const DecodeTables tables(spec, TextNormalizer(spec));
  for (const int32_t id : {-1, 1, 2}) {
    EXPECT_THROW(decode(tables, std::vector<int32_t>{0, id}, false), Error);
    StreamDecoder stream(tables, true);
    EXPECT_THROW(stream.push(id), Error);
  }
}

TEST(Decode, LlamaTwoJoinsBytesAndDropsOneSpace) {
  const Spec spec = spec_of(
      {token("\u2581Hi"), token("\u2581"), token("<0xE3>", TokenKind::kByte),
       token("<0x81>", TokenKind::kByte), token("<0x82>", TokenKind::kByte), token("!")},
      {step(Kind::kReplace, "\u2581", " "), step(Kind::kByteFallback), step(Kind::kFuse), strip(" ", 1, 0)});
  EXPECT_EQ(decoded(spec, {0, 0, 5}), "Hi Hi!");
  EXPECT_EQ(decoded(spec, {1, 0}), " Hi");
  EXPECT_EQ(decoded(spec, {1}), "");
  EXPECT_EQ(decoded(spec, {5, 2, 3, 4, 0}), "!\u3042 Hi");
  EXPECT_EQ(decoded(spec, {2, 3, 4, 2, 0}), "\ufffd\ufffd\ufffd\ufffd Hi");  // the whole row is no UTF-8
  EXPECT_EQ(decoded(spec, {}), "");
}

TEST(Decode, StripTakesFromBothEndsOfTheFusedText) {
  const Spec spec =
      spec_of({token("  "), token("a "), token(" "), token("b")}, {step(Kind::kFuse), strip(" ", 3, 2)});
  EXPECT_EQ(decoded(spec, {0, 0, 1, 2, 2, 3, 0, 2}), " a   b ");
  EXPECT_EQ(decoded(spec, {0}), "");
  const Spec each = spec_of({token("  "), token("a "), token(" "), token("b")}, {strip(" ", 1, 1)});
  EXPECT_EQ(decoded(each, {1, 2, 3, 1}), "aba");
}

TEST(Decode, MetaspaceDropsItsMarkInTheFirstToken) {
  DecoderStep metaspace = step(Kind::kMetaspace, "\u2581");
  metaspace.prefix = true;
  const Spec spec = spec_of({token("\u2581\u2581a"), token("\u2581b")}, {metaspace});
  EXPECT_EQ(decoded(spec, {0, 1, 0}), "a b  a");
  metaspace.prefix = false;
  EXPECT_EQ(decoded(spec_of({token("\u2581a")}, {metaspace}), {0}), " a");
}

TEST(Decode, ReplaceBehindFuseLooksAcrossTokens) {
  const Spec spec = spec_of({token("a"), token("b")}, {step(Kind::kFuse), step(Kind::kReplace, "ab", "-")});
  EXPECT_EQ(decoded(spec, {0, 1, 1, 0, 1}), "-b-");
}

TEST(Decode, WithoutDecoderTokensStandApart) {
  EXPECT_EQ(decoded(spec_of({token("a"), token("b")}, {}), {0, 1, 0}), "a b a");
}

TEST(Decode, SpecialTokensGiveTheirTextOrNothing) {
  Spec spec = spec_of({token("a"), token("<s>", TokenKind::kAdded), token("\u0120x", TokenKind::kAdded)},
                      {step(Kind::kByteLevel)}, true);
  AddedToken special;
  special.id = 1;
  special.text = "<s>";
  AddedToken other;
  other.id = 2;
  other.text = "\u0120x";
  other.special = false;
  spec.added = {special, other};
  EXPECT_EQ(decoded(spec, {1, 0, 1, 2}), "<s>a<s> x");  // U+0120 is the space of the byte alphabet
  EXPECT_EQ(decoded(spec, {1, 0, 1, 2}, true), "a x");
}

TEST(Decode, SentencePieceDropsTheSpaceThatItAdded) {
  Spec spec = spec_of(
      {token("<unk>", TokenKind::kUnknown), token("<s>", TokenKind::kControl), token("\u2581a"),
       token("\u2581"), token("<0xC3>", TokenKind::kByte), token("<0xA9>", TokenKind::kByte), token("b")},
      {});
  spec.model = ModelKind::kSentencePieceUnigram;
  Normalizer normalizer;
  normalizer.kind = Normalizer::Kind::kSentencePiece;
  normalizer.left = true;
  spec.normalizers = {normalizer};
  EXPECT_EQ(decoded(spec, {1, 2, 2, 1}), "a a");
  EXPECT_EQ(decoded(spec, {3, 2}), " a");
  EXPECT_EQ(decoded(spec, {3, 3, 6}), " b");
  EXPECT_EQ(decoded(spec, {0, 6}), " \u2047 b");
  EXPECT_EQ(decoded(spec, {4, 5, 4, 2}), "\u00e9\ufffd a");
  EXPECT_EQ(decoded(spec, {4}), "\ufffd");
  spec.normalizers[0].right = true;  // remove_extra_whitespaces: no space can stand at the begin
  EXPECT_EQ(decoded(spec, {3, 3, 2, 2}), "a a");
}

}  // namespace
}  // namespace aurora::tokenizer
