// Any bytes as another program's token file and what stands beside it. Byte 0 chooses the kind, byte 1 the
// settings, byte 2 says how many bytes make the index (or the .csv), byte 3 how many the .metadata; the rest
// are the tokens. What was converted must be readable and of the size that was told.
#include "aurora/format/token_convert.h"

#include <cstdlib>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  using format::TokenSourceKind;
  constexpr size_t kLead = 4;
  if (size < kLead) return 0;
  std::string_view rest = fuzz::text(data + kLead, size - kLead);
  const std::string_view index = rest.substr(0, data[2]);
  rest.remove_prefix(index.size());
  const std::string_view metadata = rest.substr(0, data[3]);
  rest.remove_prefix(metadata.size());

  for (const auto& entry : std::filesystem::directory_iterator(fuzz::folder()))
    std::filesystem::remove(entry);
  const TokenSourceKind kind = static_cast<TokenSourceKind>(data[0] % 8);
  Path from;
  if (kind == TokenSourceKind::kDataTrove) {
    from = fuzz::write("x.ds", rest);
    fuzz::write("x.ds.index", index);
    if (!metadata.empty()) fuzz::write("x.ds.metadata", metadata);
  } else if (kind == TokenSourceKind::kNumpy || kind == TokenSourceKind::kOlmo) {
    from = fuzz::write("x.npy", rest);
    if (!index.empty()) fuzz::write("x.csv.gz", index);  // plain text is read, too
  } else {
    from = fuzz::write("x.bin", rest);
    if (!index.empty()) fuzz::write("x.idx", index);
  }

  format::ConvertSettings settings;
  settings.kind = kind;
  if (data[1] & 1) settings.end_of_document = 1;
  settings.token_begins_document = (data[1] & 2) != 0;
  settings.token_bytes = (data[1] & 4) != 0 ? 2 : 0;
  settings.vocab_size = (data[1] & 8) != 0 ? 70'000 : 0;
  if (data[1] & 16) settings.type = static_cast<format::TokenType>(1 + (data[1] >> 5));
  if (data[3] & 1) settings.longest_sequence = 3;
  fuzz::expect_error_or_success([&] {
    const format::ConvertSummary summary = format::convert_tokens(from, fuzz::folder() / "out", settings);
    const format::TokenFile file(fuzz::folder() / "out");
    if (file.documents() != summary.documents || file.tokens() != summary.tokens) std::abort();
    for (uint64_t i = 0; i < file.documents(); ++i) file.document(i);
  });
  return 0;
}
