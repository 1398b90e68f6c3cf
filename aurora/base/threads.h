// One thread pool. Work is a fixed number of tiles, chosen by the caller from the shape of the work and never
// from the number of threads, so that results cannot depend on it; tiles are handed out in order,
// dynamically.
//
// Pools may be used from several host threads at once (strands in flight): calls share the workers. A tile
// must not call for_each on the same pool (checked; serial() alone may nest). An exception in a tile is
// rethrown in the caller after all started tiles ended and no further tile is started; of several the lowest
// tile's.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace aurora {

class Pool {
 public:
  // threads: the calling thread counts as one, so 1 starts no worker. 0 = number of cores this process may
  // use.
  explicit Pool(int threads);
  ~Pool();
  Pool(const Pool&) = delete;

  int threads() const;
  // Calls fn(tile) for tile = 0 .. tiles-1, each once.
  void for_each(size_t tiles, const std::function<void(size_t)>& fn);

  // A pool of one: runs everything in the caller.
  static Pool& serial();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

int cores_available();

}  // namespace aurora
