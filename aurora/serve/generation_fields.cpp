#include "aurora/serve/generation_fields.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/constrain/grammar.h"
#include "aurora/serve/api_error.h"

namespace aurora::serve {
namespace {

constexpr size_t kMostStops = 16;
constexpr int64_t kMostChoices = 128;

// {"1234": -100, ...}: ids as keys.
void read_logit_bias(Fields& fields, infer::Sampling& sampling) {
  const Json* value = fields.find("logit_bias");
  if (!value) return;
  const std::string path = fields.path_of("logit_bias");
  if (!value->is_object()) throw ApiError::invalid(path, fmt::format("'{}' is no object of token ids", path));
  for (const auto& [text, bias] : value->items()) {
    int32_t token = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), token);
    if (error != std::errc() || end != text.data() + text.size() || token < 0)
      throw ApiError::invalid(path, fmt::format("'{}': '{}' is no token id", path, text));
    if (!bias.is_number() || !(std::abs(bias.get<double>()) <= 100))
      throw ApiError::invalid(path, fmt::format("'{}.{}' is no number from -100 to 100", path, text));
    sampling.logit_bias.push_back({token, bias.get<double>()});
  }
}

void read_stops(Fields& fields, infer::Request& request) {
  if (const Json* stop = fields.find("stop")) {
    const std::string path = fields.path_of("stop");
    const auto add = [&](const Json& text, const std::string& at) {
      request.stop.push_back(text_of(text, at));
      if (request.stop.back().empty()) throw ApiError::invalid(at, fmt::format("'{}' is empty", at));
    };
    if (stop->is_array()) {
      if (stop->size() > kMostStops)
        throw ApiError::invalid(path, fmt::format("'{}' has more than {} texts", path, kMostStops));
      for (size_t i = 0; i < stop->size(); ++i) add((*stop)[i], fmt::format("{}[{}]", path, i));
    } else {
      add(*stop, path);
    }
  }
  if (const Json* ids = fields.find("stop_token_ids"))
    request.stop_tokens = ids_of(*ids, fields.path_of("stop_token_ids"));
}

}  // namespace

void read_generation(Fields& fields, const GenerationDefaults& defaults, infer::Request& request) {
  infer::Sampling& sampling = request.sampling;
  sampling.temperature = fields.number("temperature", 0, 2).value_or(defaults.temperature);
  sampling.top_p = fields.number("top_p", 0, 1).value_or(defaults.top_p);
  // OpenAI takes 0, which leaves the most likely token.
  if (sampling.top_p == 0) sampling.top_p = 1e-9;
  sampling.top_k = fields.integer("top_k", -1, INT32_MAX).value_or(defaults.top_k);
  if (sampling.top_k < 0) sampling.top_k = 0;  // vLLM's "all"
  sampling.min_p = fields.number("min_p", 0, 1).value_or(0);
  sampling.repetition_penalty = fields.number("repetition_penalty", 1e-3, 1e3).value_or(1);
  sampling.presence_penalty = fields.number("presence_penalty", -2, 2).value_or(0);
  sampling.frequency_penalty = fields.number("frequency_penalty", -2, 2).value_or(0);
  sampling.seed = static_cast<uint64_t>(
      fields.integer("seed", INT64_MIN, INT64_MAX).value_or(static_cast<int64_t>(defaults.seed)));
  read_logit_bias(fields, sampling);
  read_stops(fields, request);
  request.ignore_end = fields.boolean("ignore_eos").value_or(false);
  request.n = static_cast<int>(fields.integer("n", 1, kMostChoices).value_or(1));
  request.best_of = static_cast<int>(fields.integer("best_of", request.n, kMostChoices).value_or(0));
}

std::shared_ptr<const constrain::Grammar> read_response_format(
    const Json* format, const std::string& path, std::shared_ptr<const constrain::Vocabulary> vocabulary) {
  if (!format) return nullptr;
  Fields fields(*format, path);
  const std::string type = fields.required_text("type");
  if (type == "text") return nullptr;
  try {
    if (type == "json_object") return constrain::Grammar::json_object(vocabulary);
    if (type == "regex") return constrain::Grammar::from_regex(fields.required_text("pattern"), vocabulary);
    if (type == "json_schema") {
      // Chat nests the schema, responses write it flat.
      const Json* nested = fields.find("json_schema");
      Fields holder(nested ? *nested : *format, nested ? fields.path_of("json_schema") : path);
      return constrain::Grammar::from_json_schema(to_text(holder.required("schema")), vocabulary);
    }
  } catch (const Error& error) {
    throw ApiError(400, "invalid_schema",
                   fmt::format("'{}': {} ({}): {}", path, error.happened(), error.where(), error.remedy()),
                   path);
  }
  throw ApiError::invalid(fields.path_of("type"),
                          fmt::format("'{}' is '{}'; known are text, json_object, json_schema and regex",
                                      fields.path_of("type"), type));
}

}  // namespace aurora::serve
