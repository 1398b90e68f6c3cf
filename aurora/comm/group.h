// A group of ranks that work on one job, and what they can say to each other.
//
// Every rank calls the collective operations (barrier, broadcast, gather, sum) in the same order. send and
// receive are blocking: send may wait until the peer receives, so pairs must be ordered without cycles.
// A group is used by one thread at a time.
//
// Trouble on one rank must not leave the others waiting: when an Error escapes on a rank of a group with
// size() > 1, that rank's outermost handler tells it to people and then calls abort(). A failed AURORA_CHECK
// does so by itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aurora::comm {

class Group {
 public:
  virtual ~Group() = default;

  virtual int rank() const = 0;  // 0 .. size() - 1
  virtual int size() const = 0;

  virtual void barrier() = 0;
  // The root's bytes, of any number, to all; `bytes` is the same on every rank.
  virtual void broadcast(void* data, size_t bytes, int root) = 0;
  // Messages from one rank to another with one tag (0 .. 32767) arrive in order. The receiver knows the size.
  // peer != rank().
  virtual void send(const void* data, size_t bytes, int peer, int tag) = 0;
  virtual void receive(void* data, size_t bytes, int peer, int tag) = 0;
  // Stops all ranks. The others end with an Error that holds the message (threads) or are ended (MPI).
  [[noreturn]] virtual void abort(const std::string& message) = 0;

  // Small byte strings, of a length of each rank's own, in rank order: on root; elsewhere an empty list.
  std::vector<std::string> gather(std::string_view bytes, int root);
  // Sums over the ranks, element by element, on all ranks. The f64 sum follows a fixed tree in rank order
  // (neighbours, then neighbours of neighbours), so it is the same on every rank and in every run, but may
  // differ in the last bit for another number of ranks: results of a run are summed by parallel/ instead.
  void sum(std::span<double> values);
  void sum(std::span<int64_t> values);

 protected:
  Group() = default;
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

 private:
  template <typename T>
  void sum_over_ranks(std::span<T> values);
};

}  // namespace aurora::comm
