// Many requests at once: who waits, who gives way, and that nobody's answer depends on it.
#include <gtest/gtest.h>

#include <array>

#include "aurora/infer/engine.h"
#include "aurora/infer/fake_model.h"

namespace aurora::infer {
namespace {

using testing::byte_tokens;
using testing::bytes;
using testing::FakeModel;
using testing::run_until_idle;
using testing::Told;

Request request_of(std::string_view prompt, int64_t max_tokens, const std::string& client = "") {
  Request request;
  request.prompt = bytes(prompt);
  request.max_tokens = max_tokens;
  request.ignore_end = true;
  request.client = client;
  return request;
}

class EngineLoadTest : public ::testing::Test {
 protected:
  Engine& make(const EngineSettings& settings, int64_t pages = 64) {
    auto owned = std::make_unique<FakeModel>(testing::babble, pages);
    model = owned.get();
    engine = std::make_unique<Engine>(std::move(owned), byte_tokens(), settings, pool);
    return *engine;
  }
  Pool pool{2};
  std::unique_ptr<Engine> engine;
  FakeModel* model = nullptr;
};

TEST_F(EngineLoadTest, AnswersAreMadeSideBySide) {
  make({});
  std::array<Told, 5> told;
  for (Told& one : told) engine->submit(request_of("some prompt", 4), one.sink());
  EXPECT_TRUE(engine->step());
  EXPECT_EQ(engine->stats().batch_sequences, 5);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(engine->step());
  EXPECT_FALSE(engine->step());
  for (const Told& one : told) EXPECT_TRUE(one.over());
}

TEST_F(EngineLoadTest, ANewRequestJoinsWithoutWaitingForOthersToEnd) {
  make({});
  Told first, second;
  engine->submit(request_of("first", 10), first.sink());
  engine->step();
  engine->submit(request_of("second", 2), second.sink());
  engine->step();
  engine->step();
  EXPECT_TRUE(second.over());
  EXPECT_FALSE(first.over());
}

TEST_F(EngineLoadTest, ALongPromptDoesNotHoldUpAnswers) {
  make({.max_running = 4, .step_tokens = 8}, 512);
  Told quick, slow;
  engine->submit(request_of("quick", 6), quick.sink());
  engine->step();
  engine->submit(request_of(std::string(400, 'x'), 1), slow.sink());
  for (int i = 0; i < 5; ++i) engine->step();
  EXPECT_TRUE(quick.over());
  EXPECT_FALSE(slow.over());
  run_until_idle(*engine);
  EXPECT_TRUE(slow.over());
}

TEST_F(EngineLoadTest, TheQueueIsBounded) {
  make({.max_running = 1, .max_queued = 2});
  Told a, b, c;
  engine->submit(request_of("a", 3), a.sink());
  engine->submit(request_of("b", 3), b.sink());
  EXPECT_THROW(engine->submit(request_of("c", 3), c.sink()), QueueFull);
  engine->step();  // a runs
  engine->submit(request_of("c", 3), c.sink());
  EXPECT_EQ(engine->stats().queued, 2);
  EXPECT_EQ(engine->stats().refused, 1);
  run_until_idle(*engine);
  EXPECT_TRUE(a.over() && b.over() && c.over());
}

TEST_F(EngineLoadTest, CancelFreesThePlaceWithinOneStep) {
  make({.max_running = 1});
  Told a, b, queued;
  const RequestId id = engine->submit(request_of("a", 1000), a.sink());
  engine->submit(request_of("b", 1), b.sink());
  const RequestId waits = engine->submit(request_of("c", 1), queued.sink());
  engine->step();
  engine->cancel(id);
  engine->cancel(id);
  engine->cancel(waits);
  engine->cancel(999);
  engine->step();
  EXPECT_EQ(a.choices.at(0).reason, FinishReason::kCancelled);
  EXPECT_EQ(queued.choices.at(0).reason, FinishReason::kCancelled);
  EXPECT_TRUE(b.over());
  EXPECT_EQ(engine->stats().cancelled, 2);
  EXPECT_EQ(engine->stats().running, 0);
  EXPECT_EQ(engine->stats().queued, 0);
}

TEST_F(EngineLoadTest, SinksMayCancelAndSubmit) {
  make({});
  Told first, second;
  RequestId id = 0;
  id = engine->submit(request_of("a", 1000), [&](const Event& event) {
    first.add(event);
    if (first.events == 3) engine->cancel(id);
    if (event.last) engine->submit(request_of("b", 2), second.sink());
  });
  run_until_idle(*engine);
  EXPECT_EQ(first.choices.at(0).tokens.size(), 3u) << "nothing is told behind a cancel but the end";
  EXPECT_TRUE(second.over());
}

TEST_F(EngineLoadTest, APromptSeenBeforeIsNotComputedAgain) {
  make({});
  const std::string prompt = "a prompt of several pages, twice";
  Told first, second;
  engine->submit(request_of(prompt, 3), first.sink());
  run_until_idle(*engine);
  int64_t fed = 0;
  model->watch = [&](std::span<const SequencePiece> pieces) {
    fed += static_cast<int64_t>(pieces[0].tokens.size());
  };
  engine->submit(request_of(prompt, 3), second.sink());
  run_until_idle(*engine);
  EXPECT_EQ(fed, 4 + 2) << "the last page of 32 tokens, whose last row is wanted";
  EXPECT_EQ(second.choices.at(0).usage.cached_tokens, 28);
  EXPECT_EQ(second.choices.at(0).tokens, first.choices.at(0).tokens);
  EXPECT_EQ(engine->stats().prefix_hits, 1);
  EXPECT_EQ(engine->stats().prefix_tokens, 28);
}

TEST_F(EngineLoadTest, TheNextTurnOfATalkFindsTheAnswerToo) {
  make({});
  Told first, second;
  engine->submit(request_of("question", 9), first.sink());
  run_until_idle(*engine);
  Request next = request_of("question", 1);
  next.prompt.insert(next.prompt.end(), first.choices.at(0).tokens.begin(), first.choices.at(0).tokens.end());
  next.prompt.push_back('?');
  engine->submit(next, second.sink());
  run_until_idle(*engine);
  EXPECT_EQ(second.choices.at(0).usage.cached_tokens, 16);
}

TEST_F(EngineLoadTest, TheOneServedLeastGetsThePlace) {
  make({.max_running = 1});
  std::string order;
  int asked = 0;
  const auto submit = [&](const char* client, char name) {
    std::string prompt = "prompt";  // of their own: what is found in the cache is not counted
    prompt[0] = static_cast<char>('0' + asked++);
    engine->submit(request_of(prompt, 4, client), [&order, name](const Event& event) {
      if (event.last) order += name;
    });
  };
  for (const char name : {'A', 'A', 'A', 'A'}) submit("greedy", name);
  submit("modest", 'b');
  submit("modest", 'b');
  run_until_idle(*engine);
  EXPECT_EQ(order, "AbAbAA");
}

TEST_F(EngineLoadTest, WhoIsYoungerGivesWayWhenPagesRunOut) {
  make({.prefix_share = 0}, 10);  // 40 tokens
  std::array<Told, 3> told;
  for (size_t i = 0; i < told.size(); ++i)
    engine->submit(request_of(std::string(7, static_cast<char>('a' + i)), 20), told[i].sink());
  run_until_idle(*engine);
  EXPECT_GT(engine->stats().preemptions, 0);
  for (size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].choices.at(0).tokens.size(), 20u);
    Told alone;
    Engine fresh(std::make_unique<FakeModel>(testing::babble, 10), byte_tokens(), {}, pool);
    fresh.submit(request_of(std::string(7, static_cast<char>('a' + i)), 20), alone.sink());
    run_until_idle(fresh);
    EXPECT_EQ(told[i].choices.at(0).tokens, alone.choices.at(0).tokens);
  }
}

TEST_F(EngineLoadTest, TheLongestSequenceIsWhatFitsIntoThePages) {
  make({}, 3);
  EXPECT_EQ(engine->max_length(), 12);
  Told told;
  engine->submit(request_of("0123456", 100), told.sink());
  run_until_idle(*engine);
  EXPECT_EQ(told.choices.at(0).tokens.size(), 5u);
  EXPECT_EQ(told.choices.at(0).reason, FinishReason::kMaxLength);
}

TEST_F(EngineLoadTest, CountsWhatItDoes) {
  make({});
  Told told;
  engine->submit(request_of("12345", 3), told.sink());
  run_until_idle(*engine);
  const EngineStats stats = engine->stats();
  EXPECT_EQ(stats.steps, 3);
  EXPECT_EQ(stats.requests, 1);
  EXPECT_EQ(stats.finished, 1);
  EXPECT_EQ(stats.prompt_tokens, 5);
  EXPECT_EQ(stats.answer_tokens, 3);
  EXPECT_EQ(stats.kv_pages, 64);
  EXPECT_EQ(stats.kv_pages_used, stats.prefix_pages);
  EXPECT_EQ(stats.prefix_pages, 1);
  EXPECT_EQ(stats.first_token.count(), 1);
  EXPECT_EQ(stats.per_token.count(), 2);
  EXPECT_EQ(stats.request.count(), 1);
}

TEST(LatencyHistogram, CountsInBucketsThatDouble) {
  LatencyHistogram histogram;
  histogram.add(0.00005);
  histogram.add(0.00015);
  histogram.add(1e9);
  EXPECT_EQ(histogram.in_bucket(0), 1);
  EXPECT_EQ(histogram.in_bucket(1), 1);
  EXPECT_EQ(histogram.in_bucket(LatencyHistogram::kBuckets - 1), 1);
  EXPECT_EQ(histogram.count(), 3);
  EXPECT_DOUBLE_EQ(LatencyHistogram::upper_bound_s(1), 2e-4);
}

}  // namespace
}  // namespace aurora::infer
