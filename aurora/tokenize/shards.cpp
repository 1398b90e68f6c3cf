#include "aurora/tokenize/shards.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "aurora/base/error.h"

namespace aurora::tokenize {

InputFile input_file(const Path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) throw system_error("open", path.string(), errno);
  if (!S_ISREG(status.st_mode)) {
    throw Error("not a regular file", path.string(),
                "name files of JSON lines (.jsonl, .jsonl.zst, .jsonl.gz)");
  }
  return {path, static_cast<uint64_t>(status.st_size),
          int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec};
}

std::vector<Shard> cut_shards(std::span<const InputFile> files, const Cuts& cuts) {
  std::vector<Shard> shards;
  for (size_t i = 0; i < files.size(); ++i) {
    if (shards.empty() || shards.back().bytes >= cuts.shard_bytes) shards.push_back({i, 0, 0});
    ++shards.back().files;
    shards.back().bytes += files[i].bytes;
  }
  return shards;
}

std::vector<ShardShare> share_of_rank(std::span<const Shard> shards, std::span<const uint32_t> left, int rank,
                                      int ranks) {
  const auto mine = static_cast<uint32_t>(rank);
  const auto all = static_cast<uint32_t>(ranks);
  const auto count = static_cast<uint32_t>(left.size());
  if (count == 0) return {};
  if (count < all) {
    const uint32_t at = mine % count;
    return {{left[at], mine / count, (all - at + count - 1) / count}};
  }
  std::vector<uint32_t> by_size(left.begin(), left.end());
  std::stable_sort(by_size.begin(), by_size.end(),
                   [&](uint32_t a, uint32_t b) { return shards[a].bytes > shards[b].bytes; });
  std::vector<uint64_t> load(all);
  std::vector<ShardShare> shares;
  for (const uint32_t shard : by_size) {
    const auto least = std::min_element(load.begin(), load.end());
    *least += shards[shard].bytes + 1;  // empty ones are spread, too
    if (static_cast<uint32_t>(least - load.begin()) == mine) shares.push_back({shard, 0, 1});
  }
  std::sort(shares.begin(), shares.end(),
            [](const ShardShare& a, const ShardShare& b) { return a.shard < b.shard; });
  return shares;
}

}  // namespace aurora::tokenize
