// The one pass over the text: shards to units.
#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "aurora/base/progress.h"
#include "aurora/base/threads.h"
#include "aurora/tokenize/unit_file.h"

namespace aurora::tokenize {

struct EncodeTask {
  EncodeRule rule;
  std::span<const InputFile> files;
  std::span<const Shard> shards;
  Cuts cuts;
  Path work_folder;
  std::string job;
  std::set<UnitName> done;  // left by an earlier run
};

// Makes the units of these shares that are not done, each committed as soon as it is whole; there is no
// waiting for other ranks. Threads read a shard in turns and encode at once; a thread stays with its shard
// while there are shards enough. Returns the number of units made. Error: what reading or writing throws;
// units committed by then stay.
uint64_t encode_units(const EncodeTask& task, const std::vector<ShardShare>& shares, Pool& pool,
                      Progress& progress);

}  // namespace aurora::tokenize
