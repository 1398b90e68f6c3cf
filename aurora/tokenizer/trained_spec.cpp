#include "aurora/tokenizer/trained_spec.h"

#include <algorithm>
#include <unordered_map>

#include "aurora/base/error.h"
#include "aurora/pretokenize/scheme.h"

namespace aurora::tokenizer {
namespace {

AddedToken special_token(int32_t id, const std::string& text) {
  AddedToken token;
  token.id = id;
  token.text = text;
  return token;
}

Spec empty_own_spec(std::string_view scheme) {
  Spec spec;
  spec.pretokenizers = steps_of_scheme(scheme, "vocabulary");
  spec.decoders = {DecoderStep{}};
  return spec;
}

}  // namespace

std::vector<PretokenStep> steps_of_scheme(std::string_view name, const std::string& where) {
  const pretokenize::Scheme* scheme = pretokenize::find_scheme(name);
  if (!scheme) {
    std::string known;
    for (const pretokenize::Scheme& one : pretokenize::schemes()) known += std::string(" ") + one.name;
    throw UsageError("no scheme is called " + std::string(name), where, "use one of:" + known);
  }
  PretokenStep step;
  step.scheme = scheme->name;
  if (step.scheme == "digits") step = {.kind = PretokenStep::Kind::kDigits};
  if (scheme->steps.empty()) return {step};
  std::vector<PretokenStep> steps;
  for (const std::string_view part : scheme->steps) {
    for (PretokenStep& inner : steps_of_scheme(part, where)) steps.push_back(std::move(inner));
  }
  return steps;
}

Spec spec_of_trained_bpe(const std::vector<std::string>& tokens,
                         std::span<const std::pair<int32_t, int32_t>> merges,
                         const std::vector<std::string>& special_tokens, std::string_view scheme) {
  Spec spec = empty_own_spec(scheme);
  std::unordered_map<std::string_view, int32_t> ids;
  for (const std::string& text : tokens) {
    ids.emplace(text, static_cast<int32_t>(spec.tokens.size()));
    spec.tokens.push_back({text, 0, TokenKind::kNormal});
  }
  const auto known = [&](int32_t id) { return id >= 0 && static_cast<size_t>(id) < tokens.size(); };
  for (const auto& [left, right] : merges) {
    const uint32_t rank = static_cast<uint32_t>(spec.merges.size());
    const auto joined = known(left) && known(right) ? ids.find(tokens[left] + tokens[right]) : ids.end();
    spec.merges.push_back({left, right, joined == ids.end() ? -1 : joined->second, rank});
  }
  for (const std::string& text : special_tokens) {
    const int32_t id = static_cast<int32_t>(spec.tokens.size());
    spec.tokens.push_back({text, 0, TokenKind::kAdded});
    spec.added.push_back(special_token(id, text));
  }
  if (!special_tokens.empty()) spec.end_of_document = static_cast<int32_t>(tokens.size());
  return spec;
}

bool is_own_spec(const Spec& spec) {
  if (spec.added.empty() || spec.end_of_document != spec.added.front().id) return false;
  const size_t ordinary = spec.tokens.size() - std::min(spec.tokens.size(), spec.added.size());
  Spec own = empty_own_spec(kOwnScheme);
  for (size_t id = 0; id < ordinary; ++id)
    own.tokens.push_back({spec.tokens[id].text, 0, TokenKind::kNormal});
  for (size_t i = 0; i < spec.added.size(); ++i) {
    const int32_t id = static_cast<int32_t>(ordinary + i);
    own.tokens.push_back({spec.added[i].text, 0, TokenKind::kAdded});
    own.added.push_back(special_token(id, spec.added[i].text));
  }
  own.merges = spec.merges;
  for (size_t i = 0; i < own.merges.size(); ++i) own.merges[i].rank = static_cast<uint32_t>(i);
  // What says nothing about ids of text may be anything.
  own.end_of_document = spec.end_of_document;
  own.begin_of_document = spec.begin_of_document;
  own.chat_template = spec.chat_template;
  return own == spec;
}

}  // namespace aurora::tokenizer
