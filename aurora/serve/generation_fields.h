// The fields that say how to generate, which chat, completions and responses share.
#pragma once

#include <memory>
#include <string>

#include "aurora/infer/request.h"
#include "aurora/serve/fields.h"

namespace aurora::constrain {
class Vocabulary;
}

namespace aurora::serve {

// Defaults of a request that names nothing: OpenAI's (temperature 1, top_p 1), or the model's
// generation_config.
struct GenerationDefaults {
  double temperature = 1;
  double top_p = 1;
  int64_t top_k = 0;
  int64_t max_tokens = 0;  // 0: as much as fits
  uint64_t seed = 0;       // of a request without one; chosen by the server, told in receipts
};

// temperature, top_p, top_k, min_p, penalties, logit_bias, seed, stop, stop_token_ids, ignore_eos, n,
// best_of. Not max_tokens and logprobs, whose names and forms differ.
void read_generation(Fields& fields, const GenerationDefaults& defaults, infer::Request& request);

// response_format: null for {"type": "text"} or none. ApiError: a schema that cannot be had, with its place.
std::shared_ptr<const constrain::Grammar> read_response_format(
    const Json* format, const std::string& path, std::shared_ptr<const constrain::Vocabulary> vocabulary);

}  // namespace aurora::serve
