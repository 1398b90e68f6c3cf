// Reads a shard in blocks of whole lines.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/stream.h"
#include "aurora/tokenize/shards.h"

namespace aurora::tokenize {

// Something that is wrong with an input file, and where: "path:line".
struct InputProblem {
  std::string where;
  std::string what;
};

// Whole lines of one file; may be empty. Its buffer is used again for the next one.
class Block {
 public:
  std::string_view lines() const { return {buffer_.get(), size_}; }  // DocumentParser::kPadding behind them

  uint32_t unit = 0;        // of the shard
  uint64_t number = 0;      // of the unit
  bool ends_unit = false;   //
  bool ends_shard = false;  // then it is empty and ends a unit, too
  const InputFile* file = nullptr;
  uint64_t first_line = 1;             // its number in the file
  std::vector<InputProblem> problems;  // behind these lines: damage, a line that is too long

 private:
  friend class ShardReader;
  void reserve(size_t bytes);  // keeps the first size_ bytes
  void forget();
  std::unique_ptr<char[]> buffer_;
  size_t room_ = 0;
  size_t size_ = 0;
};

// Takes the next line off `rest`, without its newline; false at the end.
inline bool next_line(std::string_view& rest, std::string_view& line) {
  if (rest.empty()) return false;
  const size_t size = std::min(rest.find('\n'), rest.size());
  line = rest.substr(0, size);
  rest.remove_prefix(std::min(size + 1, rest.size()));
  return true;
}

// Not thread-safe. Files that cannot be opened are an Error; damage inside one ends that file.
class ShardReader {
 public:
  ShardReader(std::span<const InputFile> files, const Shard& shard, const Cuts& cuts);
  ~ShardReader();

  // The next block; false behind the one that ends the shard. Where units and blocks end depends on the files
  // and the cuts alone.
  bool next(Block& block);

 private:
  void fill(Block& block);
  size_t read_line_end(Block& block, size_t from, size_t most);
  bool read_more(Block& block, size_t room);
  void drop_line(Block& block, std::string line);
  void end_file(Block& block);

  std::span<const InputFile> files_;
  Cuts cuts_;
  size_t next_file_ = 0;
  const InputFile* file_ = nullptr;
  std::unique_ptr<Reader> reader_;  // null: between files
  bool at_end_ = false;             // of the file
  InputProblem damage_;             // that ended the file, told with its last block
  std::string rest_;                // read behind the last block
  uint64_t lines_ = 0;              // of this file so far
  uint32_t unit_ = 0;
  uint64_t block_ = 0;
  uint64_t unit_bytes_ = 0;
  bool ended_ = false;
};

}  // namespace aurora::tokenize
