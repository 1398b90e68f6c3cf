// Many requests, one model: continuous batching over a paged KV cache (Kwon et al. 2023), prompts in chunks
// beside the answers of others, pages of equal beginnings shared and kept, fair between clients.
//
// An answer's tokens and log-probabilities never depend on what else is asked, on chunks, cached prefixes,
// preemption, speculation or threads: every row of a step has the bits it has alone (docs of the element
// rule), and every draw its own random number.
//
// Single-threaded by contract: all calls from one thread (EngineThread gives it to any thread). The model
// must outlive it.
#pragma once

#include <cstdint>
#include <memory>

#include "aurora/base/error.h"
#include "aurora/base/threads.h"
#include "aurora/infer/engine_stats.h"
#include "aurora/infer/model.h"
#include "aurora/infer/request.h"

namespace aurora::infer {

class StepModel;
struct ModelTokens;

struct EngineSettings {
  int64_t kv_bytes = 0;           // memory for keys and values; 0: as much as the longest sequence needs
  bool kv_int8 = false;           // keys and values in 8 bits: half the memory, other answers
  double prefix_share = 0.5;      // of these, how much may be kept for prompts to come; 0: nothing, 1: all
  int64_t max_running = 64;       // sequences in a step
  int64_t max_queued = 256;       // requests that wait; more are refused by QueueFull
  int64_t step_tokens = 512;      // prompt and answer tokens in a step; more than max_running
  int64_t max_length = 0;         // prompt and answer; 0: the model's
  int64_t draft_tokens = 0;       // speculation: at most so many tokens are guessed per step; 0: none
  int64_t max_choices = 128;      // best_of of a request
  int64_t max_logprobs = 100;     // top_logprobs of a request
  double (*clock_s)() = nullptr;  // null: the machine's steady clock
};

// The request was not taken; the same one may be taken later.
class QueueFull : public Error {
 public:
  explicit QueueFull(int64_t queued);
};

class Engine {
 public:
  // Error (UsageError with the setting's name) when the settings contradict each other or the memory.
  Engine(const Model& model, const EngineSettings& settings, Pool& pool);
  // Over any StepModel (step_model.h): for tests.
  Engine(std::unique_ptr<StepModel> model, const ModelTokens& tokens, const EngineSettings& settings,
         Pool& pool);
  ~Engine();  // tells nobody: cancel and step first where sinks must know
  Engine(const Engine&) = delete;

  // Queues a request; its events come from step(). UsageError: a request that cannot be answered (too long,
  // no token of the vocabulary, ...), naming its field. QueueFull.
  RequestId submit(Request request, Sink sink);
  // The same under a number of the caller's that no other request has.
  void submit_as(RequestId id, Request request, Sink sink);
  // What submit() refuses, without submitting. Thread-safe: looks at nothing that changes.
  void check(const Request& request) const;

  // Ends a request within one step: its last event is kFinished by kCancelled. Unknown ids are ignored.
  void cancel(RequestId id);

  // Runs one batch through the model and tells the sinks. False: there was nothing to do. An Error of the
  // model fails the requests of the batch and no others.
  bool step();

  EngineStats stats() const;
  int64_t max_length() const;  // longest prompt plus answer, tokens
  const EngineSettings& settings() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace aurora::infer
