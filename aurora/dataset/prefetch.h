// Reads samples ahead on threads of its own, within a stated number of bytes, so that a step does not wait
// for the disk; what was announced beyond them is told to the system, which may fetch it meanwhile. It
// changes when a sample is read and nothing else: a sample that was not announced, or not reached yet, is
// read by whoever asks for it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "aurora/dataset/loader.h"

namespace aurora::dataset {

struct PrefetchOptions {
  // Held at most, samples that are being read included. A sample takes 20 bytes per token and 40 per piece:
  // at T = 4096 the default holds some 3,200.
  size_t budget_bytes = size_t{256} << 20;
  int threads = 1;  // >= 1
};

class Prefetch {
 public:
  // loader must outlive this.
  explicit Prefetch(const Loader& loader, const PrefetchOptions& options = {});
  ~Prefetch();  // drops what was announced and not taken
  Prefetch(const Prefetch&) = delete;

  // These samples will be asked for soon, in about this order. Each should be taken once. Thread-safe.
  void announce(const std::vector<uint64_t>& numbers);
  // Thread-safe. Errors of Loader::read come out here, and the same sample may be asked for again.
  Sample take(uint64_t number);

  size_t held_bytes() const;
  // Time that all callers together spent in take(): waiting for a sample, or reading it themselves.
  double waited_s() const { return 1e-9 * static_cast<double>(waited_ns_.load()); }
  size_t most_held_bytes() const;  // since the beginning

 private:
  enum class State : uint8_t { kWaiting, kReading, kReady };
  struct Entry {
    State state = State::kWaiting;
    size_t bytes = 0;  // of the budget
    Sample sample;
  };
  using Entries = std::unordered_map<uint64_t, Entry>;

  void work();
  Sample take_or_read(uint64_t number);
  Entries::iterator next_waiting(std::deque<uint64_t>& numbers);
  void read(Entries::iterator entry, std::unique_lock<std::mutex>& lock);
  void hint(uint64_t number, std::unique_lock<std::mutex>& lock);
  void hold(Entry& entry, size_t bytes);

  const Loader& loader_;
  const size_t budget_;
  const size_t sample_bytes_;  // what one takes, about
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Entries entries_;
  std::deque<uint64_t> to_read_;  // may hold some that were taken meanwhile
  std::deque<uint64_t> to_hint_;  //
  size_t held_ = 0;
  size_t most_held_ = 0;
  std::atomic<int64_t> waited_ns_{0};
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace aurora::dataset
