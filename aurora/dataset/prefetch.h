// Reads samples ahead on one thread of its own, so that a step does not wait for the disk. It changes when a
// sample is read and nothing else: a sample that was not announced, or not reached yet, is read by whoever
// asks for it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "aurora/dataset/loader.h"

namespace aurora::dataset {

class Prefetch {
 public:
  // loader must outlive this. limit: samples held at most, announced ones wait their turn.
  Prefetch(const Loader& loader, size_t limit);
  ~Prefetch();  // drops what was announced and not taken
  Prefetch(const Prefetch&) = delete;

  // These samples will be asked for soon, in about this order. Each should be taken once.
  void announce(const std::vector<uint64_t>& numbers);
  // Thread-safe. Errors of Loader::read come out here.
  Sample take(uint64_t number);

 private:
  void work();

  const Loader& loader_;
  const size_t limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<uint64_t> waiting_;
  std::map<uint64_t, Sample> ready_;
  uint64_t reading_ = UINT64_MAX;  // the number the thread is at
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace aurora::dataset
