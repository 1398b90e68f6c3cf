// Threads for the work that neither the sockets' nor the engine's thread may do: JSON, templates, tokens,
// grammars.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace aurora::serve {

class Workers {
 public:
  Workers(int threads, size_t most_waiting);
  ~Workers();  // finishes what waits

  // False: too much waits already. Jobs must not throw.
  bool post(std::function<void()> job);

 private:
  void run();
  const size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> waiting_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace aurora::serve
