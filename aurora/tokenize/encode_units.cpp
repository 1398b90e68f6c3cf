#include "aurora/tokenize/encode_units.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

#include "aurora/tokenize/shard_reader.h"

namespace aurora::tokenize {
namespace {

// Blocks of one shard, per thread, that may be in memory: one that takes long holds up those behind it.
constexpr uint64_t kBlocksInFlight = 4;

// A shard on its way. One thread at a time reads it; blocks that were encoded out of order wait here for
// those before them.
class OpenShard {
 public:
  OpenShard(const EncodeTask& task, const ShardShare& share)
      : task_(task), share_(share), reader_(task.files, task.shards[share.shard], task.cuts) {}

  // Guarded by the Crew's mutex.
  bool busy = false;
  bool at_end = false;
  uint64_t blocks_in_flight = 0;

  // The next block that is to be encoded; false at the end. By the thread that has the shard.
  bool read(Block& block) {
    while (reader_.next(block)) {
      const bool ours = block.unit % share_.of == share_.index;
      if (ours && !task_.done.contains({share_.shard, block.unit})) return true;
    }
    return false;
  }

  struct Written {
    uint64_t blocks = 0;
    uint64_t units = 0;  // committed
  };
  // Takes blocks in any order from any thread.
  Written write(const Block& block, EncodedBlock encoded) {
    Written done;
    std::unique_ptr<UnitWriter> whole;
    bool ends_shard = false;
    {
      const std::lock_guard lock(mutex_);
      Unit& unit = units_[block.unit];
      unit.waiting.emplace(block.number, std::move(encoded));
      if (block.ends_unit) unit.blocks = block.number + 1;
      if (block.ends_shard) unit.ends_shard = true;
      done.blocks = write_waiting(unit, {share_.shard, block.unit});
      if (unit.written == unit.blocks) {
        whole = std::move(unit.writer);
        ends_shard = unit.ends_shard;
        units_.erase(block.unit);
      }
    }
    if (whole) {
      whole->commit(ends_shard);  // the others go on
      done.units = 1;
    }
    return done;
  }

 private:
  struct Unit {
    std::unique_ptr<UnitWriter> writer;
    std::map<uint64_t, EncodedBlock> waiting;  // by number
    uint64_t written = 0;
    uint64_t blocks = UINT64_MAX;  // known with the last one
    bool ends_shard = false;
  };

  uint64_t write_waiting(Unit& unit, UnitName name) {
    if (!unit.writer)
      unit.writer = std::make_unique<UnitWriter>(task_.work_folder, name, task_.job, task_.rule.type());
    uint64_t blocks = 0;
    for (; !unit.waiting.empty() && unit.waiting.begin()->first == unit.written; ++blocks, ++unit.written) {
      unit.writer->add(unit.waiting.begin()->second);
      unit.waiting.erase(unit.waiting.begin());
    }
    return blocks;
  }

  const EncodeTask& task_;
  ShardShare share_;
  ShardReader reader_;
  std::mutex mutex_;
  std::map<uint32_t, Unit> units_;
};

// The threads of a rank and the shards that they are at.
class Crew {
 public:
  Crew(const EncodeTask& task, const std::vector<ShardShare>& shares, int threads, Progress& progress)
      : task_(task), shares_(shares), threads_(static_cast<uint64_t>(threads)), progress_(progress) {}

  void work() {
    try {
      BlockEncoder encoder(task_.rule, words_);
      Block block;
      for (std::shared_ptr<OpenShard> shard; (shard = take(shard));) {
        const bool more = shard->read(block);
        give_back(*shard, more);
        if (!more) continue;
        const OpenShard::Written written = shard->write(block, encoder.encode(block));
        units_ += written.units;
        progress_.add(block.lines().size());
        leave(*shard, written.blocks);
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failed_ = true;
      changed_.notify_all();
      throw;
    }
  }
  uint64_t units() const { return units_; }

 private:
  // A shard to read a block of, for this thread alone until give_back(): the last one again if it is free,
  // else one that nobody has begun, else any. Null: all are read, or a thread has failed.
  std::shared_ptr<OpenShard> take(const std::shared_ptr<OpenShard>& last) {
    std::unique_lock lock(mutex_);
    for (;;) {
      if (failed_) return nullptr;
      std::erase_if(open_, [](const auto& shard) { return shard->at_end; });
      if (open_.empty() && next_share_ == shares_.size()) return nullptr;
      std::shared_ptr<OpenShard> found = last && is_free(*last) ? last : nullptr;
      if (!found && next_share_ < shares_.size() && open_.size() < threads_) {
        found = open_.emplace_back(std::make_shared<OpenShard>(task_, shares_[next_share_++]));
      }
      for (size_t i = 0; !found && i < open_.size(); ++i) {
        if (is_free(*open_[i])) found = open_[i];
      }
      if (found) {
        found->busy = true;
        return found;
      }
      changed_.wait(lock);
    }
  }

  bool is_free(const OpenShard& shard) const {
    return !shard.busy && !shard.at_end && shard.blocks_in_flight < kBlocksInFlight * threads_;
  }

  void give_back(OpenShard& shard, bool more) {
    const std::lock_guard lock(mutex_);
    shard.busy = false;
    shard.at_end = !more;
    shard.blocks_in_flight += more ? 1 : 0;
    if (!more) progress_.note(fmt::format("{} of {} shards", ++ended_, shares_.size()));
    changed_.notify_all();
  }

  void leave(OpenShard& shard, uint64_t blocks) {
    const std::lock_guard lock(mutex_);
    shard.blocks_in_flight -= blocks;
    if (blocks > 0) changed_.notify_all();
  }

  const EncodeTask& task_;
  const std::vector<ShardShare>& shares_;
  uint64_t threads_;
  const std::shared_ptr<tokenizer::SharedWords> words_ = tokenizer::shared_words();
  Progress& progress_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<OpenShard>> open_;  // not read to the end
  size_t next_share_ = 0;
  size_t ended_ = 0;
  bool failed_ = false;
  std::atomic<uint64_t> units_{0};
};

}  // namespace

uint64_t encode_units(const EncodeTask& task, const std::vector<ShardShare>& shares, Pool& pool,
                      Progress& progress) {
  Crew crew(task, shares, pool.threads(), progress);
  pool.for_each(static_cast<size_t>(pool.threads()), [&](size_t) { crew.work(); });
  return crew.units();
}

}  // namespace aurora::tokenize
