// Lists of token files with weights, as people pass them to Megatron and its forks:
//   one file a line:      WEIGHT PREFIX [CORPUS]     separated by tabs or spaces (ALCF's data lists)
//   all in one line:      WEIGHT PREFIX WEIGHT PREFIX ...   (Megatron's --data-path)
//   without any weight:   PREFIX ...                 one a line; weights are then 0
// A word that begins with `#` begins a comment. PREFIX stands for PREFIX.bin and PREFIX.idx; a relative one
// starts at the list's folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/file.h"

namespace aurora::format {

struct ListEntry {
  double weight = 0;   // as written; 0: none was given
  std::string prefix;  // as written
  std::string corpus;  // last column; else the prefix's last part
  bool operator==(const ListEntry&) const = default;
};

// Error naming file and line: a weight that is no finite number >= 0, lines of two kinds, no entry at all.
std::vector<ListEntry> read_data_list(const Path& path);
std::vector<ListEntry> parse_data_list(std::string_view text, const std::string& name_in_errors);
// PREFIX as a path, from the folder in which the list lies.
Path list_entry_path(const Path& list, const ListEntry& entry);

}  // namespace aurora::format
