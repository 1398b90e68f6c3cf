#include "aurora/comm/thread_ranks.h"

#include <condition_variable>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include "aurora/base/check.h"
#include "aurora/base/error.h"

namespace aurora::comm {
namespace {

// A send that waits for its receiver, which copies straight from the sender's memory.
struct Offer {
  const void* data;
  size_t bytes;
  bool taken = false;
};

// What the ranks share. One lock and one condition for everything: clarity outranks speed here.
struct World {
  explicit World(int ranks) : size(ranks) {}

  const int size;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::tuple<int, int, int>, Offer*> offers;  // by (from, to, tag)
  int waiting = 0;                                     // ranks in the barrier
  uint64_t barriers = 0;                               // barriers passed
  bool aborted = false;
  std::string message;
  std::exception_ptr failure;  // of the rank that failed first

  template <typename Condition>
  void wait(std::unique_lock<std::mutex>& lock, const Condition& condition) {
    changed.wait(lock, [&] { return aborted || condition(); });
    if (aborted && !condition()) throw Error("another rank stopped: " + message, "", "see that rank's error");
  }

  void stop(const std::string& why, std::exception_ptr exception) {
    const std::lock_guard lock(mutex);
    if (aborted) return;
    aborted = true;
    message = why;
    failure = exception;
    changed.notify_all();
  }
};

class ThreadGroup : public Group {
 public:
  ThreadGroup(World& world, int rank) : world_(world), rank_(rank) {}

  int rank() const override { return rank_; }
  int size() const override { return world_.size; }

  void barrier() override {
    std::unique_lock lock(world_.mutex);
    const uint64_t passed = world_.barriers;
    if (++world_.waiting == world_.size) {
      world_.waiting = 0;
      ++world_.barriers;
      world_.changed.notify_all();
      return;
    }
    world_.wait(lock, [&] { return world_.barriers != passed; });
  }

  void broadcast(void* data, size_t bytes, int root) override {
    constexpr int kBroadcastTag = 32768;
    AURORA_CHECK(root >= 0 && root < size(), "root {} of {}", root, size());
    if (rank_ != root) return receive(data, bytes, root, kBroadcastTag);
    for (int to = 0; to < size(); ++to)
      if (to != root) send(data, bytes, to, kBroadcastTag);
  }

  void send(const void* data, size_t bytes, int peer, int tag) override {
    check_peer(peer);
    Offer offer{data, bytes};
    const std::tuple key(rank_, peer, tag);
    std::unique_lock lock(world_.mutex);
    world_.offers[key] = &offer;
    world_.changed.notify_all();
    try {
      world_.wait(lock, [&] { return offer.taken; });
    } catch (...) {
      world_.offers.erase(key);
      throw;
    }
  }

  void receive(void* data, size_t bytes, int peer, int tag) override {
    check_peer(peer);
    const std::tuple key(peer, rank_, tag);
    std::unique_lock lock(world_.mutex);
    world_.wait(lock, [&] { return world_.offers.count(key) > 0; });
    Offer& offer = *world_.offers[key];
    AURORA_CHECK(offer.bytes == bytes, "rank {} sends {} bytes, rank {} wants {}", peer, offer.bytes, rank_,
                 bytes);
    if (bytes > 0) std::memcpy(data, offer.data, bytes);
    offer.taken = true;
    world_.offers.erase(key);
    world_.changed.notify_all();
  }

  void abort(const std::string& message) override { throw Error(message, fmt::format("rank {}", rank_), ""); }

 private:
  void check_peer(int peer) const {
    AURORA_CHECK(peer >= 0 && peer < world_.size && peer != rank_, "rank {} of {} talks to {}", rank_,
                 world_.size, peer);
  }

  World& world_;
  const int rank_;
};

}  // namespace

void run_threads(int ranks, const std::function<void(Group&)>& fn) {
  AURORA_CHECK(ranks >= 1, "{} ranks", ranks);
  World world(ranks);
  const auto run = [&](int rank) {
    try {
      ThreadGroup group(world, rank);
      fn(group);
    } catch (const std::exception& error) {
      world.stop(error.what(), std::current_exception());
    }
  };
  std::vector<std::thread> threads;
  for (int rank = 1; rank < ranks; ++rank) threads.emplace_back(run, rank);
  run(0);
  for (std::thread& thread : threads) thread.join();
  if (world.failure) std::rethrow_exception(world.failure);
}

}  // namespace aurora::comm
