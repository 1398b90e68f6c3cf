#include <algorithm>

#include "aurora/base/error.h"
#include "aurora/tokenizer/formats/protobuf.h"
#include "aurora/tokenizer/formats/sentencepiece_hugging_face.h"
#include "aurora/tokenizer/formats/sentencepiece_model.h"
#include "aurora/tokenizer/formats/sentencepiece_proto.h"

namespace aurora::tokenizer {
namespace {

using namespace sentencepiece;

PieceType type_of(TokenKind kind, bool user_defined) {
  switch (kind) {
    case TokenKind::kUnknown:
      return PieceType::kUnknown;
    case TokenKind::kControl:
      return PieceType::kControl;
    case TokenKind::kByte:
      return PieceType::kByte;
    case TokenKind::kUnused:
      return PieceType::kUnused;
    default:
      return user_defined ? PieceType::kUserDefined : PieceType::kNormal;
  }
}

std::string piece_message(const Token& token, bool user_defined) {
  ProtobufWriter message;
  message.bytes(piece::kText, token.text);
  message.real(piece::kScore, static_cast<float>(token.score));
  message.number(piece::kType, static_cast<uint64_t>(type_of(token.kind, user_defined)));
  return message.message();
}

std::string trainer_message(const Spec& spec) {
  ProtobufWriter message;
  const bool bpe = spec.model == ModelKind::kBpe;
  message.number(trainer::kModelType, static_cast<uint64_t>(bpe ? ModelType::kBpe : ModelType::kUnigram));
  message.number(trainer::kVocabSize, spec.tokens.size());
  message.number(trainer::kByteFallback, spec.byte_fallback);
  // -1, sign-extended as protocol buffers have it: there is none.
  const auto id = [](int32_t value) { return static_cast<uint64_t>(int64_t{value}); };
  message.number(trainer::kUnknownId, id(spec.unknown));
  message.number(trainer::kBeginId, id(spec.begin_of_document));
  message.number(trainer::kEndId, id(spec.end_of_document));
  message.number(trainer::kPadId, id(-1));
  message.bytes(trainer::kUnknownPiece, spec.tokens[spec.unknown].text);
  if (spec.begin_of_document >= 0)
    message.bytes(trainer::kBeginPiece, spec.tokens[spec.begin_of_document].text);
  if (spec.end_of_document >= 0) message.bytes(trainer::kEndPiece, spec.tokens[spec.end_of_document].text);
  return message.message();
}

std::string normalizer_message(const Spec& spec) {
  ProtobufWriter message;
  message.bytes(normalizer::kName, spec.normalizers.size() > 1 ? "user_defined" : "identity");
  for (const Normalizer& step : spec.normalizers) {
    if (step.kind == Normalizer::Kind::kPrecompiled) message.bytes(normalizer::kCharacters, step.text);
    if (step.kind != Normalizer::Kind::kSentencePiece) continue;
    message.number(normalizer::kAddDummyPrefix, step.left);
    message.number(normalizer::kRemoveExtra, step.right);
    message.number(normalizer::kEscape, 1);
  }
  return message.message();
}

}  // namespace

std::string write_sentencepiece_model(const Spec& spec) {
  ProtobufWriter model;
  std::vector<bool> user_defined(spec.tokens.size());
  for (const AddedToken& token : spec.added) user_defined[token.id] = !token.special;
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    model.bytes(model::kPiece, piece_message(spec.tokens[id], user_defined[id]));
  }
  const auto refuse = [] {
    throw Error("a SentencePiece model cannot say it", "tokenizer", "write a tokenizer.json");
  };
  if (!is_sentencepiece(spec) || spec.unknown < 0) refuse();
  model.bytes(model::kTrainer, trainer_message(spec));
  model.bytes(model::kNormalizer, normalizer_message(spec));
  Spec again = read_sentencepiece_model(model.message(), "model");
  again.chat_template = spec.chat_template;
  again.single = spec.single;
  again.pair = spec.pair;
  if (again != spec) refuse();
  return model.message();
}

}  // namespace aurora::tokenizer
