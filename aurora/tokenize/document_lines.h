// The lines of one part of a documents folder, of which only those are parsed that are wanted.
#pragma once

#include <string_view>

#include "aurora/format/document.h"
#include "aurora/tokenize/shard_reader.h"

namespace aurora::tokenize {

// Not thread-safe. Error naming file and line: a damaged file, a line that is parsed and is no document.
class DocumentLines {
 public:
  explicit DocumentLines(const Path& part);
  bool next();  // false at the end
  // The line that next() came to; views hold until the next call.
  void parse(format::DocumentView& document);

 private:
  std::vector<InputFile> files_;
  ShardReader reader_;
  Block block_;
  std::string_view rest_;
  std::string_view line_;
  uint64_t number_ = 0;
  format::DocumentParser parser_;
};

}  // namespace aurora::tokenize
