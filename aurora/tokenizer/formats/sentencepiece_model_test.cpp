#include "aurora/tokenizer/formats/sentencepiece_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/tokenizer/formats/protobuf.h"
#include "aurora/tokenizer/formats/sentencepiece_proto.h"
#include "aurora/tokenizer/formats/tokenizer_json.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::tokenizer {
namespace {

using namespace sentencepiece;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Piece {
  std::string text;
  float score;
  PieceType type = PieceType::kNormal;
};

const std::vector<Piece> kLow = {{"<unk>", 0, PieceType::kUnknown},
                                 {"<s>", 0, PieceType::kControl},
                                 {"</s>", 0, PieceType::kControl},
                                 {"lo", -0.0f},
                                 {"\u2581lo", -1},
                                 {"low", -2},
                                 {"\u2581", -3},
                                 {"l", -4},
                                 {"o", -5},
                                 {"w", -6}};

std::string model_of(const std::vector<Piece>& pieces, const std::function<void(ProtobufWriter&)>& trainer,
                     const std::function<void(ProtobufWriter&)>& normalizer = nullptr) {
  ProtobufWriter model;
  for (const Piece& item : pieces) {
    ProtobufWriter message;
    message.bytes(piece::kText, item.text);
    message.real(piece::kScore, item.score);
    if (item.type != PieceType::kNormal) message.number(piece::kType, static_cast<uint64_t>(item.type));
    model.bytes(model::kPiece, message.message());
  }
  ProtobufWriter trainer_message;
  trainer(trainer_message);
  model.bytes(model::kTrainer, trainer_message.message());
  ProtobufWriter normalizer_message;
  if (normalizer) normalizer(normalizer_message);
  model.bytes(model::kNormalizer, normalizer_message.message());
  return model.message();
}

void bpe(ProtobufWriter& trainer) {
  trainer.number(trainer::kModelType, static_cast<uint64_t>(ModelType::kBpe));
}
void unigram(ProtobufWriter& trainer) {
  trainer.number(trainer::kModelType, static_cast<uint64_t>(ModelType::kUnigram));
}

std::string error_of(const std::string& model) {
  try {
    Tokenizer(read_sentencepiece_model(model, "a.model"), "a.model");
  } catch (const Error& error) {
    EXPECT_THAT(error.where(), HasSubstr("a.model"));
    return error.what();
  }
  return "no error";
}

TEST(Protobuf, FieldsComeBackAndBrokenOnesAreSeen) {
  ProtobufWriter writer;
  writer.number(1, 300);
  writer.real(2, -1.5f);
  writer.bytes(47, "low");
  EXPECT_EQ(writer.message().substr(0, 3), "\x08\xac\x02");
  ProtobufReader reader(writer.message());
  ASSERT_TRUE(reader.next());
  EXPECT_TRUE(reader.field() == 1 && reader.is_number() && reader.number() == 300);
  ASSERT_TRUE(reader.next());
  EXPECT_TRUE(reader.field() == 2 && reader.is_real() && reader.real() == -1.5f);
  ASSERT_TRUE(reader.next());
  EXPECT_TRUE(reader.field() == 47 && reader.is_bytes() && reader.bytes() == "low");
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.broken());
  for (size_t size = 1; size < writer.message().size(); ++size) {
    ProtobufReader cut(std::string_view(writer.message()).substr(0, size));
    while (cut.next()) {
    }
    EXPECT_EQ(cut.broken(), size != 3 && size != 8) << size;
  }
}

TEST(SentencePieceModel, BpeMergesByScoreAndOfEqualPiecesTheReachablePair) {
  const Spec spec = read_sentencepiece_model(model_of(kLow, bpe), "a.model");
  EXPECT_EQ(spec.model, ModelKind::kBpe);
  EXPECT_THAT(spec.merges, ElementsAre(MergeRule{7, 8, 3, 0}, MergeRule{6, 3, 4, 1}, MergeRule{3, 9, 5, 2}));
  EXPECT_EQ(spec.unknown, 0);
  EXPECT_EQ(spec.begin_of_document, 1);
  EXPECT_EQ(spec.end_of_document, 2);
  const Tokenizer tokenizer(spec);
  EXPECT_THAT(tokenizer.encode("low low"), ElementsAre(4, 9, 4, 9));  // "_lo" comes before "low"
  EXPECT_THAT(tokenizer.encode("lowlow"), ElementsAre(4, 9, 5));
  EXPECT_THAT(tokenizer.encode("oxyz"), ElementsAre(6, 8, 0));
  EXPECT_THAT(tokenizer.encode("<s>"), ElementsAre(6, 0));  // text, not the control symbol
  EXPECT_TRUE(tokenizer.is_special(1));
  EXPECT_EQ(tokenizer.decode({{4, 9, 4, 9}}), "low low");
}

TEST(SentencePieceModel, UserDefinedSymbolsStayWhole) {
  std::vector<Piece> pieces = kLow;
  pieces.push_back({"wl", 0, PieceType::kUserDefined});
  const Tokenizer tokenizer(read_sentencepiece_model(model_of(pieces, bpe), "a.model"));
  EXPECT_THAT(tokenizer.encode("lowlow"), ElementsAre(4, 10, 8, 9));
}

TEST(SentencePieceModel, ReadsNormalizerAndByteFallback) {
  std::vector<Piece> pieces = kLow;
  for (int byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    pieces.push_back({name, 0, PieceType::kByte});
  }
  const auto fallback = [](ProtobufWriter& trainer) {
    bpe(trainer);
    trainer.number(trainer::kByteFallback, 1);
  };
  const auto plain = [](ProtobufWriter& normalizer) {
    normalizer.number(normalizer::kAddDummyPrefix, 0);
    normalizer.number(normalizer::kRemoveExtra, 0);
  };
  const Tokenizer tokenizer(read_sentencepiece_model(model_of(pieces, fallback, plain), "a.model"));
  EXPECT_THAT(tokenizer.encode("lo\n"), ElementsAre(3, 10 + '\n'));
  EXPECT_THAT(tokenizer.encode("  lo"), ElementsAre(6, 4));
  pieces.pop_back();
  EXPECT_THAT(error_of(model_of(pieces, fallback)), HasSubstr("no token for byte 255"));
  EXPECT_THAT(error_of(model_of(pieces, bpe)), HasSubstr("without byte_fallback"));
}

TEST(SentencePieceModel, WhatCannotBeSaidIsRefusedByName) {
  const auto trained = [](uint32_t field, uint64_t value) {
    return error_of(model_of(kLow, [&](ProtobufWriter& trainer) { trainer.number(field, value); }));
  };
  EXPECT_EQ(trained(trainer::kVocabSize, 10), "no error");
  EXPECT_THAT(trained(trainer::kModelType, 3), HasSubstr("WORD"));
  EXPECT_THAT(trained(trainer::kModelType, 4), HasSubstr("CHAR"));
  EXPECT_THAT(trained(trainer::kSpaceAsSuffix, 1), HasSubstr("suffix"));
  const auto with = [](Piece piece) {
    std::vector<Piece> pieces = kLow;
    pieces.push_back(std::move(piece));
    return error_of(model_of(pieces, bpe));
  };
  EXPECT_THAT(with({"lox", -9}), HasSubstr("\"x\", which is no piece itself"));
  EXPECT_THAT(with({"x", -9, PieceType::kUnused}), HasSubstr("unused"));
  EXPECT_THAT(with({"x", -9, PieceType::kUnknown}), HasSubstr("unknown ones"));
  EXPECT_THAT(with({"lo", -9}), HasSubstr("tokens 3 and 10 are equal"));
  EXPECT_THAT(with({"", -9}), HasSubstr("piece 10"));
  EXPECT_THAT(with({"\xff", -9}), HasSubstr("piece 10"));
  EXPECT_THAT(with({"x", std::numeric_limits<float>::infinity()}), HasSubstr("no number"));
  EXPECT_THAT(error_of("\n"), HasSubstr("SentencePiece"));
  EXPECT_THAT(error_of(""), HasSubstr("not a SentencePiece model"));
}

TEST(SentencePieceModel, ComesBackWhole) {
  for (const auto& kind : {bpe, unigram}) {
    const Spec spec = read_sentencepiece_model(model_of(kLow, kind), "a.model");
    EXPECT_EQ(read_sentencepiece_model(write_sentencepiece_model(spec), "b.model"), spec);
  }
  Spec other;
  other.tokens = {{"a", 0, TokenKind::kNormal}};
  EXPECT_THROW(write_sentencepiece_model(other), Error);
}

TEST(SentencePieceModel, BecomesATokenizerJsonWithTheSameIds) {
  for (const auto& kind : {bpe, unigram}) {
    const Tokenizer model(read_sentencepiece_model(model_of(kLow, kind), "a.model"));
    const Tokenizer json = Tokenizer::from_json(model.to_json(), "tokenizer.json");
    for (const char* text : {"low low", "  low   x ", "", " ", "lowlowowl"}) {
      EXPECT_EQ(json.encode(text), model.encode(text)) << text;
    }
    EXPECT_EQ(json.special_id("</s>"), 2);
    EXPECT_EQ(Tokenizer::from_json(json.to_json(), "x").spec(), json.spec());
  }
  std::vector<Piece> pieces = kLow;
  pieces.push_back({"<sep>", 0, PieceType::kUserDefined});
  const Spec spec = read_sentencepiece_model(model_of(pieces, bpe), "a.model");
  EXPECT_THROW(write_tokenizer_json(spec), Error);  // spaces beside <sep>
}

}  // namespace
}  // namespace aurora::tokenizer
