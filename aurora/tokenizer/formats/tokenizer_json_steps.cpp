// Reads normalizer, pre_tokenizer, decoder and post_processor of a tokenizer.json.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "aurora/base/utf8.h"
#include "aurora/pretokenize/scheme.h"
#include "aurora/tokenizer/formats/base64.h"
#include "aurora/tokenizer/formats/tokenizer_json_parts.h"

namespace aurora::tokenizer {
namespace {

constexpr int kMaxDepth = 16;  // of Sequences in Sequences

void add_steps(const JsonNode& node, const char* key, int depth, std::vector<JsonNode>& steps) {
  if (node.is_null()) return;
  if (depth > kMaxDepth) node.refuse("sequences inside sequences too deep");
  if (node.text("type") != "Sequence") return steps.push_back(node);
  for (const JsonNode& item : node.at(key).items()) add_steps(item, key, depth + 1, steps);
}

[[noreturn]] void refuse_type(const JsonNode& node, const char* what) {
  node.refuse(fmt::format("the {} {} is not known here", what, node.text("type")));
}

// {"String": ...} or {"Regex": ...}
std::string pattern_of(const JsonNode& node, bool& is_regex) {
  const JsonNode pattern = node.at("pattern");
  is_regex = !pattern.lacks("Regex");
  return pattern.text(is_regex ? "Regex" : "String");
}

Normalizer normalizer_of(const JsonNode& node) {
  using Kind = Normalizer::Kind;
  constexpr std::array<std::pair<const char*, Kind>, 5> kPlain = {{{"NFC", Kind::kNfc},
                                                                   {"NFD", Kind::kNfd},
                                                                   {"NFKC", Kind::kNfkc},
                                                                   {"NFKD", Kind::kNfkd},
                                                                   {"Lowercase", Kind::kLowercase}}};
  Normalizer step;
  const std::string type = node.text("type");
  for (const auto& [name, kind] : kPlain) {
    if (type != name) continue;
    step.kind = kind;
    return step;
  }
  if (type == "Prepend") {
    step.kind = Kind::kPrepend;
    step.text = node.text("prepend");
  } else if (type == "Replace") {
    step.kind = Kind::kReplace;
    step.pattern = pattern_of(node, step.pattern_is_regex);
    step.text = node.text("content");
    if (step.pattern.empty()) node.refuse("the pattern is empty");
  } else if (type == "Strip") {
    step.kind = Kind::kStrip;
    step.left = node.at("strip_left").flag();
    step.right = node.at("strip_right").flag();
  } else if (type == "Precompiled") {
    step.kind = Kind::kPrecompiled;
    if (!read_base64(node.text("precompiled_charsmap"), step.text)) {
      node.refuse("\"precompiled_charsmap\" is no Base64");
    }
  } else {
    refuse_type(node, "normalizer");
  }
  return step;
}

// Their patterns match every character, so that nothing is left between the matches.
bool covers_all(const pretokenize::Scheme& scheme) {
  constexpr std::array<std::string_view, 7> kNames = {"gpt2",  "cl100k",  "o200k", "llama3",
                                                      "qwen2", "qwen3.5", "tekken"};
  return std::find(kNames.begin(), kNames.end(), scheme.name) != kNames.end();
}

PretokenStep scheme_step(std::string_view name) {
  PretokenStep step;
  step.scheme = name;
  return step;
}

// A split at spaces when the normalizers left none (Gemma) does nothing.
bool splits_nothing(const std::string& pattern, const Spec& spec) {
  bool replaced = false;
  for (const Normalizer& step : spec.normalizers) {
    if (step.text.find(pattern) != std::string::npos) replaced = false;
    const bool plain = step.kind == Normalizer::Kind::kReplace && !step.pattern_is_regex;
    if (plain && step.pattern == pattern && step.text.find(pattern) == std::string::npos) replaced = true;
    const bool composes = step.kind != Normalizer::Kind::kReplace &&
                          step.kind != Normalizer::Kind::kPrepend && step.kind != Normalizer::Kind::kStrip;
    if (composes) replaced = false;  // NFKC makes spaces of others
  }
  return replaced;
}

void add_split(const JsonNode& node, Spec& spec) {
  bool is_regex = false;
  const std::string pattern = pattern_of(node, is_regex);
  if (!is_regex) {
    if (pattern == " " && splits_nothing(pattern, spec)) return;
    node.refuse(fmt::format("a Split at the text \"{}\" is not known here", pattern));
  }
  const pretokenize::Scheme* scheme = pretokenize::scheme_of_regex(pattern);
  if (!scheme) node.refuse("no scheme of this program has the pattern " + pattern);
  const std::string behavior = node.text("behavior");
  const bool invert = node.flag_or("invert", false);
  const bool isolated = behavior == "Isolated" && !invert;
  const bool only_matches = behavior == "Removed" && invert && covers_all(*scheme);
  if (!isolated && !only_matches) {
    node.refuse(
        fmt::format("a Split with behavior {}{} is not known here", behavior, invert ? " and invert" : ""));
  }
  spec.pretokenizers.push_back(scheme_step(scheme->name));
}

void add_byte_level(const JsonNode& node, Spec& spec) {
  spec.byte_level = true;
  const bool prefix = node.at("add_prefix_space").flag();
  if (!node.flag_or("use_regex", true)) {
    if (prefix) node.refuse("add_prefix_space without use_regex is not known here");
    return;
  }
  PretokenStep step = scheme_step("gpt2");
  if (prefix) step.prepend = PretokenStep::Prepend::kAlways;
  spec.pretokenizers.push_back(step);
}

std::string replacement_of(const JsonNode& node) {
  const std::string text = node.text("replacement");
  if (text.empty() || decode_utf8(text, 0).bytes != text.size()) {
    node.at("replacement").refuse("not one character");
  }
  return text;
}

PretokenStep::Prepend prepend_scheme_of(const JsonNode& node) {
  using Prepend = PretokenStep::Prepend;
  const bool legacy = node.flag_or("add_prefix_space", true);
  const std::string scheme = node.text_or("prepend_scheme", legacy ? "always" : "never");
  if (!legacy && scheme != "never") node.refuse("add_prefix_space contradicts prepend_scheme");
  if (scheme == "always") return Prepend::kAlways;
  if (scheme == "first") return Prepend::kFirst;
  if (scheme == "never") return Prepend::kNever;
  node.at("prepend_scheme").refuse(fmt::format("\"{}\" is not known here", scheme));
}

PretokenStep metaspace_of(const JsonNode& node) {
  PretokenStep step;
  step.kind = PretokenStep::Kind::kMetaspace;
  step.text = replacement_of(node);
  step.prepend = prepend_scheme_of(node);
  step.split = node.flag_or("split", true);
  return step;
}

DecoderStep decoder_of(const JsonNode& node) {
  using Kind = DecoderStep::Kind;
  DecoderStep step;
  const std::string type = node.text("type");
  if (type == "ByteLevel") {
    step.kind = Kind::kByteLevel;
  } else if (type == "ByteFallback") {
    step.kind = Kind::kByteFallback;
  } else if (type == "Fuse") {
    step.kind = Kind::kFuse;
  } else if (type == "Replace") {
    step.kind = Kind::kReplace;
    bool is_regex = false;
    step.pattern = pattern_of(node, is_regex);
    step.text = node.text("content");
    if (is_regex || step.pattern.empty()) node.refuse("a decoder that replaces a regex is not known here");
  } else if (type == "Strip") {
    step.kind = Kind::kStrip;
    step.pattern = node.text("content");
    step.start = static_cast<int32_t>(node.at("start").number(0, 1 << 20));
    step.stop = static_cast<int32_t>(node.at("stop").number(0, 1 << 20));
    if (step.pattern.empty() || decode_utf8(step.pattern, 0).bytes != step.pattern.size()) {
      node.at("content").refuse("not one character");
    }
  } else if (type == "Metaspace") {
    step.kind = Kind::kMetaspace;
    step.pattern = replacement_of(node);
    step.prefix = prepend_scheme_of(node) != PretokenStep::Prepend::kNever;
  } else {
    refuse_type(node, "decoder");
  }
  return step;
}

std::vector<TemplatePiece> template_of(const JsonNode& node, const JsonNode& special_tokens,
                                       const Spec& spec) {
  std::vector<TemplatePiece> pieces;
  const auto type_id = [](const JsonNode& piece) {
    return static_cast<int32_t>(piece.at("type_id").number(0, INT32_MAX));
  };
  for (const JsonNode& item : node.items()) {
    TemplatePiece piece;
    if (!item.lacks("Sequence")) {
      const JsonNode sequence = item.at("Sequence");
      const std::string id = sequence.text("id");
      if (id != "A" && id != "B") sequence.refuse("not the sequence A or B");
      piece.kind = id == "A" ? TemplatePiece::Kind::kFirst : TemplatePiece::Kind::kSecond;
      piece.type_id = type_id(sequence);
      pieces.push_back(piece);
      continue;
    }
    const JsonNode token = item.at("SpecialToken");
    piece.type_id = type_id(token);
    const std::string name = token.text("id");
    const int64_t last = static_cast<int64_t>(spec.tokens.size()) - 1;
    for (const JsonNode& id : special_tokens.at(name.c_str()).at("ids").items()) {
      piece.id = static_cast<int32_t>(id.number(0, last));
      pieces.push_back(piece);
    }
  }
  return pieces;
}

}  // namespace

std::vector<JsonNode> json_steps(const JsonNode& node, const char* key) {
  std::vector<JsonNode> steps;
  add_steps(node, key, 0, steps);
  return steps;
}

void read_json_normalizer(const JsonNode& node, Spec& spec) {
  for (const JsonNode& step : json_steps(node, "normalizers")) {
    spec.normalizers.push_back(normalizer_of(step));
  }
}

void read_json_pre_tokenizer(const JsonNode& node, Spec& spec) {
  spec.byte_level = false;
  for (const JsonNode& step : json_steps(node, "pretokenizers")) {
    const std::string type = step.text("type");
    // The alphabet stands for bytes only behind it; Metaspace and cuts of characters would see it.
    if (spec.byte_level) step.refuse("a pre-tokenizer behind ByteLevel is not known here");
    if (type == "Split") {
      add_split(step, spec);
    } else if (type == "ByteLevel") {
      add_byte_level(step, spec);
    } else if (type == "Digits") {
      if (!step.flag_or("individual_digits", false)) step.refuse("digits in groups are not known here");
      PretokenStep digits;
      digits.kind = PretokenStep::Kind::kDigits;
      spec.pretokenizers.push_back(digits);
    } else if (type == "Metaspace") {
      spec.pretokenizers.push_back(metaspace_of(step));
    } else {
      refuse_type(step, "pre-tokenizer");
    }
  }
}

void read_json_decoder(const JsonNode& node, Spec& spec) {
  for (const JsonNode& step : json_steps(node, "decoders")) {
    spec.decoders.push_back(decoder_of(step));
    if (spec.byte_level != (spec.decoders.back().kind == DecoderStep::Kind::kByteLevel)) {
      step.refuse("this decoder does not fit the pre-tokenizer");
    }
  }
}

void read_json_post_processor(const JsonNode& node, Spec& spec) {
  for (const JsonNode& step : json_steps(node, "processors")) {
    const std::string type = step.text("type");
    if (type == "ByteLevel") continue;  // concerns offsets
    if (type != "TemplateProcessing") refuse_type(step, "post-processor");
    if (!spec.single.empty()) step.refuse("a second TemplateProcessing is not known here");
    const JsonNode special_tokens = step.at("special_tokens");
    spec.single = template_of(step.at("single"), special_tokens, spec);
    spec.pair = template_of(step.at("pair"), special_tokens, spec);
    if (spec.single.empty()) step.refuse("the template of one text is empty");
  }
}

}  // namespace aurora::tokenizer
