// Layouts of blocks that were used last, within a bound of bytes. Thread-safe: two threads that ask for one
// block compute it once, and a layout in use outlives its place in the cache.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "aurora/dataset/blocks.h"

namespace aurora::dataset {

struct LayoutKey {
  uint32_t file = 0;
  uint64_t epoch = 0;
  uint64_t block = 0;
  bool operator==(const LayoutKey&) const = default;
};

class LayoutCache {
 public:
  // bytes: held at most, least recently used first out; the newest layout stays however large it is.
  explicit LayoutCache(size_t bytes) : limit_(bytes) {}

  // What `make` returned for this key. An error of it goes to the one who asked; others try themselves.
  std::shared_ptr<const BlockLayout> get(const LayoutKey& key, const std::function<BlockLayout()>& make);
  size_t bytes() const;

 private:
  struct Hash {
    size_t operator()(const LayoutKey& key) const;
  };
  struct Entry {
    LayoutKey key;
    std::shared_ptr<const BlockLayout> layout;  // null while it is computed
    size_t bytes = 0;
  };
  using Entries = std::list<Entry>;  // last used first

  void keep(Entries::iterator entry, std::shared_ptr<const BlockLayout> layout);

  const size_t limit_;
  mutable std::mutex mutex_;
  std::condition_variable computed_;
  Entries entries_;
  std::unordered_map<LayoutKey, Entries::iterator, Hash> places_;
  size_t bytes_ = 0;
};

}  // namespace aurora::dataset
