#include "aurora/dataset/prefetch.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/base/error.h"

namespace aurora::dataset {
namespace {

// Pieces that a sample is thought to have before it is read.
constexpr size_t kUsualPieces = 64;

}  // namespace

Prefetch::Prefetch(const Loader& loader, const PrefetchOptions& options)
    : loader_(loader),
      budget_(options.budget_bytes),
      sample_bytes_(static_cast<size_t>(loader.sequence_length()) * 5 * sizeof(int32_t) +
                    kUsualPieces * sizeof(order::Piece)) {
  AURORA_CHECK_GE(options.threads, 1);
  for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { work(); });
}

Prefetch::~Prefetch() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Prefetch::announce(const std::vector<uint64_t>& numbers) {
  {
    std::lock_guard lock(mutex_);
    for (uint64_t number : numbers) {
      if (!entries_.try_emplace(number).second) continue;
      to_read_.push_back(number);
      to_hint_.push_back(number);
    }
  }
  changed_.notify_all();
}

Sample Prefetch::take(uint64_t number) {
  const auto start = std::chrono::steady_clock::now();
  Sample sample = take_or_read(number);
  waited_ns_ += std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count();
  return sample;
}

Sample Prefetch::take_or_read(uint64_t number) {
  {
    std::unique_lock lock(mutex_);
    const auto reading = [&] {
      const auto entry = entries_.find(number);
      return entry != entries_.end() && entry->second.state == State::kReading;
    };
    changed_.wait(lock, [&] { return !reading(); });
    if (const auto entry = entries_.find(number); entry != entries_.end()) {
      const bool ready = entry->second.state == State::kReady;
      Sample sample = std::move(entry->second.sample);
      hold(entry->second, 0);
      entries_.erase(entry);
      lock.unlock();
      changed_.notify_all();
      if (ready) return sample;
    }
  }
  return loader_.read(number);
}

void Prefetch::hold(Entry& entry, size_t bytes) {
  held_ = held_ - entry.bytes + bytes;
  entry.bytes = bytes;
  most_held_ = std::max(most_held_, held_);
}

// The first of the numbers that nobody took meanwhile.
Prefetch::Entries::iterator Prefetch::next_waiting(std::deque<uint64_t>& numbers) {
  for (; !numbers.empty(); numbers.pop_front()) {
    const auto entry = entries_.find(numbers.front());
    if (entry != entries_.end() && entry->second.state == State::kWaiting) return entry;
  }
  return entries_.end();
}

void Prefetch::work() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    const auto entry = next_waiting(to_read_);
    if (entry != entries_.end() && held_ + sample_bytes_ <= budget_) {
      to_read_.pop_front();
      read(entry, lock);
    } else if (next_waiting(to_hint_) != entries_.end()) {
      const uint64_t number = to_hint_.front();
      to_hint_.pop_front();
      hint(number, lock);
    } else {
      changed_.wait(lock);
    }
  }
}

void Prefetch::read(Entries::iterator entry, std::unique_lock<std::mutex>& lock) {
  entry->second.state = State::kReading;
  hold(entry->second, sample_bytes_);
  const uint64_t number = entry->first;
  lock.unlock();
  std::optional<Sample> sample;
  try {
    sample = loader_.read(number);
  } catch (const Error&) {
    // Whoever takes it reads it again and gets the error, in the thread that can handle it.
  }
  lock.lock();
  // Nobody takes or erases what is being read, but the map may have grown.
  const auto place = entries_.find(number);
  const size_t bytes = sample ? sample->memory_bytes() : 0;
  if (sample && held_ - sample_bytes_ + bytes <= budget_) {
    place->second.sample = std::move(*sample);
    place->second.state = State::kReady;
    hold(place->second, bytes);
  } else {
    hold(place->second, 0);
    entries_.erase(place);
  }
  changed_.notify_all();
}

void Prefetch::hint(uint64_t number, std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  try {
    loader_.will_need(number);
  } catch (const Error&) {
    // As in read().
  }
  lock.lock();
}

size_t Prefetch::held_bytes() const {
  std::lock_guard lock(mutex_);
  return held_;
}

size_t Prefetch::most_held_bytes() const {
  std::lock_guard lock(mutex_);
  return most_held_;
}

}  // namespace aurora::dataset
