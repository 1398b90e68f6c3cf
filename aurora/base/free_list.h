// Things that threads take turns with: a tile takes one (made when none is free) and gives it back. Which
// one a tile gets is chance, so results must not depend on it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace aurora {

template <typename T>
class FreeList {
 public:
  explicit FreeList(std::function<std::unique_ptr<T>()> make) : make_(std::move(make)) {}

  std::unique_ptr<T> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        std::unique_ptr<T> item = std::move(free_.back());
        free_.pop_back();
        return item;
      }
    }
    return make_();
  }
  void give_back(std::unique_ptr<T> item) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(item));
  }
  // All that were given back; for the end, when no thread holds one.
  std::vector<std::unique_ptr<T>>& items() { return free_; }

 private:
  std::function<std::unique_ptr<T>()> make_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> free_;
};

}  // namespace aurora
