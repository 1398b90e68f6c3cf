// Any bytes as an .idx beside a .bin of as many bytes as the first says; then everything is asked for.
#include "aurora/format/token_file.h"

#include <cstdlib>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace {

using namespace aurora;

// What an index that was not read whole may lie about must end in an Error.
void ask_for_everything(const format::TokenFile& file) {
  for (uint64_t i = 0; i < std::min<uint64_t>(file.sequences(), 300); ++i) {
    fuzz::expect_error_or_success([&] { file.sequence_begin(i); });
    fuzz::expect_error_or_success([&] { file.sequence_tokens(i); });
    file.mode(i);
  }
  for (uint64_t i = 0; i < std::min<uint64_t>(file.documents(), 300); ++i)
    fuzz::expect_error_or_success([&] { file.document(i); });
  for (uint64_t token = 0; token < file.tokens(); ++token)
    fuzz::expect_error_or_success([&] { file.document_of(token); });
  std::vector<std::byte> raw(file.tokens() * format::token_type_bytes(file.type()));
  file.will_need(0, file.tokens());
  file.read_raw(0, file.tokens(), raw.data());
}

// A file that was read whole keeps its word: documents and sequences tile the stream.
void expect_whole(const format::TokenFile& file) {
  uint64_t end = 0;
  for (uint64_t i = 0; i < file.sequences(); ++i) {
    if (file.sequence_begin(i) != end) std::abort();
    end += file.sequence_tokens(i);
  }
  if (end != file.tokens()) std::abort();
  for (uint64_t token = 0; token < file.tokens(); ++token) {
    const uint64_t document = file.document_of(token);
    if (file.document_begin(document) > token || file.document_begin(document + 1) <= token) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  fuzz::write("x.bin", std::string(data[0], '\1'));
  fuzz::write("x.idx", fuzz::text(data + 1, size - 1));
  for (const format::TokenCheck check : {format::TokenCheck::kFull, format::TokenCheck::kEnds}) {
    fuzz::expect_error_or_success([&] {
      const format::TokenFile file(fuzz::folder() / "x", check);
      ask_for_everything(file);
      if (check == format::TokenCheck::kFull) expect_whole(file);
    });
  }
  return 0;
}
