// An Engine on a thread of its own, for callers on any thread. Bounded queues between: a request that does
// not fit is refused at once.
#pragma once

#include <memory>

#include "aurora/infer/engine.h"

namespace aurora::infer {

// All functions are thread-safe. Sinks are called on the engine's thread; they must not block, and may call
// anything but stop() and the destructor.
class EngineThread {
 public:
  explicit EngineThread(std::unique_ptr<Engine> engine);
  ~EngineThread();  // stop(0)
  EngineThread(const EngineThread&) = delete;

  // As Engine::submit, with its limits: UsageError and QueueFull are thrown here, in the caller; everything
  // else comes as an event, possibly before this returns. Error after stop().
  RequestId submit(Request request, Sink sink);
  void cancel(RequestId id);

  // Takes no more requests, lets those that are there finish for at most `patience_s`, then cancels the rest;
  // returns when every sink had its last event and the thread has ended. Later calls do nothing.
  void stop(double patience_s);

  EngineStats stats() const;   // as of the last step, refusals and the queue as of now
  int64_t max_length() const;  // longest prompt plus answer, tokens
  double alive_s() const;      // since the last step began; 0 when there is nothing to do

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aurora::infer
