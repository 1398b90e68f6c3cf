// An order from a list of token files (format/data_list.h) or a collection's manifest (dataset/collection.h),
// without a recipe. Where the files of a list are not there, its weights stand for them as shares of the
// tokens: enough to plan, prove and measure an order.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/base/log.h"
#include "aurora/base/threads.h"
#include "aurora/dataset/token_files.h"
#include "aurora/order/order.h"

namespace aurora::dataset {

struct ListSettings {
  Path list;
  double tokens = 0;  // of the run; 0: of the files, once through
  uint64_t sequence_length = 4096;
  uint64_t seed = 1234;
  order::Mode mode = order::Mode::kWindows;
  uint64_t block_windows = 64;
};

struct ListOrder {
  order::OrderSpec spec;                 // one stage without end
  std::vector<std::string> names;        // per file of the spec
  std::vector<TokenFileSource> sources;  // per file of the spec; empty: the files are not there
  uint64_t tokens = 0;                   // of the run
};

// Files of weight 0, where others have one, are left out. Errors: those of the list, the manifest and its
// files; files that are only partly there; no files and no --tokens; packed without files.
ListOrder read_list_order(const ListSettings& settings, Pool& pool, Log& log);

}  // namespace aurora::dataset
