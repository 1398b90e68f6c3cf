// For tests: random requests that arrive, end and are cancelled at random, under settings drawn at random.
// Each must be told exactly what it is told alone.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aurora/infer/fake_model.h"

namespace aurora::infer::testing {

// Numbers that one seed decides.
class Dice {
 public:
  explicit Dice(uint64_t seed) : key_(random_key(seed, Purpose::kTest)) {}
  int64_t below(int64_t bound) {
    return static_cast<int64_t>(random_below(counter_++, key_, static_cast<uint64_t>(bound)));
  }
  bool once_in(int64_t times) { return below(times) == 0; }
  template <typename T>
  T one_of(std::initializer_list<T> values) {
    return *(values.begin() + below(static_cast<int64_t>(values.size())));
  }

 private:
  RandomKey key_;
  uint64_t counter_ = 0;
};

struct Sizes {
  int64_t page_tokens = 4;
  int64_t prompt_max = 40;
  int64_t answer_max = 24;
  int64_t max_length = 80;
};

inline Sampling random_sampling(Dice& dice) {
  Sampling sampling;
  sampling.temperature = dice.one_of({0.0, 0.3, 0.8, 1.5});
  sampling.top_k = dice.one_of<int64_t>({0, 0, 5, 40});
  sampling.top_p = dice.one_of({1.0, 0.95, 0.5});
  sampling.min_p = dice.one_of({0.0, 0.0, 0.1});
  sampling.seed = static_cast<uint64_t>(dice.below(5));
  if (dice.once_in(4)) sampling.repetition_penalty = 1.2;
  if (dice.once_in(4)) sampling.presence_penalty = 0.5;
  if (dice.once_in(4)) sampling.frequency_penalty = 0.25;
  if (dice.once_in(4)) sampling.logit_bias = {{static_cast<int32_t>(dice.below(256)), 3}};
  return sampling;
}

// Prompts begin with one of a few openings, so that the prefix cache has something to find.
inline Request random_request(Dice& dice, const Sizes& sizes) {
  Request request;
  const int64_t length = 1 + dice.below(sizes.prompt_max);
  const int64_t opening = dice.below(3), shared = dice.below(length + 1);
  for (int64_t i = 0; i < length; ++i)
    request.prompt.push_back(
        static_cast<int32_t>(i < shared ? (i * 7 + opening * 31) % 256 : dice.below(256)));
  request.max_tokens = dice.below(sizes.answer_max);
  request.sampling = random_sampling(dice);
  request.client = dice.one_of({"", "a", "b"});
  request.top_logprobs = dice.one_of({-1, -1, 0, 3});
  request.prompt_logprobs = dice.once_in(5);
  request.ignore_end = dice.once_in(2);
  if (dice.once_in(4)) request.stop = {"e", "\x41\x42"};
  if (dice.once_in(4)) request.stop_tokens = {static_cast<int32_t>(dice.below(256))};
  if (dice.once_in(6)) {
    static const auto grammar = constrain::Grammar::from_regex("([a-m]+,)*[n-z]{2,9}", byte_vocabulary());
    request.grammar = grammar;
  }
  if (dice.once_in(6)) {
    request.n = 1 + static_cast<int>(dice.below(3));
    if (dice.once_in(2)) request.best_of = request.n + 1;
  } else if (dice.once_in(10)) {
    request.embed = true;
  }
  return request;
}

inline EngineSettings random_settings(Dice& dice, const Sizes& sizes) {
  EngineSettings settings;
  settings.max_length = sizes.max_length;
  settings.max_running = dice.one_of<int64_t>({1, 3, 8, 20});
  settings.step_tokens =
      settings.max_running + dice.one_of<int64_t>({1, sizes.page_tokens - 1, 3 * sizes.page_tokens + 1});
  settings.prefix_share = dice.one_of({0.0, 0.3, 1.0});
  settings.draft_tokens = dice.one_of<int64_t>({0, 1, 5});
  settings.max_queued = 1000;
  return settings;
}

inline void expect_same(const TokenLogprobs& a, const TokenLogprobs& b) {
  EXPECT_EQ(a.token, b.token);
  EXPECT_EQ(a.logprob, b.logprob);
  ASSERT_EQ(a.top.size(), b.top.size());
  for (size_t i = 0; i < a.top.size(); ++i) {
    EXPECT_EQ(a.top[i].token, b.top[i].token);
    EXPECT_EQ(a.top[i].logprob, b.top[i].logprob);
  }
}

inline void expect_same(const Told& a, const Told& b) {
  EXPECT_EQ(a.error, b.error);
  EXPECT_EQ(a.embedding, b.embedding);
  ASSERT_EQ(a.prompt.size(), b.prompt.size());
  for (size_t i = 0; i < a.prompt.size(); ++i) expect_same(a.prompt[i], b.prompt[i]);
  ASSERT_EQ(a.choices.size(), b.choices.size());
  for (const auto& [number, choice] : a.choices) {
    const Told::Choice& other = b.choices.at(number);
    EXPECT_EQ(choice.tokens, other.tokens);
    EXPECT_EQ(choice.text, other.text);
    EXPECT_EQ(choice.reason, other.reason);
    EXPECT_EQ(choice.stop_string, other.stop_string);
    EXPECT_EQ(choice.end_token, other.end_token);
    ASSERT_EQ(choice.logprobs.size(), other.logprobs.size());
    for (size_t i = 0; i < choice.logprobs.size(); ++i) expect_same(choice.logprobs[i], other.logprobs[i]);
  }
}

// Engines that differ in nothing but this.
using MakeEngine = std::function<std::unique_ptr<Engine>(const EngineSettings&, int64_t pages, Pool&)>;

// A load of requests, and what each is told alone.
class Load {
 public:
  Load(uint64_t seed, int64_t requests, const Sizes& sizes, MakeEngine make)
      : sizes_(sizes), make_(std::move(make)) {
    Dice dice(seed);
    for (int64_t i = 0; i < requests; ++i) requests_.push_back(random_request(dice, sizes));
    for (const Request& request : requests_) {
      auto engine =
          make_({.prefix_share = 0, .max_length = sizes.max_length}, longest_pages(), Pool::serial());
      alone_.emplace_back();
      engine->submit(request, alone_.back().sink());
      run_until_idle(*engine);
    }
  }

  // All of them at random times in one engine; every tenth is cancelled on its way.
  EngineStats run(uint64_t seed, int threads) {
    Dice dice(seed);
    Pool pool(threads);
    const int64_t pages = longest_pages() + dice.below(3 * longest_pages());
    auto engine = make_(random_settings(dice, sizes_), pages, pool);
    std::vector<Told> told(requests_.size());
    std::vector<std::pair<size_t, RequestId>> open;
    std::vector<bool> cancelled(requests_.size());
    for (size_t next = 0; next < requests_.size() || !open.empty();) {
      for (int64_t arrivals = dice.below(4); arrivals > 0 && next < requests_.size(); --arrivals, ++next)
        open.emplace_back(next, engine->submit(requests_[next], told[next].sink()));
      if (!open.empty() && dice.once_in(30)) {
        const auto [index, id] = open[static_cast<size_t>(dice.below(static_cast<int64_t>(open.size())))];
        cancelled[index] = true;
        engine->cancel(id);
      }
      engine->step();
      std::erase_if(open, [&](const auto& entry) { return told[entry.first].over(); });
    }
    for (size_t i = 0; i < requests_.size(); ++i) {
      SCOPED_TRACE(i);
      EXPECT_EQ(told[i].lasts, 1);
      if (!cancelled[i]) expect_same(told[i], alone_[i]);
    }
    EXPECT_FALSE(engine->step());
    EXPECT_EQ(engine->stats().kv_pages_used, engine->stats().prefix_pages);
    return engine->stats();
  }

 private:
  int64_t longest_pages() const { return (sizes_.max_length + sizes_.page_tokens - 1) / sizes_.page_tokens; }

  Sizes sizes_;
  MakeEngine make_;
  std::vector<Request> requests_;
  std::vector<Told> alone_;
};

}  // namespace aurora::infer::testing
