#include "aurora/vocabulary/count_texts.h"

#include <string>
#include <utility>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/free_list.h"
#include "aurora/vocabulary/word_lane.h"

namespace aurora::vocabulary {
namespace {

constexpr size_t kBatchBytes = 16 << 20;  // read while the batch before is counted
constexpr size_t kTileBytes = 256 << 10;
constexpr size_t kLongestText = 0xffffffff;

// Texts in tiles of about one size; the strings are used again.
class Batch {
 public:
  // false: the source has ended.
  bool read(TextSource& source) {
    texts_ = 0;
    tile_begins_ = {0};
    bytes_ = 0;
    for (size_t tile = 0; bytes_ < kBatchBytes; ++texts_) {
      if (texts_ == items_.size()) items_.emplace_back();
      Item& item = items_[texts_];
      item.weight = 1;
      if (!source.next(item.text, item.weight)) return false;
      if (item.text.size() > kLongestText)
        throw Error("a text of more than 4 GB", "texts", "cut it into documents");
      bytes_ += item.text.size();
      tile += item.text.size();
      if (tile < kTileBytes) continue;
      tile_begins_.push_back(texts_ + 1);
      tile = 0;
    }
    return true;
  }
  size_t tiles() const { return tile_begins_.size(); }
  uint64_t bytes() const { return bytes_; }
  void count(size_t tile, WordLane& lane) const {
    const size_t end = tile + 1 < tile_begins_.size() ? tile_begins_[tile + 1] : texts_;
    for (size_t i = tile_begins_[tile]; i < end; ++i) lane.add_text(items_[i].text, items_[i].weight);
  }

 private:
  struct Item {
    std::string text;
    uint64_t weight = 1;
  };
  std::vector<Item> items_;
  size_t texts_ = 0;
  std::vector<size_t> tile_begins_;
  uint64_t bytes_ = 0;
};

}  // namespace

uint64_t count_texts(TextSource& source, pretokenize::CutFunction cut, size_t least_bytes, WordCounts& counts,
                     Pool& pool) {
  FreeList<WordLane> lanes([&] { return std::make_unique<WordLane>(counts, cut, least_bytes); });
  Batch now, then;
  bool more = now.read(source);
  uint64_t bytes = now.bytes();
  for (;;) {
    const bool read = more;
    // Counts are sums, so it does not matter which lane takes which tile.
    pool.for_each(now.tiles() + 1, [&](size_t tile) {
      if (tile == 0) {
        if (read) more = then.read(source);
        return;
      }
      std::unique_ptr<WordLane> lane = lanes.take();
      now.count(tile - 1, *lane);
      lanes.give_back(std::move(lane));
    });
    if (!read) break;
    bytes += then.bytes();
    std::swap(now, then);
  }
  pool.for_each(lanes.items().size(), [&](size_t lane) { lanes.items()[lane]->finish(); });
  return bytes;
}

}  // namespace aurora::vocabulary
