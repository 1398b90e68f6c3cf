#include "aurora/infer/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/infer/engine_impl.h"

namespace aurora::infer {
namespace {

constexpr int64_t kLogitBytesMax = int64_t{64} << 20;  // of one prompt's rows in one step
constexpr size_t kLanes = 16;                          // draws at the same time

double steady_clock_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void require(bool ok, const char* field, const std::string& what, const std::string& remedy) {
  if (!ok) throw UsageError(what, field, remedy);
}

EngineSettings checked(EngineSettings settings) {
  require(settings.max_running >= 1, "max_running", "no sequence may run", "let one run at least");
  require(settings.step_tokens > settings.max_running, "step_tokens",
          fmt::format("a step of {} tokens has no room for a prompt beside {} answers", settings.step_tokens,
                      settings.max_running),
          "make it larger than max_running");
  require(settings.prefix_share >= 0 && settings.prefix_share <= 1, "prefix_share",
          fmt::format("{} is no share", settings.prefix_share), "give a value in [0, 1]");
  require(settings.draft_tokens >= 0, "draft_tokens", "a negative number of guesses", "give 0 for none");
  require(settings.max_queued >= 1, "max_queued", "nobody may wait", "let one wait at least");
  if (settings.clock_s == nullptr) settings.clock_s = steady_clock_s;
  return settings;
}

}  // namespace

QueueFull::QueueFull(int64_t queued)
    : Error(fmt::format("{} requests are waiting already", queued), "queue", "try again a little later") {}

std::string_view finish_reason_name(FinishReason reason) {
  static constexpr std::string_view kNames[] = {"end", "stop_string", "max_tokens", "max_length",
                                                "cancelled"};
  return kNames[static_cast<size_t>(reason)];
}

Engine::Impl::Impl(std::unique_ptr<StepModel> model, const ModelTokens& tokens,
                   const EngineSettings& settings, Pool& pool)
    : model_(std::move(model)),
      tokens_(tokens),
      settings_(checked(settings)),
      pool_(pool),
      page_tokens_(model_->page_tokens()),
      prefixes_(*model_, static_cast<int64_t>(settings_.prefix_share * static_cast<double>(model_->pages()))),
      samplers_(kLanes) {
  max_length_ = std::min(tokens.max_length, model_->pages() * page_tokens_);
  if (settings_.max_length > 0) max_length_ = std::min(max_length_, settings_.max_length);
  logit_rows_max_ = std::max<int64_t>(1, kLogitBytesMax / (4 * model_->vocab()));
}

Engine::Impl::~Impl() {
  for (Sequence* sequence : running_) give_back_pages(*sequence);
}

double Engine::Impl::now_s() const {
  return settings_.clock_s();
}

void Engine::Impl::check(const Request& request) const {
  const int32_t known = tokens_.tokenizer->vocab_size();
  const auto is_known = [&](int32_t token) { return token >= 0 && token < known; };
  const auto all_known = [&](const std::vector<int32_t>& ids, const char* field) {
    for (const int32_t id : ids)
      require(is_known(id), field, fmt::format("the vocabulary has no token {}", id),
              fmt::format("give ids in [0, {})", known));
  };
  require(!request.prompt.empty(), "prompt", "the prompt has no token", "give at least one");
  all_known(request.prompt, "prompt");
  all_known(request.stop_tokens, "stop_tokens");
  require(request.max_tokens >= 0, "max_tokens", "a negative number of tokens", "give 0 or more");
  const int64_t answer = request.embed || request.max_tokens == 0 ? 0 : 1;
  const auto size = static_cast<int64_t>(request.prompt.size());
  require(size + answer <= max_length_, "prompt",
          fmt::format("the prompt has {} tokens, and prompt and answer have room for {}", size, max_length_),
          "give a shorter one");
  check_sampling(request.sampling);
  for (const LogitBias& bias : request.sampling.logit_bias)
    require(is_known(bias.token), "logit_bias", fmt::format("the vocabulary has no token {}", bias.token),
            fmt::format("give ids in [0, {})", known));
  require(request.n >= 1, "n", "no answer is asked for", "ask for one at least");
  require(request.best_of == 0 || request.best_of >= request.n, "best_of",
          fmt::format("best_of {} is less than n {}", request.best_of, request.n), "make it at least n");
  require(std::max(request.n, request.best_of) <= settings_.max_choices, "n",
          fmt::format("more than {} answers", settings_.max_choices), "ask for fewer");
  require(!request.embed || std::max(request.n, request.best_of) == 1, "n", "a prompt has one vector",
          "ask for one");
  require(request.top_logprobs <= settings_.max_logprobs, "top_logprobs",
          fmt::format("more than {} alternatives", settings_.max_logprobs), "ask for fewer");
  for (const std::string& stop : request.stop)
    require(!stop.empty(), "stop", "an empty stop string", "leave it out");
  require(request.grammar == nullptr || request.grammar->vocabulary().size() == known, "grammar",
          "the grammar was made for another vocabulary", "make it for the model's tokenizer");
}

void Engine::Impl::submit(RequestId id, Request request, Sink sink) {
  check(request);
  if (not_started_ >= settings_.max_queued) {
    ++stats_.refused;
    throw QueueFull(not_started_);
  }
  auto owned = std::make_unique<Job>();
  Job& job = *owned;
  job.id = id;
  job.request = std::move(request);
  job.sink = std::move(sink);
  job.submitted_s = now_s();
  job.unfinished = job.answers();
  if (job.compares()) job.kept.resize(static_cast<size_t>(job.answers()));
  job.sequences.push_back(std::make_unique<Sequence>(job, 0, *tokens_.tokenizer));
  AURORA_CHECK(jobs_.emplace(id, std::move(owned)).second, "two requests of one number");
  job.client = queues_.arrive(job.request.client);
  queues_.push_back(job.client, job.sequences.front().get());
  ++not_started_;
  ++stats_.requests;
  stats_.prompt_tokens += job.prompt_size();
}

void Engine::Impl::cancel(RequestId id) {
  const auto at = jobs_.find(id);
  if (at == jobs_.end() || told(*at->second)) return;
  at->second->cancelled = true;
  ++changes_;
}

bool Engine::Impl::step() {
  const double begin = now_s();
  const bool cancelled = changes_ > 0;
  take_cancelled();
  remove_ended();
  admit();
  Shares shares = plan();
  stats_.batch_sequences = static_cast<int64_t>(shares.size());
  stats_.batch_tokens = 0;
  if (shares.empty()) return cancelled;

  for (const Share& share : shares) stats_.batch_tokens += share.tokens();
  const auto embeds = std::stable_partition(
      shares.begin(), shares.end(), [](const Share& share) { return !share.sequence->job->request.embed; });
  Shares embedding(embeds, shares.end());
  shares.erase(embeds, shares.end());
  run(shares, false);
  run(embedding, true);
  remove_ended();
  ++stats_.steps;
  stats_.step_s += now_s() - begin;
  return true;
}

void Engine::Impl::remove_ended() {
  if (changes_ == 0) return;
  changes_ -=
      static_cast<int64_t>(std::erase_if(jobs_, [](const auto& entry) { return entry.second->over; }));
}

EngineStats Engine::Impl::stats() const {
  EngineStats stats = stats_;
  stats.queued = queues_.waiting();
  stats.running = static_cast<int64_t>(running_.size());
  stats.kv_pages = model_->pages();
  stats.kv_pages_used = stats.kv_pages - model_->free_pages();
  stats.prefix_pages = prefixes_.idle_pages();
  return stats;
}

Engine::Engine(std::unique_ptr<StepModel> model, const ModelTokens& tokens, const EngineSettings& settings,
               Pool& pool)
    : impl_(std::make_unique<Impl>(std::move(model), tokens, settings, pool)) {}

Engine::~Engine() = default;

RequestId Engine::submit(Request request, Sink sink) {
  const RequestId id = impl_->next_id();
  submit_as(id, std::move(request), std::move(sink));
  return id;
}

void Engine::submit_as(RequestId id, Request request, Sink sink) {
  impl_->submit(id, std::move(request), std::move(sink));
}

void Engine::check(const Request& request) const {
  impl_->check(request);
}

void Engine::cancel(RequestId id) {
  impl_->cancel(id);
}

bool Engine::step() {
  return impl_->step();
}

EngineStats Engine::stats() const {
  return impl_->stats();
}

int64_t Engine::max_length() const {
  return impl_->max_length();
}

const EngineSettings& Engine::settings() const {
  return impl_->settings();
}

}  // namespace aurora::infer
