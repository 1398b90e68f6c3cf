// The input of a tokenize run, cut into shards for ranks and units for crashes. All of it is a function of
// the files alone.
//
// A shard is what one reader goes through: one large file, or several small ones in a row. A unit is a
// bounded piece of a shard: it is encoded, written and committed as a whole, and is what a crash costs. A
// block is what one thread encodes at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aurora/base/file.h"

namespace aurora::tokenize {

struct InputFile {
  Path path;
  uint64_t bytes = 0;       // as it is stored
  int64_t modified_ns = 0;  // with the size and the path: whether it is still the same file
};
// Error: missing, no regular file.
InputFile input_file(const Path& path);

// Bytes are those of the lines, decompressed; but shards', which are those of the files. Small ones are for
// tests.
struct Cuts {
  uint64_t shard_bytes = 16'000'000;  // a shard ends with the file that brings it to so much
  uint64_t unit_bytes = 128'000'000;  // a unit ends with the block that ..
  uint64_t block_bytes = 1'000'000;   // a block ends with the line that .., or with its file
  uint64_t line_bytes = 1 << 30;      // a longer line is refused
};

struct Shard {
  size_t first_file = 0;
  size_t files = 0;
  uint64_t bytes = 0;
};
std::vector<Shard> cut_shards(std::span<const InputFile> files, const Cuts& cuts);

// A rank's share of a shard: of its units those with number % of == index.
struct ShardShare {
  uint32_t shard = 0;
  uint32_t index = 0;
  uint32_t of = 1;
};
// What each rank does of the shards `left` (indices into `shards`), in order. Whole shards, the largest first
// to the rank that has least so far; where ranks outnumber shards they share them (and each of them has to
// read through all of it).
std::vector<ShardShare> share_of_rank(std::span<const Shard> shards, std::span<const uint32_t> left, int rank,
                                      int ranks);

}  // namespace aurora::tokenize
