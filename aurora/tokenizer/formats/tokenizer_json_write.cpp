#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/pretokenize/scheme.h"
#include "aurora/tokenizer/bpe/effective_merges.h"
#include "aurora/tokenizer/formats/base64.h"
#include "aurora/tokenizer/formats/byte_alphabet.h"
#include "aurora/tokenizer/formats/sentencepiece_hugging_face.h"
#include "aurora/tokenizer/formats/tokenizer_json.h"

namespace aurora::tokenizer {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(const std::string& what) {
  throw Error("tokenizer.json cannot say it: " + what, "tokenizer", "write another format");
}

Json byte_level_json(bool prefix) {
  return {
      {"type", "ByteLevel"}, {"add_prefix_space", prefix}, {"trim_offsets", false}, {"use_regex", prefix}};
}

// Itself when it is one, null when there is none.
Json sequence(const char* key, std::vector<Json> steps) {
  if (steps.empty()) return nullptr;
  if (steps.size() == 1) return steps[0];
  return {{"type", "Sequence"}, {key, std::move(steps)}};
}

Json pattern_json(bool regex, const std::string& pattern) {
  return {{regex ? "Regex" : "String", pattern}};
}

Json normalizer_json(const Normalizer& step) {
  using Kind = Normalizer::Kind;
  switch (step.kind) {
    case Kind::kNfc:
      return {{"type", "NFC"}};
    case Kind::kNfd:
      return {{"type", "NFD"}};
    case Kind::kNfkc:
      return {{"type", "NFKC"}};
    case Kind::kNfkd:
      return {{"type", "NFKD"}};
    case Kind::kLowercase:
      return {{"type", "Lowercase"}};
    case Kind::kPrepend:
      return {{"type", "Prepend"}, {"prepend", step.text}};
    case Kind::kReplace:
      return {{"type", "Replace"},
              {"pattern", pattern_json(step.pattern_is_regex, step.pattern)},
              {"content", step.text}};
    case Kind::kStrip:
      return {{"type", "Strip"}, {"strip_left", step.left}, {"strip_right", step.right}};
    case Kind::kPrecompiled:
      return {{"type", "Precompiled"}, {"precompiled_charsmap", write_base64(step.text)}};
    case Kind::kSentencePiece:
      break;
  }
  refuse("SentencePiece's own normalizer");
}

const char* prepend_name(PretokenStep::Prepend prepend) {
  if (prepend == PretokenStep::Prepend::kAlways) return "always";
  return prepend == PretokenStep::Prepend::kFirst ? "first" : "never";
}

Json metaspace_json(const std::string& replacement, const char* prepend, bool split) {
  return {{"type", "Metaspace"}, {"replacement", replacement}, {"prepend_scheme", prepend}, {"split", split}};
}

void add_scheme(std::string_view name, std::vector<Json>& steps) {
  const pretokenize::Scheme* scheme = pretokenize::find_scheme(name);
  if (!scheme) refuse(fmt::format("the scheme {}, which this program does not know", name));
  if (scheme->name == std::string_view("digits")) {
    steps.push_back({{"type", "Digits"}, {"individual_digits", true}});
    return;
  }
  for (const std::string_view step : scheme->steps) add_scheme(step, steps);
  if (!scheme->steps.empty()) return;
  if (scheme->regexes.empty()) refuse(fmt::format("the scheme {} has no pattern", name));
  steps.push_back({{"type", "Split"},
                   {"pattern", pattern_json(true, std::string(scheme->regexes.front()))},
                   {"behavior", "Isolated"},
                   {"invert", false}});
}

Json pre_tokenizer_json(const Spec& spec) {
  const bool byte_level = spec.model == ModelKind::kBpe && spec.byte_level;
  std::vector<Json> steps;
  for (size_t i = 0; i < spec.pretokenizers.size(); ++i) {
    const PretokenStep& step = spec.pretokenizers[i];
    if (step.kind == PretokenStep::Kind::kDigits) {
      add_scheme("digits", steps);
    } else if (step.kind == PretokenStep::Kind::kMetaspace) {
      steps.push_back(metaspace_json(step.text, prepend_name(step.prepend), step.split));
    } else if (step.prepend == PretokenStep::Prepend::kNever) {
      add_scheme(step.scheme, steps);
    } else {
      const bool last = byte_level && i + 1 == spec.pretokenizers.size() && step.scheme == "gpt2";
      if (!last || step.prepend != PretokenStep::Prepend::kAlways) refuse("a space before words of a scheme");
      steps.push_back(byte_level_json(true));
      return sequence("pretokenizers", std::move(steps));
    }
  }
  if (byte_level) steps.push_back(byte_level_json(false));
  return sequence("pretokenizers", std::move(steps));
}

Json decoder_json(const DecoderStep& step) {
  using Kind = DecoderStep::Kind;
  switch (step.kind) {
    case Kind::kByteLevel:
      return byte_level_json(false);
    case Kind::kByteFallback:
      return {{"type", "ByteFallback"}};
    case Kind::kFuse:
      return {{"type", "Fuse"}};
    case Kind::kReplace:
      return {{"type", "Replace"}, {"pattern", pattern_json(false, step.pattern)}, {"content", step.text}};
    case Kind::kStrip:
      return {{"type", "Strip"}, {"content", step.pattern}, {"start", step.start}, {"stop", step.stop}};
    case Kind::kMetaspace:
      return metaspace_json(step.pattern, step.prefix ? "always" : "never", true);
  }
  refuse("a decoder");
}

Json post_processor_json(const Spec& spec) {
  if (spec.single.empty()) return nullptr;
  Json special_tokens = Json::object();
  const auto pieces_json = [&](const std::vector<TemplatePiece>& pieces) {
    Json array = Json::array();
    for (const TemplatePiece& piece : pieces) {
      if (piece.kind != TemplatePiece::Kind::kToken) {
        const char* id = piece.kind == TemplatePiece::Kind::kFirst ? "A" : "B";
        array.push_back({{"Sequence", {{"id", id}, {"type_id", piece.type_id}}}});
        continue;
      }
      const std::string& text = spec.tokens[piece.id].text;
      array.push_back({{"SpecialToken", {{"id", text}, {"type_id", piece.type_id}}}});
      special_tokens[text] = {{"id", text}, {"ids", {piece.id}}, {"tokens", {text}}};
    }
    return array;
  };
  const Json single = pieces_json(spec.single);
  const Json pair = pieces_json(spec.pair);
  return {
      {"type", "TemplateProcessing"}, {"single", single}, {"pair", pair}, {"special_tokens", special_tokens}};
}

// Whether added tokens outside the model get their ids from `tokenizers`, which counts on from the size of
// the model.
bool follow_the_model(const Spec& spec) {
  int64_t next = std::count_if(spec.tokens.begin(), spec.tokens.end(), [](const Token& token) {
    return token.kind != TokenKind::kAdded && token.kind != TokenKind::kHole;
  });
  for (const AddedToken& token : spec.added) {
    if (spec.tokens[token.id].kind == TokenKind::kAdded && token.id != next) return false;
    next = std::max<int64_t>(next, token.id + 1);
  }
  return true;
}

std::vector<std::string> spelled_tokens(const Spec& spec) {
  const bool byte_level = spec.model == ModelKind::kBpe && spec.byte_level;
  std::vector<std::string> spelled;
  spelled.reserve(spec.tokens.size());
  for (const Token& token : spec.tokens) {
    const bool bytes = byte_level && token.kind == TokenKind::kNormal;
    spelled.push_back(bytes ? write_byte_alphabet(token.text) : token.text);
  }
  return spelled;
}

Json merges_json(const std::vector<MergeRule>& merges, const std::vector<std::string>& spelled) {
  bool spaces = false;
  for (const MergeRule& merge : merges) {
    spaces = spaces || spelled[merge.result].find(' ') != std::string::npos;
  }
  Json array = Json::array();
  for (const MergeRule& merge : merges) {
    if (spaces) {
      array.push_back({spelled[merge.left], spelled[merge.right]});
    } else {
      array.push_back(spelled[merge.left] + " " + spelled[merge.right]);
    }
  }
  return array;
}

Json bpe_json(const Spec& spec) {
  const std::vector<std::string> spelled = spelled_tokens(spec);
  const bool without_added = follow_the_model(spec);
  // Json looks a key up in linear time, so the vocabulary is built as the vector it is inside.
  Json::object_t vocab;
  for (size_t id = 0; id < spelled.size(); ++id) {
    const TokenKind kind = spec.tokens[id].kind;
    if (kind == TokenKind::kHole || (kind == TokenKind::kAdded && without_added)) continue;
    static_cast<Json::object_t::Container&>(vocab).emplace_back(spelled[id], id);
  }
  const Json unknown = spec.unknown < 0 ? Json(nullptr) : Json(spelled[spec.unknown]);
  Json json = {{"type", "BPE"},
               {"dropout", nullptr},
               {"unk_token", unknown},
               {"continuing_subword_prefix", nullptr},
               {"end_of_word_suffix", nullptr},
               {"fuse_unk", spec.fuse_unknown},
               {"byte_fallback", spec.byte_fallback},
               {"ignore_merges", spec.whole_words}};
  json["vocab"] = std::move(vocab);
  json["merges"] = merges_json(has_distinct_ranks(spec) ? spec.merges : effective_merges(spec), spelled);
  return json;
}

Json unigram_json(const Spec& spec) {
  size_t size = 0;  // behind the last piece of the model
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    const Token& token = spec.tokens[id];
    if (token.kind != TokenKind::kAdded || token.score != 0) size = id + 1;
  }
  Json vocab = Json::array();
  for (size_t id = 0; id < size; ++id) {
    if (spec.tokens[id].kind == TokenKind::kHole) refuse(fmt::format("no piece has id {}", id));
    vocab.push_back({spec.tokens[id].text, spec.tokens[id].score});
  }
  const Json unknown = spec.unknown < 0 ? Json(nullptr) : Json(spec.unknown);
  return {{"type", "Unigram"}, {"unk_id", unknown}, {"vocab", vocab}, {"byte_fallback", spec.byte_fallback}};
}

Json added_json(const Spec& spec) {
  Json array = Json::array();
  for (const AddedToken& token : spec.added) {
    array.push_back({{"id", token.id},
                     {"content", token.text},
                     {"single_word", token.single_word},
                     {"lstrip", token.strip_left},
                     {"rstrip", token.strip_right},
                     {"normalized", token.normalized},
                     {"special", token.special}});
  }
  return array;
}

}  // namespace

std::string write_tokenizer_json(const Spec& given) {
  const Spec spec = is_sentencepiece(given) ? hugging_face_spec(given) : given;
  std::vector<Json> normalizers;
  for (const Normalizer& step : spec.normalizers) normalizers.push_back(normalizer_json(step));
  std::vector<Json> decoders;
  for (const DecoderStep& step : spec.decoders) decoders.push_back(decoder_json(step));
  const Json json = {{"version", "1.0"},
                     {"truncation", nullptr},
                     {"padding", nullptr},
                     {"added_tokens", added_json(spec)},
                     {"normalizer", sequence("normalizers", std::move(normalizers))},
                     {"pre_tokenizer", pre_tokenizer_json(spec)},
                     {"post_processor", post_processor_json(spec)},
                     {"decoder", sequence("decoders", std::move(decoders))},
                     {"model", spec.model == ModelKind::kBpe ? bpe_json(spec) : unigram_json(spec)}};
  return json.dump(1) + "\n";
}

}  // namespace aurora::tokenizer
