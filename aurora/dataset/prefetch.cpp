#include "aurora/dataset/prefetch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "aurora/base/error.h"

namespace aurora::dataset {

Prefetch::Prefetch(const Loader& loader, size_t limit)
    : loader_(loader), limit_(limit), thread_([this] { work(); }) {}

Prefetch::~Prefetch() {
  {
    std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Prefetch::announce(const std::vector<uint64_t>& numbers) {
  {
    std::lock_guard lock(mutex_);
    waiting_.insert(waiting_.end(), numbers.begin(), numbers.end());
  }
  changed_.notify_all();
}

Sample Prefetch::take(uint64_t number) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return reading_ != number; });
  if (auto found = ready_.find(number); found != ready_.end()) {
    Sample sample = std::move(found->second);
    ready_.erase(found);
    lock.unlock();
    changed_.notify_all();
    return sample;
  }
  if (auto at = std::find(waiting_.begin(), waiting_.end(), number); at != waiting_.end()) waiting_.erase(at);
  lock.unlock();
  return loader_.read(number);
}

void Prefetch::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return ending_ || (!waiting_.empty() && ready_.size() < limit_); });
    if (ending_) return;
    reading_ = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    std::optional<Sample> sample;
    try {
      sample = loader_.read(reading_);
    } catch (const Error&) {
      // Whoever takes it reads it again and gets the error, in the thread that can handle it.
    }
    lock.lock();
    if (sample) ready_.insert_or_assign(reading_, std::move(*sample));
    reading_ = UINT64_MAX;
    changed_.notify_all();
  }
}

}  // namespace aurora::dataset
