#include "aurora/tokenizer/formats/sentencepiece_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/tokenizer/bpe/effective_merges.h"
#include "aurora/tokenizer/formats/protobuf.h"
#include "aurora/tokenizer/formats/sentencepiece_proto.h"
#include "aurora/tokenizer/spec_check.h"

namespace aurora::tokenizer {
namespace {

using namespace sentencepiece;

class ModelFile {
 public:
  explicit ModelFile(const std::string& where) : where_(where) {}

  Spec read(std::string_view bytes) {
    spec_.byte_level = false;
    spec_.fuse_unknown = true;
    bool has_trainer = false;
    each_field(bytes, [&](const ProtobufReader& field) {
      if (field.field() == model::kPiece && field.is_bytes()) read_piece(field.bytes());
      if (field.field() == model::kTrainer && field.is_bytes())
        read_trainer(field.bytes()), has_trainer = true;
      if (field.field() == model::kNormalizer && field.is_bytes()) read_normalizer(field.bytes());
      if (field.field() == model::kDenormalizer && field.is_bytes()) read_denormalizer(field.bytes());
    });
    if (!has_trainer || spec_.tokens.empty()) refuse("not a SentencePiece model");
    if (spec_.unknown < 0) refuse("no piece is the unknown one");
    finish_kind();
    finish_steps();
    if (spec_.model == ModelKind::kBpe) finish_merges();
    return std::move(spec_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(what, where_, "use a model of a kind that docs/formats/tokenizer.md names");
  }

  template <class Use>
  void each_field(std::string_view message, const Use& use) const {
    ProtobufReader reader(message);
    while (reader.next()) use(reader);
    if (reader.broken()) refuse("not a SentencePiece model, or a damaged one");
  }

  void read_piece(std::string_view message) {
    Token token;
    PieceType type = PieceType::kNormal;
    each_field(message, [&](const ProtobufReader& field) {
      if (field.field() == piece::kText && field.is_bytes()) token.text = field.bytes();
      if (field.field() == piece::kScore && field.is_real()) token.score = field.real();
      if (field.field() == piece::kType && field.is_number()) type = PieceType{field.number()};
    });
    const auto id = static_cast<int32_t>(spec_.tokens.size());
    if (spec_.tokens.size() >= kMaxVocabulary) refuse("too many pieces");
    if (token.text.empty() || !is_valid_utf8(token.text)) refuse(fmt::format("piece {} is no text", id));
    token.kind = kind_of(type, id);
    if (type == PieceType::kUnknown) {
      if (spec_.unknown >= 0) refuse(fmt::format("pieces {} and {} are unknown ones", spec_.unknown, id));
      spec_.unknown = id;
    }
    has_unused_ = has_unused_ || type == PieceType::kUnused;
    if (type == PieceType::kControl || type == PieceType::kUserDefined) {
      AddedToken added;
      added.id = id;
      added.text = token.text;
      added.special = type == PieceType::kControl;
      added.normalized = !added.special;
      spec_.added.push_back(std::move(added));
    }
    user_defined_.push_back(type == PieceType::kUserDefined);
    spec_.tokens.push_back(std::move(token));
  }

  TokenKind kind_of(PieceType type, int32_t id) const {
    switch (type) {
      case PieceType::kNormal:
      case PieceType::kUserDefined:
        return TokenKind::kNormal;
      case PieceType::kUnknown:
        return TokenKind::kUnknown;
      case PieceType::kControl:
        return TokenKind::kControl;
      case PieceType::kUnused:
        return TokenKind::kUnused;
      case PieceType::kByte:
        return TokenKind::kByte;
    }
    refuse(fmt::format("piece {} has the type {}, which is not known here", id, static_cast<uint64_t>(type)));
  }

  void read_trainer(std::string_view message) {
    each_field(message, [&](const ProtobufReader& field) {
      if (field.field() == trainer::kModelType && field.is_number()) model_type_ = ModelType{field.number()};
      if (field.field() == trainer::kSpaceAsSuffix && field.number() != 0)
        refuse("white space as a suffix is not known here");
      if (field.field() == trainer::kByteFallback && field.is_number())
        spec_.byte_fallback = field.number() != 0;
      if (field.field() == trainer::kUnknownSurface && field.is_bytes() && field.bytes() != kSurface) {
        refuse(fmt::format("unk_surface \"{}\" is not known here", field.bytes()));
      }
      if (field.field() == trainer::kBeginPiece && field.is_bytes()) begin_piece_ = field.bytes();
      if (field.field() == trainer::kEndPiece && field.is_bytes()) end_piece_ = field.bytes();
    });
  }

  void read_normalizer(std::string_view message) {
    each_field(message, [&](const ProtobufReader& field) {
      if (field.field() == normalizer::kCharacters && field.is_bytes()) characters_ = field.bytes();
      if (field.field() == normalizer::kAddDummyPrefix && field.is_number())
        add_dummy_prefix_ = field.number() != 0;
      if (field.field() == normalizer::kRemoveExtra && field.is_number()) remove_extra_ = field.number() != 0;
      if (field.field() == normalizer::kEscape && field.number() == 0)
        refuse("white space that is not escaped is not known here");
    });
  }

  void read_denormalizer(std::string_view message) const {
    each_field(message, [&](const ProtobufReader& field) {
      if (field.field() == normalizer::kCharacters && !field.bytes().empty())
        refuse("a denormalizer is not known here");
    });
  }

  void finish_kind() {
    if (model_type_ == ModelType::kWord) refuse("a model of words (WORD) is not known here");
    if (model_type_ == ModelType::kCharacter) refuse("a model of characters (CHAR) is not known here");
    if (model_type_ != ModelType::kBpe && model_type_ != ModelType::kUnigram)
      refuse("an unknown type of model");
    const bool bpe = model_type_ == ModelType::kBpe;
    spec_.model = bpe ? ModelKind::kBpe : ModelKind::kSentencePieceUnigram;
    if (bpe && has_unused_) refuse("unused pieces in a BPE model are not known here");
    for (const Token& token : spec_.tokens) {
      if (token.kind == TokenKind::kByte && !spec_.byte_fallback) {
        refuse("byte pieces without byte_fallback are not known here");
      }
      if (token.kind == TokenKind::kByte && byte_of(spec_, token) < 0) {
        refuse("byte piece \"" + token.text + "\" names no byte");
      }
      if (!std::isfinite(token.score)) refuse("the score of piece \"" + token.text + "\" is no number");
    }
    const auto control = [&](const std::string& text) {
      for (const AddedToken& token : spec_.added) {
        if (token.special && token.text == text) return token.id;
      }
      return -1;
    };
    spec_.begin_of_document = control(begin_piece_);
    spec_.end_of_document = control(end_piece_);
  }

  void finish_steps() {
    if (!characters_.empty()) {
      Normalizer map;
      map.kind = Normalizer::Kind::kPrecompiled;
      map.text = characters_;
      spec_.normalizers.push_back(std::move(map));
    }
    Normalizer spaces;
    spaces.kind = Normalizer::Kind::kSentencePiece;
    spaces.left = add_dummy_prefix_;
    spaces.right = remove_extra_;
    spec_.normalizers.push_back(spaces);
    using Kind = DecoderStep::Kind;
    spec_.decoders.push_back({.kind = Kind::kReplace, .pattern = kSpace, .text = " "});
    if (spec_.byte_fallback) spec_.decoders.push_back({.kind = Kind::kByteFallback});
    spec_.decoders.push_back({.kind = Kind::kFuse});
    if (add_dummy_prefix_ || remove_extra_) {
      spec_.decoders.push_back({.kind = Kind::kStrip, .pattern = " ", .start = 1});
    }
  }

  void finish_merges() {
    std::vector<double> scores;
    std::unordered_set<std::string_view> characters;
    for (size_t id = 0; id < spec_.tokens.size(); ++id) {
      const Token& token = spec_.tokens[id];
      if (token.kind != TokenKind::kNormal) continue;
      if (decode_utf8(token.text, 0).bytes == token.text.size()) characters.insert(token.text);
      if (!user_defined_[id]) scores.push_back(-token.score);
    }
    std::sort(scores.begin(), scores.end());
    std::vector<uint32_t> ranks(spec_.tokens.size(), kNoRank);
    for (size_t id = 0; id < spec_.tokens.size(); ++id) {
      const Token& token = spec_.tokens[id];
      if (token.kind != TokenKind::kNormal || user_defined_[id]) continue;
      check_characters(token.text, characters);
      ranks[id] = static_cast<uint32_t>(std::lower_bound(scores.begin(), scores.end(), -token.score) -
                                        scores.begin());
    }
    spec_.merges = merges_of_ranks(spec_, ranks);
  }

  // SentencePiece joins characters that are no pieces, too; merges of tokens cannot say it.
  void check_characters(const std::string& text,
                        const std::unordered_set<std::string_view>& characters) const {
    for (size_t at = 0; at < text.size();) {
      const size_t bytes = decode_utf8(text, at).bytes;
      const std::string_view character = std::string_view(text).substr(at, bytes);
      if (!characters.count(character)) {
        refuse(
            fmt::format("piece \"{}\" has the character \"{}\", which is no piece itself", text, character));
      }
      at += bytes;
    }
  }

  const std::string& where_;
  Spec spec_;
  std::vector<bool> user_defined_;  // by id
  bool has_unused_ = false;
  ModelType model_type_ = ModelType::kUnigram;
  std::string begin_piece_ = "<s>";
  std::string end_piece_ = "</s>";
  std::string characters_;
  bool add_dummy_prefix_ = true;
  bool remove_extra_ = true;
};

}  // namespace

Spec read_sentencepiece_model(std::string_view bytes, const std::string& where) {
  return ModelFile(where).read(bytes);
}

}  // namespace aurora::tokenizer
