// The engine's inside, in the order of a step: engine.cpp (submit, cancel, step), engine_schedule.cpp (who
// comes into the batch, pages), engine_run.cpp (through the model, draws), engine_answer.cpp (tokens to
// events).
#pragma once

#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "aurora/infer/client_queues.h"
#include "aurora/infer/engine.h"
#include "aurora/infer/prefix_cache.h"
#include "aurora/infer/sequence.h"
#include "aurora/infer/step_model.h"

namespace aurora::infer {

class Engine::Impl {
 public:
  Impl(std::unique_ptr<StepModel> model, const ModelTokens& tokens, const EngineSettings& settings,
       Pool& pool);
  ~Impl();

  void check(const Request& request) const;
  void submit(RequestId id, Request request, Sink sink);
  void cancel(RequestId id);
  bool step();
  EngineStats stats() const;
  int64_t max_length() const { return max_length_; }
  const EngineSettings& settings() const { return settings_; }
  RequestId next_id() { return ++last_id_; }

 private:
  // A sequence's share of a step: `count` tokens from computed on, then `guesses` more.
  struct Share {
    Sequence* sequence = nullptr;
    int64_t count = 0;
    int64_t guesses = 0;
    int64_t wanted_from = 0;  // index of the first row that is wanted; count + guesses: none
    int64_t first_row = 0;    // of the wanted ones, in the model's answer
    int64_t tokens() const { return count + guesses; }
    int64_t wanted() const { return tokens() - wanted_from; }
  };
  using Shares = std::vector<Share>;

  // engine_schedule.cpp
  void admit();
  bool fits(const Sequence& sequence) const;
  void start(Sequence& sequence);
  void use_prefix(Sequence& sequence);
  Shares plan();
  void plan_decoding(Shares& shares, int64_t& budget);
  void plan_prompts(Shares& shares, int64_t& budget);
  void guess(Share& share, int64_t budget);
  int64_t first_wanted(const Sequence& sequence, int64_t count) const;
  int64_t take_pages(Sequence& sequence, int64_t tokens, const Shares& shares);
  bool take_page(Sequence& sequence);
  Sequence* youngest_behind(const Sequence& sequence, const Shares& shares) const;
  void preempt(Sequence& sequence);
  void publish(Sequence& sequence);
  void give_back_pages(Sequence& sequence);

  // engine_run.cpp
  void run(Shares& shares, bool embed);
  std::vector<SequencePiece> pieces_of(Shares& shares) const;
  void draw_all(const Shares& shares, std::span<float> rows);
  void draw(const Share& share, std::span<float> rows, Sampler& sampler) const;
  int32_t draw_one(Sequence& sequence, std::span<float> row, Sampler& sampler) const;
  void add_hidden(const Share& share, std::span<const float> rows);

  // engine_answer.cpp
  void advance(const Share& share);
  bool accept(Sequence& sequence, const TokenLogprobs& drawn, bool last_drawn);
  void tell_token(Sequence& sequence, const TokenLogprobs& drawn, std::string text);
  void queue_siblings(Job& job);
  void tell_prompt(Sequence& sequence);
  void finish(Sequence& sequence, FinishReason reason, int32_t end_token = kNoToken);
  void finish_embedding(Sequence& sequence);
  void close(Sequence& sequence, Event& event);
  void stop_running(Sequence& sequence);
  void tell_best(Job& job);
  void fail(Job& job, const Error& error);
  void end_job(Job& job);
  void take_cancelled();
  void remove_ended();
  bool is_end(const Sequence& sequence, int32_t token) const;
  bool told(const Job& job) const { return job.over || job.cancelled; }

  double now_s() const;

  std::unique_ptr<StepModel> model_;
  ModelTokens tokens_;
  EngineSettings settings_;
  Pool& pool_;
  int64_t max_length_ = 0;
  int64_t page_tokens_ = 0;
  int64_t logit_rows_max_ = 0;  // of one prompt in one step
  RequestId last_id_ = 0;
  uint64_t admissions_ = 0;

  PrefixCache prefixes_;
  ClientQueues queues_;
  std::unordered_map<RequestId, std::unique_ptr<Job>> jobs_;
  std::vector<Sequence*> running_;  // in order of admission
  int64_t not_started_ = 0;         // jobs
  int64_t changes_ = 0;             // cancelled or over jobs that are still in jobs_
  std::vector<Sampler> samplers_;
  EngineStats stats_;
};

}  // namespace aurora::infer
