#include "aurora/vocabulary/train_settings.h"

#include <fmt/format.h>

#include <set>

#include "aurora/base/error.h"

namespace aurora::vocabulary {
namespace {

std::string reserved_token(size_t number) {
  return fmt::format("<|reserved_{}|>", number);
}

void check_special_tokens(const std::vector<std::string>& tokens) {
  if (tokens.empty()) {
    throw UsageError("no special token, one must end documents", "tokenizer.special_tokens",
                     "name at least one, e.g. \"<|endoftext|>\"");
  }
  std::set<std::string> seen;
  for (const std::string& token : tokens) {
    if (!token.empty() && !token.starts_with("<|reserved_") && seen.insert(token).second) continue;
    throw UsageError("special token \"" + token + "\" is empty, stands twice or is named like a reserved one",
                     "tokenizer.special_tokens", "name each once; reserved_tokens makes <|reserved_0|> ...");
  }
}

}  // namespace

VocabularyPlan plan_vocabulary(const TrainSettings& settings, int32_t learned_least) {
  check_special_tokens(settings.special_tokens);
  if (settings.round_up_to < 1 || settings.round_up_to > 1 << 20 || settings.reserved_tokens < 0 ||
      settings.weight_unit < 1) {
    throw UsageError(
        fmt::format("vocabulary rounded up to {} with {} reserved tokens, weights in units of {}",
                    settings.round_up_to, settings.reserved_tokens, settings.weight_unit),
        "tokenizer.round_up_to", "use positive numbers; e.g. round up to 128");
  }
  VocabularyPlan plan;
  plan.special_tokens = settings.special_tokens;
  const int64_t least = int64_t{learned_least} + static_cast<int64_t>(settings.special_tokens.size()) +
                        settings.reserved_tokens;
  const int64_t multiple = settings.round_up_to;
  const int64_t size = (int64_t{settings.vocab_size} + multiple - 1) / multiple * multiple;
  if (settings.vocab_size < least || size > (1 << 24) - 2) {
    throw UsageError(fmt::format("a vocabulary of {} cannot hold {} tokens to begin with, {} special tokens "
                                 "and {} reserved ones",
                                 settings.vocab_size, learned_least, settings.special_tokens.size(),
                                 settings.reserved_tokens),
                     "tokenizer.vocab_size", fmt::format("use {} to {}", least, (1 << 24) - 2));
  }
  plan.size = static_cast<int32_t>(size);
  for (int32_t i = 0; i < settings.reserved_tokens; ++i)
    plan.special_tokens.push_back(reserved_token(static_cast<size_t>(i)));
  return plan;
}

std::vector<std::string> fill_up(const VocabularyPlan& plan, const TrainSettings& settings, size_t learned) {
  std::vector<std::string> tokens = plan.special_tokens;
  const size_t multiple = static_cast<size_t>(settings.round_up_to);
  for (size_t number = static_cast<size_t>(settings.reserved_tokens);
       (learned + tokens.size()) % multiple != 0; ++number) {
    tokens.push_back(reserved_token(number));
  }
  return tokens;
}

const pretokenize::Scheme& scheme_of(const TrainSettings& settings) {
  const pretokenize::Scheme* scheme = pretokenize::find_scheme(settings.scheme);
  if (scheme != nullptr) return *scheme;
  std::string known;
  for (const pretokenize::Scheme& each : pretokenize::schemes())
    known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
  throw UsageError("no scheme is called \"" + settings.scheme + "\"", "tokenizer.scheme",
                   "use one of " + known);
}

std::array<uint8_t, 256> bytes_in_gpt2_order() {
  const auto prints = [](int byte) {
    return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  };
  std::array<uint8_t, 256> bytes{};
  size_t at = 0;
  for (const bool printing : {true, false}) {
    for (int byte = 0; byte < 256; ++byte) {
      if (prints(byte) == printing) bytes[at++] = static_cast<uint8_t>(byte);
    }
  }
  return bytes;
}

}  // namespace aurora::vocabulary
