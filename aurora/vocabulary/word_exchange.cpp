#include "aurora/vocabulary/word_exchange.h"

#include <string>

#include "aurora/vocabulary/word_records.h"

namespace aurora::vocabulary {
namespace {

constexpr int kTag = 40;
constexpr size_t kMessage = 4 << 20;

// A shard as messages of records, each led by its size; an empty one ends it.
void send_message(const std::string& records, int peer, comm::Group& group) {
  const uint64_t size = records.size();
  group.send(&size, sizeof size, peer, kTag);
  if (size > 0) group.send(records.data(), size, peer, kTag);
}

void send_shard(WordCounts& counts, size_t shard, int peer, comm::Group& group) {
  std::string records;
  counts.visit(shard, [&](std::string_view word, uint64_t count) {
    append_record(records, word, count);
    if (records.size() < kMessage) return;
    send_message(records, peer, group);
    records.clear();
  });
  if (!records.empty()) send_message(records, peer, group);
  send_message({}, peer, group);
  counts.drop(shard);
}

void receive_shard(WordCounts& counts, size_t shard, int peer, comm::Group& group) {
  std::string records;
  for (;;) {
    uint64_t size = 0;
    group.receive(&size, sizeof size, peer, kTag);
    if (size == 0) return;
    records.resize(size);
    group.receive(records.data(), size, peer, kTag);
    counts.add_records(shard, records);
  }
}

int owner(size_t shard, const comm::Group& group) {
  return static_cast<int>(shard % static_cast<size_t>(group.size()));
}

// All shards that `to` owns, from `from` to `to`; the other ranks do nothing.
void move_shards(WordCounts& counts, int from, int to, comm::Group& group) {
  for (size_t shard = 0; shard < WordCounts::kShards; ++shard) {
    if (owner(shard, group) != to) continue;
    if (group.rank() == from) send_shard(counts, shard, to, group);
    if (group.rank() == to) receive_shard(counts, shard, from, group);
  }
}

}  // namespace

void gather_words(WordCounts& counts, comm::Group& group, Pool& pool) {
  // Every rank goes through the pairs of ranks in one order, so no two wait for each other.
  for (int a = 0; a < group.size(); ++a) {
    for (int b = a + 1; b < group.size(); ++b) {
      move_shards(counts, a, b, group);
      move_shards(counts, b, a, group);
    }
  }
  counts.finish(pool);
  for (size_t shard = 0; shard < WordCounts::kShards; ++shard) {
    const int from = owner(shard, group);
    if (from == 0) continue;
    if (group.rank() == from) send_shard(counts, shard, 0, group);
    if (group.rank() == 0) receive_shard(counts, shard, from, group);
  }
  counts.finish(pool);
}

}  // namespace aurora::vocabulary
