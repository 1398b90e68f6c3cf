// Any bytes as a file of each format; the first byte chooses. Every outcome is documents and problems, never
// an Error.
#include <cstdlib>

#include "aurora/corpus/clean.h"
#include "aurora/corpus/reader.h"
#include "tests/fuzz/fuzz.h"

namespace {

class Cleaner : public aurora::corpus::Sink {
 public:
  void document(aurora::corpus::RawDocument&& document) override {
    const std::string once = aurora::corpus::clean(document.text).text;
    if (aurora::corpus::clean(once).text != once) std::abort();  // cleaning a clean text changes nothing
  }
  void problem(aurora::corpus::FileProblem&&) override {}
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  static const char* const kFormats[] = {"auto", "man", "html", "text", "markdown", "rst", "latex", "jsonl"};
  if (size == 0) return 0;
  const Path path = fuzz::write("x", fuzz::text(data + 1, size - 1));
  Cleaner sink;
  corpus::read_file_documents(path, "x", kFormats[data[0] % 8], {}, sink);
  return 0;
}
