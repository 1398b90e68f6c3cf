#include "aurora/dataset/layout_cache.h"

#include <utility>

namespace aurora::dataset {
namespace {

// What the list and the map take for a layout, about.
constexpr size_t kEntryBytes = 160;

}  // namespace

size_t LayoutCache::Hash::operator()(const LayoutKey& key) const {
  uint64_t value = (key.block * 0x9e3779b97f4a7c15 + key.epoch) * 0x9e3779b97f4a7c15 + key.file;
  return static_cast<size_t>((value ^ value >> 32) * 0x9e3779b97f4a7c15);
}

std::shared_ptr<const BlockLayout> LayoutCache::get(const LayoutKey& key,
                                                    const std::function<BlockLayout()>& make) {
  std::unique_lock lock(mutex_);
  while (true) {
    const auto found = places_.find(key);
    if (found == places_.end()) break;
    if (found->second->layout) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return found->second->layout;
    }
    computed_.wait(lock);
  }
  entries_.push_front({key, nullptr, 0});
  const Entries::iterator entry = entries_.begin();
  places_.emplace(key, entry);
  lock.unlock();

  std::shared_ptr<const BlockLayout> layout;
  try {
    layout = std::make_shared<const BlockLayout>(make());
  } catch (...) {
    lock.lock();
    places_.erase(key);
    entries_.erase(entry);
    computed_.notify_all();
    throw;
  }
  lock.lock();
  keep(entry, layout);
  computed_.notify_all();
  return layout;
}

void LayoutCache::keep(Entries::iterator entry, std::shared_ptr<const BlockLayout> layout) {
  entry->layout = std::move(layout);
  entry->bytes = entry->layout->memory_bytes() + kEntryBytes;
  bytes_ += entry->bytes;
  for (auto last = entries_.end(); bytes_ > limit_ && last != entries_.begin();) {
    --last;
    if (last == entry || !last->layout) continue;
    bytes_ -= last->bytes;
    places_.erase(last->key);
    last = entries_.erase(last);
  }
}

size_t LayoutCache::bytes() const {
  std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace aurora::dataset
