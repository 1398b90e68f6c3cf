#include "aurora/infer/engine_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "aurora/infer/fake_model.h"

namespace aurora::infer {
namespace {

using testing::bytes;
using testing::FakeModel;
using testing::Told;

Request request_of(std::string_view prompt, int64_t max_tokens) {
  Request request;
  request.prompt = bytes(prompt);
  request.max_tokens = max_tokens;
  request.ignore_end = true;
  return request;
}

// A sink that can be waited for, and that can hold up the engine.
class Waiting {
 public:
  Sink sink() {
    return [this](const Event& event) {
      std::unique_lock lock(mutex_);
      told_.add(event);
      changed_.notify_all();
      changed_.wait(lock, [&] { return told_.events != hold_; });
    };
  }
  // The engine stands still from this event on, until go_on().
  void hold_at(int event) { hold_ = event; }
  void go_on() {
    const std::lock_guard lock(mutex_);
    hold_ = -1;
    changed_.notify_all();
  }
  Told wait(int events = 0) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return told_.over() || (events > 0 && told_.events >= events); });
    return told_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Told told_;
  int hold_ = -1;
};

class EngineThreadTest : public ::testing::Test {
 protected:
  std::unique_ptr<EngineThread> make(const EngineSettings& settings = {}) {
    return std::make_unique<EngineThread>(std::make_unique<Engine>(
        std::make_unique<FakeModel>(testing::babble, 64), testing::byte_tokens(), settings, pool));
  }
  Pool pool{2};
};

TEST_F(EngineThreadTest, AnswersFromManyThreadsAreThoseGivenAlone) {
  std::vector<std::vector<int32_t>> alone;
  for (int i = 0; i < 6; ++i) {
    Waiting one;
    auto engine = make();
    engine->submit(request_of("prompt " + std::to_string(i), 12), one.sink());
    alone.push_back(one.wait().choices.at(0).tokens);
  }
  auto engine = make({.max_running = 4});
  std::vector<std::thread> callers;
  std::atomic<int> same{0};
  for (int i = 0; i < 6; ++i)
    callers.emplace_back([&, i] {
      for (int round = 0; round < 5; ++round) {
        Waiting one;
        engine->submit(request_of("prompt " + std::to_string(i), 12), one.sink());
        same += one.wait().choices.at(0).tokens == alone[static_cast<size_t>(i)] ? 1 : 0;
      }
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(same, 30);
}

TEST_F(EngineThreadTest, RefusesInTheCaller) {
  auto engine = make();
  EXPECT_THROW(engine->submit(Request{}, {}), UsageError);
  engine->stop(0);
  EXPECT_THROW(engine->submit(request_of("a", 1), {}), Error);
  engine->stop(0);
}

TEST_F(EngineThreadTest, AFullQueueIsRefusedAtOnce) {
  auto engine = make({.max_running = 1, .max_queued = 2});
  Waiting running;
  running.hold_at(1);
  engine->submit(request_of("a", 1 << 20), running.sink());
  running.wait(1);
  std::vector<std::unique_ptr<Waiting>> waiting;
  int refused = 0;
  for (int i = 0; i < 10; ++i) {
    waiting.push_back(std::make_unique<Waiting>());
    try {
      engine->submit(request_of("b", 1), waiting.back()->sink());
    } catch (const QueueFull&) {
      waiting.pop_back();
      ++refused;
    }
  }
  EXPECT_GE(refused, 7);
  EXPECT_EQ(engine->stats().refused, refused);
  running.go_on();
  engine->stop(0);
  EXPECT_TRUE(running.wait().over());
  for (const auto& one : waiting) EXPECT_TRUE(one->wait().over());
}

TEST_F(EngineThreadTest, CancelEndsARequest) {
  auto engine = make();
  Waiting one;
  one.hold_at(5);
  const RequestId id = engine->submit(request_of("a", 1 << 20), one.sink());
  one.wait(5);
  engine->cancel(id);
  one.go_on();
  EXPECT_EQ(one.wait().choices.at(0).reason, FinishReason::kCancelled);
}

TEST_F(EngineThreadTest, StopLetsRequestsFinish) {
  auto engine = make();
  std::vector<std::unique_ptr<Waiting>> all;
  for (int i = 0; i < 8; ++i) {
    all.push_back(std::make_unique<Waiting>());
    engine->submit(request_of("prompt", 20), all.back()->sink());
  }
  engine->stop(60);
  for (const auto& one : all) {
    const Told told = one->wait();
    EXPECT_EQ(told.choices.at(0).reason, FinishReason::kMaxTokens);
    EXPECT_EQ(told.choices.at(0).tokens.size(), 20u);
  }
  EXPECT_EQ(engine->stats().finished, 8);
}

TEST_F(EngineThreadTest, SinksMaySubmitAndCancel) {
  auto engine = make();
  Waiting second;
  std::atomic<RequestId> id{0};
  id = engine->submit(request_of("a", 1 << 20), [&](const Event& event) {
    if (event.kind == Event::Kind::kToken && id != 0) engine->cancel(id);
    if (event.last) engine->submit(request_of("b", 2), second.sink());
  });
  EXPECT_EQ(second.wait().choices.at(0).tokens.size(), 2u);
}

}  // namespace
}  // namespace aurora::infer
