#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

#include "aurora/tokenizer/formats/byte_alphabet.h"
#include "aurora/tokenizer/formats/gguf_keys.h"
#include "aurora/tokenizer/formats/gguf_tokenizer.h"
#include "aurora/tokenizer/formats/protobuf.h"
#include "aurora/tokenizer/formats/sentencepiece_model.h"
#include "aurora/tokenizer/formats/sentencepiece_proto.h"
#include "aurora/tokenizer/formats/tokenizer_json.h"
#include "aurora/tokenizer/spec_check.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {
namespace {

using format::GgufMetadata;

class GgufTokenizer {
 public:
  explicit GgufTokenizer(const GgufMetadata& metadata) : metadata_(metadata) {}

  Spec read() {
    if (const std::string* json = metadata_.text(gguf::kHuggingFace)) {
      spec_ = read_tokenizer_json(*json, metadata_.where() + ", key " + gguf::kHuggingFace);
      finish(!spec_.single.empty());
      return std::move(spec_);
    }
    const std::string& model = metadata_.required_text(gguf::kModel);
    if (model != "gpt2" && model != "llama")
      metadata_.refuse(gguf::kModel,
                       fmt::format("tokenizers of kind '{}' are not supported; gpt2 and llama are", model));
    read_tokens();
    if (model == "gpt2")
      read_byte_level();
    else
      read_sentencepiece();
    return std::move(spec_);
  }

 private:
  void read_tokens() {
    texts_ = metadata_.texts(gguf::kTokens);
    if (!texts_) metadata_.refuse(gguf::kTokens, "the key is missing");
    if (texts_->size() > kMaxVocabulary) metadata_.refuse(gguf::kTokens, "too many tokens");
    types_ = metadata_.integers(gguf::kTypes).value_or(std::vector<int64_t>(texts_->size(), gguf::kNormal));
    if (types_.size() != texts_->size())
      metadata_.refuse(gguf::kTypes, fmt::format("{} types of {} tokens", types_.size(), texts_->size()));
    for (const int64_t type : types_)
      if (type < gguf::kNormal || type > gguf::kByte)
        metadata_.refuse(gguf::kTypes, fmt::format("type {} of a token is unknown", type));
  }

  int32_t id(const char* key) const {
    const std::optional<int64_t> found = metadata_.integer(key);
    const auto tokens = static_cast<int64_t>(spec_.tokens.size());
    if (!found || *found == -1 || *found == 0xffffffff) return -1;
    if (*found < 0 || *found >= tokens)
      metadata_.refuse(key, fmt::format("{} is no token; there are {}", *found, tokens));
    return static_cast<int32_t>(*found);
  }

  // What stands around a text and the chat template. Unused tokens at the end fill up the embedding table.
  void finish(bool has_template) {
    while (!spec_.tokens.empty() && spec_.tokens.back().kind == TokenKind::kHole) spec_.tokens.pop_back();
    spec_.begin_of_document = id(gguf::kBegin);
    spec_.end_of_document = id(gguf::kEnd);
    if (const std::string* source = metadata_.text(gguf::kTemplate)) spec_.chat_template = *source;
    if (has_template) return;
    const bool begin = metadata_.flag(gguf::kAddBegin).value_or(adds_begin_) && spec_.begin_of_document >= 0;
    const bool end = metadata_.flag(gguf::kAddEnd).value_or(false) && spec_.end_of_document >= 0;
    if (!begin && !end) return;
    using Kind = TemplatePiece::Kind;
    const auto add = [&](std::vector<TemplatePiece>& pieces, Kind text, int32_t type_id) {
      if (begin) pieces.push_back({Kind::kToken, spec_.begin_of_document, type_id});
      pieces.push_back({text, 0, type_id});
      if (end) pieces.push_back({Kind::kToken, spec_.end_of_document, type_id});
    };
    add(spec_.single, Kind::kFirst, 0);
    spec_.pair = spec_.single;
    add(spec_.pair, Kind::kSecond, 1);
  }

  // --- "gpt2" --------------------------------------------------------------------------------------------

  void read_byte_level() {
    const std::string* name = metadata_.text(gguf::kPre);
    const gguf::Pre* pre = std::find_if(std::begin(gguf::kPres), std::end(gguf::kPres),
                                        [name](const gguf::Pre& one) { return name && *name == one.name; });
    if (pre == std::end(gguf::kPres))
      metadata_.refuse(gguf::kPre, name ? fmt::format("words cut as '{}' does are not supported", *name)
                                        : "the file does not say how words are cut");
    spec_.pretokenizers = steps_of_scheme(pre->scheme, metadata_.where());
    spec_.whole_words = pre->whole_words;
    adds_begin_ = pre->adds_begin;
    if (pre->nfc) spec_.normalizers = {Normalizer{}};
    spec_.decoders = {DecoderStep{}};
    for (size_t i = 0; i < texts_->size(); ++i)
      if (types_[i] != gguf::kUnused) ids_.emplace((*texts_)[i], static_cast<int32_t>(i));
    read_merges();
    for (size_t i = 0; i < texts_->size(); ++i) add_byte_level_token(i);
    finish(false);
  }

  int32_t id_of(const std::string& text) const {
    const auto found = ids_.find(text);
    return found == ids_.end() ? -1 : found->second;
  }

  void read_merges() {
    const std::vector<std::string>* merges = metadata_.texts(gguf::kMerges);
    if (!merges) metadata_.refuse(gguf::kMerges, "the key is missing");
    merged_.resize(texts_->size());
    for (const std::string& merge : *merges) {
      const auto rank = static_cast<uint32_t>(spec_.merges.size());
      const size_t space = merge.find(' ', 1);
      const std::string left = merge.substr(0, space);
      const std::string right = space == std::string::npos ? "" : merge.substr(space + 1);
      const MergeRule rule = {id_of(left), id_of(right), id_of(left + right), rank};
      if (rule.left < 0 || rule.right < 0 || rule.result < 0)
        metadata_.refuse(gguf::kMerges, fmt::format("merge {} joins no two tokens to a third", rank));
      for (const int32_t id : {rule.left, rule.right, rule.result}) merged_[static_cast<size_t>(id)] = true;
      spec_.merges.push_back(rule);
    }
  }

  void add_byte_level_token(size_t i) {
    const std::string& text = (*texts_)[i];
    const auto id = static_cast<int32_t>(i);
    const bool control = types_[i] == gguf::kControl;
    std::string bytes;
    const bool readable = read_byte_alphabet(text, bytes);
    if (types_[i] == gguf::kUnused) {
      spec_.tokens.push_back({"", 0, TokenKind::kHole});
      return;
    }
    if (control || types_[i] == gguf::kUserDefined) {
      AddedToken added;
      added.id = id;
      added.text = text;
      added.special = control;
      spec_.added.push_back(std::move(added));
      // As a tokenizer.json: one that merges, or stands for a byte, is a token of the model as well.
      if (!merged_[i] && !(readable && bytes.size() == 1)) {
        spec_.tokens.push_back({text, 0, TokenKind::kAdded});
        return;
      }
    }
    if (!readable)
      metadata_.refuse(gguf::kTokens, fmt::format("token {} \"{}\" is not in the byte alphabet", id, text));
    spec_.tokens.push_back({bytes, 0, TokenKind::kNormal});
  }

  // --- "llama" -------------------------------------------------------------------------------------------

  // As the .model that the file was made of.
  void read_sentencepiece() {
    namespace proto = sentencepiece;
    const std::vector<float>* scores = metadata_.reals(gguf::kScores);
    if (!scores || scores->size() != texts_->size())
      metadata_.refuse(gguf::kScores, "there must be one for each token");
    adds_begin_ = true;
    ProtobufWriter model;
    bool bytes = false;
    for (size_t i = 0; i < texts_->size(); ++i) {
      // Unused tokens fill up to the size of the embedding table; they become holes below.
      const int64_t type = types_[i] == gguf::kUnused ? int64_t{gguf::kControl} : types_[i];
      ProtobufWriter piece;
      piece.bytes(proto::piece::kText, (*texts_)[i]);
      piece.real(proto::piece::kScore, (*scores)[i]);
      piece.number(proto::piece::kType, static_cast<uint64_t>(type));
      model.bytes(proto::model::kPiece, piece.message());
      bytes = bytes || type == gguf::kByte;
    }
    ProtobufWriter trainer, normalizer;
    trainer.number(proto::trainer::kModelType, static_cast<uint64_t>(proto::ModelType::kBpe));
    trainer.number(proto::trainer::kByteFallback, bytes);
    normalizer.bytes(proto::normalizer::kCharacters, characters());
    normalizer.number(proto::normalizer::kAddDummyPrefix, metadata_.flag(gguf::kAddPrefix).value_or(true));
    normalizer.number(proto::normalizer::kRemoveExtra, metadata_.flag(gguf::kRemoveExtra).value_or(false));
    model.bytes(proto::model::kTrainer, trainer.message());
    model.bytes(proto::model::kNormalizer, normalizer.message());
    spec_ = read_sentencepiece_model(model.message(), metadata_.where() + ", tokenizer.ggml");
    for (size_t i = 0; i < types_.size(); ++i)
      if (types_[i] == gguf::kUnused) spec_.tokens[i] = {"", 0, TokenKind::kHole};
    std::erase_if(spec_.added, [this](const AddedToken& added) {
      return types_[static_cast<size_t>(added.id)] == gguf::kUnused;
    });
    finish(false);
  }

  std::string characters() const {
    std::string map;
    for (const int64_t byte : metadata_.integers(gguf::kCharacters).value_or(std::vector<int64_t>{}))
      map += static_cast<char>(byte);
    return map;
  }

  const GgufMetadata& metadata_;
  Spec spec_;
  const std::vector<std::string>* texts_ = nullptr;
  std::vector<int64_t> types_;
  std::unordered_map<std::string, int32_t> ids_;
  std::vector<bool> merged_;  // by id: a merge takes or makes it
  bool adds_begin_ = false;
};

}  // namespace

Spec read_gguf_tokenizer(const GgufMetadata& metadata) {
  return GgufTokenizer(metadata).read();
}

std::vector<int64_t> gguf_end_tokens(const GgufMetadata& metadata, const Spec& spec) {
  constexpr std::array<std::string_view, 7> kNames = {
      "<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|eom_id|>", "<|endoftext|>", "<EOT>"};
  std::vector<int64_t> ids;
  for (const char* key : {gguf::kEnd, gguf::kEndOfTurn, gguf::kEndOfMessage})
    if (const auto id = metadata.integer(key)) ids.push_back(*id);
  for (const AddedToken& token : spec.added)
    if (token.special && std::find(kNames.begin(), kNames.end(), token.text) != kNames.end())
      ids.push_back(token.id);
  return ids;
}

}  // namespace aurora::tokenizer
