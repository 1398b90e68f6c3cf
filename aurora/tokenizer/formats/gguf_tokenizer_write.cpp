#include <algorithm>
#include <string>

#include "aurora/base/error.h"
#include "aurora/tokenizer/formats/byte_alphabet.h"
#include "aurora/tokenizer/formats/gguf_keys.h"
#include "aurora/tokenizer/formats/gguf_tokenizer.h"
#include "aurora/tokenizer/formats/sentencepiece_hugging_face.h"
#include "aurora/tokenizer/formats/tokenizer_json.h"
#include "aurora/tokenizer/spec_fingerprint.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {
namespace {

using format::GgufArray;
using format::GgufMetadata;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(what, "tokenizer", "keep the model as safetensors: --to safetensors");
}

const gguf::Pre& pre_of(const Spec& spec) {
  const auto says = [&spec](const gguf::Pre& pre) {
    return pre.whole_words == spec.whole_words &&
           steps_of_scheme(pre.scheme, "tokenizer") == spec.pretokenizers;
  };
  // One that normalizes alike, if there is one.
  const bool nfc = !spec.normalizers.empty();
  const gguf::Pre* found = std::find_if(std::begin(gguf::kPres), std::end(gguf::kPres),
                                        [&](const gguf::Pre& pre) { return says(pre) && pre.nfc == nfc; });
  if (found == std::end(gguf::kPres))
    found = std::find_if(std::begin(gguf::kPres), std::end(gguf::kPres), says);
  if (found == std::end(gguf::kPres))
    refuse("GGUF has no name for the way in which this tokenizer cuts words");
  return *found;
}

int64_t type_of(const Token& token, const AddedToken* added) {
  if (token.kind == TokenKind::kHole || token.kind == TokenKind::kUnused) return gguf::kUnused;
  if (token.kind == TokenKind::kUnknown) return gguf::kUnknownToken;
  if (token.kind == TokenKind::kByte) return gguf::kByte;
  if (added) return added->special ? gguf::kControl : gguf::kUserDefined;
  return token.kind == TokenKind::kControl ? gguf::kControl : gguf::kNormal;
}

std::string text_of(const Spec& spec, const Token& token, const AddedToken* added, size_t id) {
  if (token.kind == TokenKind::kHole) return "[PAD" + std::to_string(id) + "]";
  if (added) return added->text;
  return spec.byte_level ? write_byte_alphabet(token.text) : token.text;
}

// Scores of SentencePiece; of merges those that order alike.
std::vector<float> scores_of(const Spec& spec) {
  std::vector<float> scores;
  for (const Token& token : spec.tokens) scores.push_back(static_cast<float>(token.score));
  if (is_sentencepiece(spec)) return scores;
  std::fill(scores.begin(), scores.end(), -static_cast<float>(spec.merges.size()));
  for (auto merge = spec.merges.rbegin(); merge != spec.merges.rend(); ++merge)
    scores[static_cast<size_t>(merge->result)] = -static_cast<float>(merge->rank);
  return scores;
}

void write_byte_level(const Spec& spec, GgufMetadata& metadata) {
  metadata.set(gguf::kModel, std::string("gpt2"));
  metadata.set(gguf::kPre, std::string(pre_of(spec).name));
  std::vector<std::string> merges;
  for (const MergeRule& merge : spec.merges)
    merges.push_back(write_byte_alphabet(spec.tokens[static_cast<size_t>(merge.left)].text) + " " +
                     write_byte_alphabet(spec.tokens[static_cast<size_t>(merge.right)].text));
  metadata.set(gguf::kMerges, GgufArray{std::move(merges)});
}

void write_sentencepiece(const Spec& spec, size_t vocabulary, GgufMetadata& metadata) {
  metadata.set(gguf::kModel, std::string("llama"));
  metadata.set(gguf::kPre, std::string("default"));
  std::vector<float> scores = scores_of(spec);
  scores.resize(vocabulary, -1000.0f);
  metadata.set(gguf::kScores, GgufArray{std::move(scores)});
  bool prefix = false, remove_extra = false;
  for (const Normalizer& step : spec.normalizers) {
    if (step.kind == Normalizer::Kind::kSentencePiece) prefix = step.left, remove_extra = step.right;
    if (step.kind == Normalizer::Kind::kPrepend) prefix = true;
    if (step.kind != Normalizer::Kind::kPrecompiled) continue;
    metadata.set(gguf::kCharacters, GgufArray{std::vector<uint8_t>(step.text.begin(), step.text.end())});
  }
  for (const PretokenStep& step : spec.pretokenizers)
    if (step.kind == PretokenStep::Kind::kMetaspace) prefix = step.prepend != PretokenStep::Prepend::kNever;
  metadata.set(gguf::kAddPrefix, prefix);
  metadata.set(gguf::kRemoveExtra, remove_extra);
}

// The same ids for every text, the same tokens around it.
bool reads_back(const GgufMetadata& metadata, const Spec& spec) {
  try {
    const Spec again = read_gguf_tokenizer(metadata);
    return fingerprint_of(again) == fingerprint_of(spec) && again.single == spec.single &&
           again.pair == spec.pair && again.decoders == spec.decoders;
  } catch (const Error&) {  // pieces that SentencePiece itself would not make
    return false;
  }
}

}  // namespace

void write_gguf_tokenizer(const Spec& spec, int64_t vocabulary, GgufMetadata& metadata) {
  if (spec.model != ModelKind::kBpe)
    refuse("GGUF files of this program hold BPE tokenizers, not unigram ones");
  if (spec.byte_level)
    write_byte_level(spec, metadata);
  else
    write_sentencepiece(spec, static_cast<size_t>(vocabulary), metadata);

  std::vector<const AddedToken*> added(static_cast<size_t>(vocabulary));
  for (const AddedToken& token : spec.added) added[static_cast<size_t>(token.id)] = &token;
  std::vector<std::string> texts;
  std::vector<int32_t> types;
  for (size_t id = 0; id < static_cast<size_t>(vocabulary); ++id) {
    static const Token kHole = {"", 0, TokenKind::kHole};
    const Token& token = id < spec.tokens.size() ? spec.tokens[id] : kHole;
    texts.push_back(text_of(spec, token, added[id], id));
    types.push_back(static_cast<int32_t>(type_of(token, added[id])));
  }
  metadata.set(gguf::kTokens, GgufArray{std::move(texts)});
  metadata.set(gguf::kTypes, GgufArray{std::move(types)});

  const auto name = [&](const char* key, int32_t id) {
    if (id >= 0) metadata.set(key, static_cast<uint32_t>(id));
  };
  name(gguf::kBegin, spec.begin_of_document);
  name(gguf::kEnd, spec.end_of_document);
  name(gguf::kUnknown, spec.unknown);
  const auto around = [&](int32_t id, bool first) {
    if (spec.single.empty()) return false;
    const TemplatePiece& piece = first ? spec.single.front() : spec.single.back();
    return piece.kind == TemplatePiece::Kind::kToken && piece.id == id;
  };
  metadata.set(gguf::kAddBegin, around(spec.begin_of_document, true));
  metadata.set(gguf::kAddEnd, around(spec.end_of_document, false));
  if (!spec.chat_template.empty()) metadata.set(gguf::kTemplate, spec.chat_template);

  if (!reads_back(metadata, spec)) metadata.set(gguf::kHuggingFace, write_tokenizer_json(spec));
}

void write_gguf_end_tokens(const std::vector<int64_t>& end_tokens, GgufMetadata& metadata) {
  if (end_tokens.size() > 1) metadata.set(gguf::kEndOfTurn, static_cast<uint32_t>(end_tokens[1]));
  if (end_tokens.size() > 2) metadata.set(gguf::kEndOfMessage, static_cast<uint32_t>(end_tokens[2]));
}

}  // namespace aurora::tokenizer
