// Any bytes as a list of token files. What is taken must be sound.
#include "aurora/format/data_list.h"

#include <cmath>
#include <cstdlib>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  fuzz::expect_error_or_success([&] {
    for (const format::ListEntry& entry : format::parse_data_list(fuzz::text(data, size), "list")) {
      const bool sound = std::isfinite(entry.weight) && entry.weight >= 0 && !entry.prefix.empty() &&
                         !entry.corpus.empty() && entry.prefix.back() != '/';
      if (!sound) std::abort();
      format::list_entry_path("folder/list", entry);
    }
  });
  return 0;
}
