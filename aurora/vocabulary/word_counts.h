// Unique words of many texts and how often they occur, counted by many threads in bounded memory.
//
// Words go to one of 64 shards by their hash. Threads count through lanes (word_lane.h), which keep what is
// frequent to themselves and hand the rest over in batches, one shard at a time. When the tables would need
// more than memory_bytes, shards are written to a nameless temporary file as runs and begun anew; finish()
// adds the runs of each shard up. So words and counts are the same for any bound, and at the end one shard
// per thread must fit in memory: about 1/64 of all unique words.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/base/threads.h"
#include "aurora/vocabulary/spill_file.h"
#include "aurora/vocabulary/word_table.h"

namespace aurora::vocabulary {

struct ShortCount {
  WordKey key;
  uint64_t count;
};
struct LongCount {  // bytes lie in a buffer beside
  uint64_t hash;
  uint64_t count;
  uint32_t begin;
  uint32_t size;
};
using WordVisitor = std::function<void(std::string_view word, uint64_t count)>;

class WordCounts {
 public:
  static constexpr size_t kShards = 64;
  static size_t shard_of(uint64_t hash) { return hash >> 58; }

  // spill_folder: where runs are written; empty: the system's folder for temporary files.
  explicit WordCounts(uint64_t memory_bytes = uint64_t{1} << 40, Path spill_folder = {});

  // Thread-safe.
  void add_batch(size_t shard, std::span<const ShortCount> words, std::span<const LongCount> long_words,
                 std::string_view long_bytes);
  // One word of 1 to kLongestWord bytes. Not thread-safe.
  void add(std::string_view word, uint64_t count);
  // Words of one shard as word_records.h writes them. Thread-safe.
  void add_records(size_t shard, std::string_view records);
  // After the last add; may be called again after more. Error: the temporary file cannot be written or read.
  void finish(Pool& pool);

  // After finish().
  uint64_t words() const;
  uint64_t word_bytes() const;
  uint64_t words(size_t shard) const { return shards_[shard].words; }
  uint64_t word_bytes(size_t shard) const { return shards_[shard].word_bytes; }
  // Every word of a shard once, always in the same order in one process, but in none that results may depend
  // on. Thread-safe.
  void visit(size_t shard, const WordVisitor& use) const;
  // Forgets a shard, to give its memory back.
  void drop(size_t shard);

  uint64_t peak_memory_bytes() const { return peak_; }  // of the tables
  uint64_t spilled_bytes() const { return file_ ? file_->size() : 0; }

 private:
  struct Shard {
    std::mutex mutex;
    WordTable table;
    std::vector<SpillFile::Run> runs;
    uint64_t words = 0;
    uint64_t word_bytes = 0;
  };
  void account(int64_t grown);
  void account_for(Shard& shard, uint64_t memory_before);  // and spills it when memory is short
  void spill(Shard& shard);
  void combine(Shard& shard);

  uint64_t memory_limit_;
  Path spill_folder_;
  std::array<Shard, kShards> shards_;
  std::atomic<int64_t> memory_ = 0;
  std::atomic<int64_t> peak_ = 0;
  std::once_flag file_once_;
  std::unique_ptr<SpillFile> file_;
};

}  // namespace aurora::vocabulary
