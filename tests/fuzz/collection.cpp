// Any bytes as the manifest of a collection, and as the stamps beside one. A manifest that is taken must be
// written and come back the same.
#include <cstdlib>

#include "aurora/dataset/collection_json.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  const std::string_view text = fuzz::text(data, size);
  fuzz::expect_error_or_success([&] {
    const dataset::Collection collection = dataset::parse_collection(text, "collection.json");
    const std::string printed = dataset::print_collection(collection);
    if (dataset::parse_collection(printed, "printed").files != collection.files) std::abort();
  });
  // Each line as one file, which needs no right identity of the whole.
  fuzz::expect_error_or_success([&] { dataset::parse_collection_file(text, "line"); });
  // Stamps that name their manifest rightly, as a damaged file still may.
  const size_t line = text.find('\n');
  if (line != text.npos) {
    const std::string head = dataset::print_stamps({}, "manifest");
    const auto stamps = dataset::parse_stamps(head + std::string(text.substr(line + 1)), "manifest");
    if (stamps && dataset::parse_stamps(dataset::print_stamps(*stamps, "manifest"), "manifest") != stamps) {
      std::abort();
    }
  }
  return 0;
}
