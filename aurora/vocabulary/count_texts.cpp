#include "aurora/vocabulary/count_texts.h"

#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/free_list.h"
#include "aurora/vocabulary/word_exchange.h"

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
  void count(size_t tile, const CountText& count, WordLane& lane) const {
    const size_t end = tile + 1 < tile_begins_.size() ? tile_begins_[tile + 1] : texts_;
    for (size_t i = tile_begins_[tile]; i < end; ++i) {
      if (items_[i].weight > 0) count(items_[i].text, items_[i].weight, lane);
    }
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

uint64_t count_texts(TextSource& source, const CountText& count, size_t least_bytes, WordCounts& counts,
                     Pool& pool) {
  FreeList<WordLane> lanes([&] { return std::make_unique<WordLane>(counts, least_bytes); });
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
      now.count(tile - 1, count, *lane);
      lanes.give_back(std::move(lane));
    });
    if (!read) break;
    bytes += then.bytes();
    std::swap(now, then);
  }
  pool.for_each(lanes.items().size(), [&](size_t lane) { lanes.items()[lane]->finish(); });
  return bytes;
}

void finish_counts(WordCounts& counts, Pool& pool, comm::Group* group, TrainResult& result) {
  counts.finish(pool);
  result.unique_words = counts.words();
  result.unique_word_bytes = counts.word_bytes();
  if (group != nullptr) {
    gather_words(counts, *group, pool);
    int64_t bytes = static_cast<int64_t>(result.text_bytes);
    group->sum(std::span(&bytes, 1));
    std::array<uint64_t, 2> words = {counts.words(), counts.word_bytes()};
    group->broadcast(words.data(), sizeof words, 0);
    result.text_bytes = static_cast<uint64_t>(bytes);
    result.unique_words = words[0];
    result.unique_word_bytes = words[1];
  }
  result.table_bytes = counts.peak_memory_bytes();
  result.spilled_bytes = counts.spilled_bytes();
}

}  // namespace aurora::vocabulary
