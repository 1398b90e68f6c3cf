#include "aurora/base/threads.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include "aurora/base/check.h"

namespace aurora {

namespace {

// One call of for_each. Lives on the caller's stack; `users` counts the workers that still hold it.
struct Job {
  const std::function<void(size_t)>* fn;
  size_t tiles;
  std::atomic<size_t> next{0};
  std::atomic<int> users{0};
  std::mutex failure_mutex{};
  std::exception_ptr failure{};
  size_t failed_tile = SIZE_MAX;
};

// The pools whose tiles the current thread is inside of, innermost first: finds a forbidden nested call.
struct Inside {
  const void* pool;
  const Inside* outer;
};
thread_local const Inside* inside = nullptr;

bool is_inside(const void* pool) {
  for (const Inside* at = inside; at != nullptr; at = at->outer) {
    if (at->pool == pool) return true;
  }
  return false;
}

void run_tiles(Job& job, const void* pool) {
  const Inside here{pool, inside};
  inside = &here;
  for (;;) {
    const size_t tile = job.next.fetch_add(1, std::memory_order_relaxed);
    if (tile >= job.tiles) break;
    try {
      (*job.fn)(tile);
    } catch (...) {
      const std::lock_guard lock(job.failure_mutex);
      // Of several failures the one of the lowest tile is told.
      if (tile < job.failed_tile) {
        job.failed_tile = tile;
        job.failure = std::current_exception();
      }
      job.next.store(job.tiles, std::memory_order_relaxed);
    }
  }
  inside = here.outer;
}

void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Kernels call for_each many thousand times a second: a worker looks out for work this many pauses (about
// 20 us) before it sleeps. Not where threads outnumber cores.
constexpr int kSpins = 1500;

}  // namespace

struct Pool::State {
  std::mutex mutex;
  std::condition_variable work;  // a job was added, or stop
  std::condition_variable done;  // a job lost its last user
  std::deque<Job*> jobs;         // those that may have tiles left
  std::atomic<uint64_t> posted{0};
  bool stop = false;
  bool nesting_allowed = false;
  int spins = 0;
  std::vector<std::thread> workers;

  void work_loop();
  Job* take(std::unique_lock<std::mutex>& lock);
};

// Next job with tiles left, marked as used; waits for one. nullptr: stop.
Job* Pool::State::take(std::unique_lock<std::mutex>& lock) {
  for (;;) {
    if (stop) return nullptr;
    for (Job* job : jobs) {
      if (job->next.load(std::memory_order_relaxed) < job->tiles) {
        job->users.fetch_add(1, std::memory_order_relaxed);
        return job;
      }
    }
    const uint64_t seen = posted.load(std::memory_order_relaxed);
    lock.unlock();
    for (int spin = 0; spin < spins && posted.load(std::memory_order_relaxed) == seen; ++spin) pause_cpu();
    lock.lock();
    work.wait(lock, [&] { return stop || posted.load(std::memory_order_relaxed) != seen; });
  }
}

void Pool::State::work_loop() {
  std::unique_lock lock(mutex);
  while (Job* job = take(lock)) {
    lock.unlock();
    run_tiles(*job, this);
    lock.lock();
    // After this the caller may return and the job be gone.
    if (job->users.fetch_sub(1, std::memory_order_release) == 1) done.notify_all();
  }
}

Pool::Pool(int threads) : state_(std::make_unique<State>()) {
  AURORA_CHECK_GE(threads, 0);
  if (threads == 0) threads = cores_available();
  state_->spins = threads <= cores_available() ? kSpins : 0;
  for (int i = 1; i < threads; ++i) {
    state_->workers.emplace_back([state = state_.get()] { state->work_loop(); });
  }
}

Pool::~Pool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
    state_->posted.fetch_add(1, std::memory_order_relaxed);
  }
  state_->work.notify_all();
  for (auto& worker : state_->workers) worker.join();
}

int Pool::threads() const {
  return static_cast<int>(state_->workers.size()) + 1;
}

void Pool::for_each(size_t tiles, const std::function<void(size_t)>& fn) {
  State& state = *state_;
  AURORA_CHECK(state.nesting_allowed || !is_inside(&state), "for_each inside a tile of the same pool");
  Job job{&fn, tiles};
  const bool shared = tiles > 1 && !state.workers.empty();
  if (shared) {
    {
      const std::lock_guard lock(state.mutex);
      state.jobs.push_back(&job);
      state.posted.fetch_add(1, std::memory_order_relaxed);
    }
    state.work.notify_all();
  }
  run_tiles(job, &state);
  if (shared) {
    std::unique_lock lock(state.mutex);
    std::erase(state.jobs, &job);
    lock.unlock();  // nobody new can take it now; most times the others end in a moment
    for (int spin = 0; spin < state.spins && job.users.load(std::memory_order_acquire) != 0; ++spin) {
      pause_cpu();
    }
    lock.lock();
    state.done.wait(lock, [&] { return job.users.load(std::memory_order_acquire) == 0; });
  }
  if (job.failure) std::rethrow_exception(job.failure);
}

Pool& Pool::serial() {
  static Pool& pool = []() -> Pool& {
    static Pool one(1);
    one.state_->nesting_allowed = true;
    return one;
  }();
  return pool;
}

int cores_available() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cores = sched_getaffinity(0, sizeof set, &set) == 0
                  ? CPU_COUNT(&set)
                  : static_cast<int>(std::thread::hardware_concurrency());
  // A container's share: "QUOTA PERIOD" in microseconds, or "max PERIOD".
  std::ifstream share("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;
  if (share >> quota >> period && quota > 0 && period > 0) {
    cores = std::min(cores, static_cast<int>((quota + period - 1) / period));
  }
  return std::max(cores, 1);
}

}  // namespace aurora
