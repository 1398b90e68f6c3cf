// What the engine knows of a request and of each answer it makes for it. Plain state of engine_*.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aurora/constrain/grammar.h"
#include "aurora/infer/client_queues.h"
#include "aurora/infer/ngram_index.h"
#include "aurora/infer/prefix_cache.h"
#include "aurora/infer/request.h"
#include "aurora/infer/stop_scanner.h"
#include "aurora/tokenizer/decode.h"

namespace aurora::infer {

struct Job;

// One answer on its way: a prompt and what was drawn to follow it.
struct Sequence {
  Sequence(Job& of, int number, const tokenizer::Tokenizer& tokenizer);

  Job* job;
  int choice;
  std::vector<int32_t> tokens;  // prompt and answer
  bool finished = false;

  // Pages. Those of nodes come first and are the prefix cache's; the others are the sequence's own.
  std::vector<int32_t> pages;
  PrefixCache::Node* last_node = nullptr;
  int64_t node_pages = 0;
  int64_t computed = 0;  // tokens whose keys and values are in the pages
  uint64_t admission = 0;

  // Drawing.
  TokenCounts counts;
  std::optional<constrain::Matcher> matcher;  // none: free text
  NgramIndex ngrams;
  int64_t draft_limit = 0;
  std::vector<int32_t> fed;          // tokens of this step, when guesses follow the known ones
  std::vector<TokenLogprobs> drawn;  // in this step

  // The prompt's rows that were wanted and are done; they are not computed again.
  int64_t rows_done = 0;
  std::vector<TokenLogprobs> prompt_logprobs;
  std::vector<double> hidden_sum;

  // Text.
  tokenizer::StreamDecoder decoder;
  StopScanner scanner;

  Usage usage;
  bool looked_up = false;
  double last_token_s = 0;
  double logprob_sum = 0;

  int64_t size() const { return static_cast<int64_t>(tokens.size()); }
  int64_t remaining() const { return size() - computed; }
};

// The tokens and the end of an answer that waits to be compared with others (best_of).
struct KeptAnswer {
  struct Step {
    std::string text;
    TokenLogprobs logprobs;
  };
  std::vector<Step> steps;
  std::string rest, stop_string;
  FinishReason reason = FinishReason::kEnd;
  int32_t end_token = kNoToken;
  Usage usage;
  double score = 0;  // mean log-probability per token
};

struct Job {
  RequestId id = 0;
  Request request;
  Sink sink;
  ClientQueues::Client* client = nullptr;
  double submitted_s = 0;
  bool started = false;                              // had its first step
  bool cancelled = false;                            // to be ended by the next step
  bool over = false;                                 // told so; removed at the end of the step
  std::vector<std::unique_ptr<Sequence>> sequences;  // the first; the others when its prompt is done
  int unfinished = 0;                                // answers
  std::vector<KeptAnswer> kept;                      // by choice, when answers are compared

  int answers() const { return request.best_of > 0 ? request.best_of : request.n; }
  bool compares() const { return answers() > request.n; }
  int64_t prompt_size() const { return static_cast<int64_t>(request.prompt.size()); }
};

}  // namespace aurora::infer
