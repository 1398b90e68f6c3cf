// From tokens to events.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/infer/engine_impl.h"

namespace aurora::infer {
namespace {

constexpr int64_t kNoRowsWanted = INT64_MAX;

void tell(const Job& job, const Event& event) {
  if (job.sink) job.sink(event);
}

}  // namespace

Sequence::Sequence(Job& of, int number, const tokenizer::Tokenizer& tokenizer)
    : job(&of),
      choice(number),
      tokens(of.request.prompt),
      counts(of.request.sampling, of.request.prompt),
      draft_limit(1),
      rows_done(kNoRowsWanted),
      decoder(tokenizer, of.request.skip_special),
      scanner(of.request.stop) {
  usage.prompt_tokens = of.prompt_size();
  if (of.request.grammar != nullptr) matcher.emplace(of.request.grammar);
  const bool wants_rows = of.request.embed || (of.request.prompt_logprobs && number == 0);
  if (!wants_rows) return;
  rows_done = 0;
  if (!of.request.embed) prompt_logprobs.push_back({.token = of.request.prompt[0], .logprob = 0, .top = {}});
}

bool Engine::Impl::is_end(const Sequence& sequence, int32_t token) const {
  const Request& request = sequence.job->request;
  const auto among = [&](const std::vector<int32_t>& ids) {
    return std::find(ids.begin(), ids.end(), token) != ids.end();
  };
  return (!request.ignore_end && among(tokens_.end_tokens)) || among(request.stop_tokens) ||
         (request.grammar != nullptr && request.grammar->vocabulary().is_end(token));
}

// The share went through the model.
void Engine::Impl::advance(const Share& share) {
  Sequence& sequence = *share.sequence;
  Job& job = *sequence.job;
  if (told(job)) return;
  sequence.computed += share.count;
  job.client->served += share.count;
  if (sequence.rows_done < job.prompt_size()) {
    sequence.rows_done = std::max(sequence.rows_done, sequence.computed);
    if (sequence.rows_done == job.prompt_size()) {
      sequence.rows_done = kNoRowsWanted;
      if (job.request.embed) return finish_embedding(sequence);
      tell_prompt(sequence);
      if (told(job)) return;
    }
  }
  if (sequence.remaining() > 0) return publish(sequence);
  if (job.request.max_tokens == 0) return finish(sequence, FinishReason::kMaxTokens);

  const size_t drawn = sequence.drawn.size();
  for (size_t i = 0; i < drawn; ++i) {
    if (i > 0) ++sequence.computed;  // its guess was right
    if (!accept(sequence, sequence.drawn[i], i + 1 == drawn)) return;
  }
  if (share.guesses > 0) {
    const auto right = static_cast<int64_t>(drawn) - 1;
    stats_.accepted_tokens += right;
    sequence.draft_limit = right == share.guesses ? 2 * right + 1 : right + 1;
  }
  publish(sequence);
  queue_siblings(job);
}

// The other answers of the prompt begin when it is computed, and find it in the prefix cache.
void Engine::Impl::queue_siblings(Job& job) {
  if (static_cast<int>(job.sequences.size()) == job.answers()) return;
  for (int choice = 1; choice < job.answers(); ++choice)
    job.sequences.push_back(std::make_unique<Sequence>(job, choice, *tokens_.tokenizer));
  for (size_t i = job.sequences.size() - 1; i > 0; --i)
    queues_.push_front(job.client, job.sequences[i].get());
}

// False: the answer is over.
bool Engine::Impl::accept(Sequence& sequence, const TokenLogprobs& drawn, bool last_drawn) {
  Job& job = *sequence.job;
  if (drawn.token == kNoToken) {
    fail(job, Error("no token can follow", fmt::format("token {} of the sequence", sequence.size()),
                    "the model's logits are no numbers, or what is allowed contradicts itself"));
    return false;
  }
  const double now = now_s();
  if (sequence.usage.first_token_s == 0) {
    sequence.usage.first_token_s = now - job.submitted_s;
    if (sequence.choice == 0) stats_.first_token.add(sequence.usage.first_token_s);
  } else {
    stats_.per_token.add(now - sequence.last_token_s);
  }
  sequence.last_token_s = now;
  sequence.logprob_sum += drawn.logprob;
  if (is_end(sequence, drawn.token)) {
    finish(sequence, FinishReason::kEnd, drawn.token);
    return false;
  }
  sequence.tokens.push_back(drawn.token);
  ++sequence.usage.answer_tokens;
  ++stats_.answer_tokens;
  std::string text;
  try {
    text = sequence.scanner.push(sequence.decoder.push(drawn.token));
  } catch (const Error& error) {  // an id that no token has
    fail(job, error);
    return false;
  }
  tell_token(sequence, drawn, std::move(text));
  if (told(job)) return false;

  const auto ends = [&](bool over, FinishReason reason) {
    if (over) finish(sequence, reason);
    return over;
  };
  return !ends(!sequence.scanner.found().empty(), FinishReason::kStopString) &&
         !ends(last_drawn && sequence.matcher && sequence.matcher->finished(), FinishReason::kEnd) &&
         !ends(sequence.usage.answer_tokens >= job.request.max_tokens, FinishReason::kMaxTokens) &&
         !ends(sequence.size() >= max_length_, FinishReason::kMaxLength);
}

void Engine::Impl::tell_token(Sequence& sequence, const TokenLogprobs& drawn, std::string text) {
  Job& job = *sequence.job;
  if (job.compares()) {
    job.kept[static_cast<size_t>(sequence.choice)].steps.push_back({std::move(text), drawn});
    return;
  }
  Event event{.kind = Event::Kind::kToken, .request = job.id, .choice = sequence.choice};
  event.token = drawn.token;
  event.text = text;
  if (job.request.top_logprobs >= 0) event.logprobs = &drawn;
  tell(job, event);
}

void Engine::Impl::tell_prompt(Sequence& sequence) {
  Event event{.kind = Event::Kind::kPrompt, .request = sequence.job->id};
  event.prompt = sequence.prompt_logprobs;
  tell(*sequence.job, event);
}

void Engine::Impl::finish(Sequence& sequence, FinishReason reason, int32_t end_token) {
  Job& job = *sequence.job;
  std::string rest;
  if (sequence.scanner.found().empty()) {
    rest = sequence.scanner.push(sequence.decoder.finish()) + sequence.scanner.finish();
    if (!sequence.scanner.found().empty()) reason = FinishReason::kStopString;
  }
  Event event{.kind = Event::Kind::kFinished, .request = job.id, .choice = sequence.choice};
  event.text = rest;
  event.reason = reason;
  event.stop_string = sequence.scanner.found();
  event.end_token = end_token;
  queue_siblings(job);
  close(sequence, event);
}

void Engine::Impl::finish_embedding(Sequence& sequence) {
  double square = 0;
  for (const double value : sequence.hidden_sum) square += value * value;
  const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
  std::vector<float> embedding;
  for (const double value : sequence.hidden_sum) embedding.push_back(static_cast<float>(value * scale));
  sequence.usage.first_token_s = now_s() - sequence.job->submitted_s;
  stats_.first_token.add(sequence.usage.first_token_s);
  Event event{.kind = Event::Kind::kFinished, .request = sequence.job->id};
  event.embedding = embedding;
  close(sequence, event);
}

// Ends an answer and tells of it; ends its request with the last one.
void Engine::Impl::close(Sequence& sequence, Event& event) {
  Job& job = *sequence.job;
  publish(sequence);
  stop_running(sequence);
  give_back_pages(sequence);
  sequence.finished = true;
  sequence.usage.total_s = now_s() - job.submitted_s;
  event.usage = sequence.usage;
  event.last = --job.unfinished == 0;
  if (event.last) {
    end_job(job);
    ++stats_.finished;
  }
  if (!job.compares()) return tell(job, event);
  KeptAnswer& kept = job.kept[static_cast<size_t>(sequence.choice)];
  kept.rest = event.text;
  kept.stop_string = event.stop_string;
  kept.reason = event.reason;
  kept.end_token = event.end_token;
  kept.usage = event.usage;
  const int64_t drawn = sequence.usage.answer_tokens + (event.end_token != kNoToken ? 1 : 0);
  kept.score = sequence.logprob_sum / static_cast<double>(std::max<int64_t>(1, drawn));
  if (event.last) tell_best(job);
}

// The n best of the answers, the best as choice 0; of equals the one with the smaller number.
void Engine::Impl::tell_best(Job& job) {
  std::vector<size_t> order(job.kept.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return job.kept[a].score > job.kept[b].score; });
  for (int choice = 0; choice < job.request.n; ++choice) {
    const KeptAnswer& kept = job.kept[order[static_cast<size_t>(choice)]];
    Event event{.kind = Event::Kind::kToken, .request = job.id, .choice = choice};
    for (const KeptAnswer::Step& step : kept.steps) {
      event.token = step.logprobs.token;
      event.text = step.text;
      event.logprobs = job.request.top_logprobs >= 0 ? &step.logprobs : nullptr;
      tell(job, event);
    }
    event = {.kind = Event::Kind::kFinished, .request = job.id, .choice = choice};
    event.last = choice + 1 == job.request.n;
    event.text = kept.rest;
    event.stop_string = kept.stop_string;
    event.reason = kept.reason;
    event.end_token = kept.end_token;
    event.usage = kept.usage;
    tell(job, event);
  }
}

void Engine::Impl::fail(Job& job, const Error& error) {
  if (told(job)) return;
  end_job(job);
  ++stats_.failed;
  Event event{.kind = Event::Kind::kFailed, .request = job.id};
  event.last = true;
  event.error = &error;
  tell(job, event);
}

// Takes the request out of everything; remove_ended() frees it.
void Engine::Impl::end_job(Job& job) {
  for (const auto& sequence : job.sequences) {
    if (sequence->finished) continue;
    queues_.remove(job.client, sequence.get());
    stop_running(*sequence);
    give_back_pages(*sequence);
    sequence->finished = true;
  }
  if (!job.started) --not_started_;
  queues_.leave(job.client);
  stats_.request.add(now_s() - job.submitted_s);
  job.over = true;
  if (!job.cancelled) ++changes_;
}

void Engine::Impl::take_cancelled() {
  if (changes_ == 0) return;
  std::vector<Job*> cancelled;  // sinks may submit meanwhile
  for (const auto& [id, job] : jobs_)
    if (job->cancelled && !job->over) cancelled.push_back(job.get());
  std::sort(cancelled.begin(), cancelled.end(), [](const Job* a, const Job* b) { return a->id < b->id; });
  for (Job* job : cancelled) {
    Event event{.kind = Event::Kind::kFinished, .request = job->id};
    event.last = true;
    event.reason = FinishReason::kCancelled;
    event.usage = job->sequences.front()->usage;
    event.usage.total_s = now_s() - job->submitted_s;
    end_job(*job);
    ++stats_.cancelled;
    tell(*job, event);
  }
}

}  // namespace aurora::infer
