// Prompt to text, one sequence: the engine with one request.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/infer/model.h"
#include "aurora/infer/sampler.h"

namespace aurora::infer {

struct GenerateSettings {
  Sampling sampling;
  int64_t max_tokens = 128;
};

enum class Stop { kEndOfText, kMaxTokens, kMaxLength, kCaller };

struct Generation {
  std::string text;             // without the prompt
  std::vector<int32_t> tokens;  // generated ones, without the end token
  int64_t prompt_tokens = 0;
  Stop stop = Stop::kMaxTokens;
};

// Receives text as it becomes whole characters; false ends the generation.
using TextSink = std::function<bool(std::string_view)>;

// The prompt stands at the beginning of a document: it follows the end token of the one before, as in
// training. A prompt longer than the model's length keeps its end. Same model, prompt, settings: same text.
Generation generate(const Model& model, std::string_view prompt, const GenerateSettings& settings, Pool& pool,
                    const TextSink& sink = {});

}  // namespace aurora::infer
