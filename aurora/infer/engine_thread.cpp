#include "aurora/infer/engine_thread.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace aurora::infer {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

struct EngineThread::State {
  struct Submission {
    RequestId id;
    Request request;
    Sink sink;
  };

  explicit State(std::unique_ptr<Engine> owned)
      : engine(std::move(owned)), stats(engine->stats()), thread([this] { serve(); }) {}

  void serve();
  bool take_orders();
  void submit_now(Submission submission);

  std::unique_ptr<Engine> engine;  // of the engine's thread, but for what never changes

  mutable std::mutex mutex;
  std::condition_variable wake;
  std::deque<Submission> submissions;
  std::vector<RequestId> cancels;
  RequestId last_id = 0;
  int64_t refused = 0;
  bool stopping = false;
  bool waiting = false;  // for something to do
  Clock::time_point give_up{};
  EngineStats stats;
  Clock::time_point alive = Clock::now();

  // Of the engine's thread.
  std::vector<RequestId> open;  // requests without their last event
  bool idle = false;
  bool gave_up = false;

  std::mutex stop_mutex;
  std::thread thread;  // last: it uses all of the above
};

// False: there is nothing left and nothing will come.
bool EngineThread::State::take_orders() {
  std::deque<Submission> taken;
  std::vector<RequestId> cancelled;
  bool end = false;
  {
    std::unique_lock lock(mutex);
    alive = Clock::now();
    const auto ordered = [&] { return !submissions.empty() || !cancels.empty() || stopping; };
    if (idle && !ordered()) {
      waiting = true;
      wake.wait(lock, ordered);
      waiting = false;
      alive = Clock::now();
    }
    taken.swap(submissions);
    cancelled.swap(cancels);
    end = stopping && Clock::now() >= give_up;
    if (stopping && idle && taken.empty() && open.empty()) return false;
  }
  for (Submission& submission : taken) submit_now(std::move(submission));
  for (const RequestId id : cancelled) engine->cancel(id);
  if (end && !gave_up) {
    gave_up = true;
    for (const RequestId id : open) engine->cancel(id);
  }
  return true;
}

void EngineThread::State::submit_now(Submission submission) {
  const RequestId id = submission.id;
  open.push_back(id);
  const auto closing = [this, id, sink = std::move(submission.sink)](const Event& event) {
    if (event.last) std::erase(open, id);
    if (sink) sink(event);
  };
  try {
    engine->submit_as(id, std::move(submission.request), closing);
  } catch (const Error& error) {  // it was let in, but the queue filled up meanwhile
    Event event{.kind = Event::Kind::kFailed, .request = id};
    event.last = true;
    event.error = &error;
    closing(event);
  }
}

void EngineThread::State::serve() {
  while (take_orders()) {
    idle = !engine->step();
    const EngineStats now = engine->stats();
    const std::lock_guard lock(mutex);
    stats = now;
  }
}

EngineThread::EngineThread(std::unique_ptr<Engine> engine)
    : state_(std::make_unique<State>(std::move(engine))) {}

EngineThread::~EngineThread() {
  stop(0);
}

RequestId EngineThread::submit(Request request, Sink sink) {
  state_->engine->check(request);
  RequestId id = 0;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopping)
      throw Error("the engine takes no more requests", "queue", "try again when it is up again");
    const int64_t queued = state_->stats.queued + static_cast<int64_t>(state_->submissions.size());
    if (queued >= state_->engine->settings().max_queued) {
      ++state_->refused;
      throw QueueFull(queued);
    }
    id = ++state_->last_id;
    state_->submissions.push_back({id, std::move(request), std::move(sink)});
  }
  state_->wake.notify_one();
  return id;
}

void EngineThread::cancel(RequestId id) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->cancels.push_back(id);
  }
  state_->wake.notify_one();
}

void EngineThread::stop(double patience_s) {
  const std::lock_guard once(state_->stop_mutex);
  if (!state_->thread.joinable()) return;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    state_->give_up =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(patience_s));
  }
  state_->wake.notify_one();
  state_->thread.join();
}

EngineStats EngineThread::stats() const {
  const std::lock_guard lock(state_->mutex);
  EngineStats stats = state_->stats;
  stats.refused += state_->refused;
  stats.queued += static_cast<int64_t>(state_->submissions.size());
  return stats;
}

int64_t EngineThread::max_length() const {
  return state_->engine->max_length();
}

double EngineThread::alive_s() const {
  const std::lock_guard lock(state_->mutex);
  if (state_->waiting) return 0;
  return std::chrono::duration<double>(Clock::now() - state_->alive).count();
}

}  // namespace aurora::infer
