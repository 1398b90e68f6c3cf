// What a caller asks of the engine, and what it is told.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/infer/sampler.h"

namespace aurora::constrain {
class Grammar;
}

namespace aurora::infer {

using RequestId = uint64_t;

struct Request {
  std::vector<int32_t> prompt = {};  // ids of the model's tokenizer, at least one
  int64_t max_tokens = 128;          // longest answer; 0: the prompt alone (with prompt_logprobs or embed)
  Sampling sampling = {};
  int n = 1;        // answers to give, as choices 0 .. n-1
  int best_of = 0;  // answers to make, of which the n with the highest mean log-probability per token are
                    // given, all at the end; 0 = n. Answer i draws from its own stream of random numbers
  std::vector<std::string> stop = {};     // the text ends before the first of these; empty ones are refused
  std::vector<int32_t> stop_tokens = {};  // besides the model's end tokens
  bool ignore_end = false;                // the model's end tokens are tokens like others (benchmarks)
  bool skip_special = true;               // special tokens give no text
  int top_logprobs = -1;         // -1: none; 0 ..: log-probability of each token, so many alternatives
  bool prompt_logprobs = false;  // of the prompt's tokens as well (echo), with top_logprobs alternatives
  std::shared_ptr<const constrain::Grammar> grammar = {};  // null: free text
  std::string client = {};                                 // fairness is between these; "" is one of them
  bool embed = false;  // no answer: the prompt's vector, Event::embedding. max_tokens is ignored
};

enum class FinishReason {
  kEnd,         // an end token of the model, or a stop token of the request
  kStopString,  // one of Request::stop
  kMaxTokens,   // Request::max_tokens
  kMaxLength,   // the model's longest sequence, or all of the KV memory
  kCancelled,
};
std::string_view finish_reason_name(FinishReason reason);  // "end", "stop_string", "max_tokens" ...

struct Usage {
  int64_t prompt_tokens = 0;
  int64_t cached_tokens = 0;  // of the prompt, found in the prefix cache
  int64_t answer_tokens = 0;  // of this choice, without the end token
  double queue_s = 0;         // from submission to the first step
  double first_token_s = 0;   // from submission to the first token (or to the vector)
  double total_s = 0;
};

// One event of one request. Views and pointers are valid during the call only.
struct Event {
  enum class Kind {
    kPrompt,    // once, before tokens: log-probabilities of the prompt (prompt_logprobs)
    kToken,     // a token of an answer
    kFinished,  // the answer `choice` is complete
    kFailed,    // the request is over with an error; nothing follows
  };
  Kind kind = Kind::kToken;
  RequestId request = 0;
  int choice = 0;
  bool last = false;  // of the whole request: comes exactly once for each request

  // kToken. Text is held back while it may be the beginning of a stop string or of a character, so it may
  // belong to earlier tokens and may be empty. kFinished: what was held back to the end. All `text` of a
  // choice together is its answer. Tokens of a stop string are told, their text is not; an end token is not
  // told.
  int32_t token = kNoToken;
  std::string_view text = {};
  const TokenLogprobs* logprobs = nullptr;  // when asked for

  std::span<const TokenLogprobs> prompt =
      {};  // kPrompt: [prompt tokens]; the first has no logprob (0, no top)

  FinishReason reason = FinishReason::kEnd;  // kFinished
  std::string_view stop_string = {};         // kFinished by kStopString
  int32_t end_token = kNoToken;              // kFinished by kEnd
  Usage usage = {};                          // kFinished
  std::span<const float> embedding = {};  // kFinished of embed: [C], the mean of the final norm's rows over
                                          // the prompt (added in f64 in order), of length 1

  const Error* error = nullptr;  // kFailed
};

// Called on the thread that steps the engine: must be quick and must not throw. It may call
// Engine::submit and Engine::cancel.
using Sink = std::function<void(const Event&)>;

}  // namespace aurora::infer
