// Any bytes as a .npy file. What was read is written anew and must be read as the same.
#include "aurora/format/npy.h"

#include <algorithm>
#include <cstdlib>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  const Path path = fuzz::write("x.npy", fuzz::text(data, size));
  fuzz::expect_error_or_success([&] {
    const format::NpyFile file(path);
    fuzz::expect_error_or_success([&] {
      const std::span<const int64_t> numbers = file.as<int64_t>();
      if (!numbers.empty()) static_cast<void>(static_cast<volatile int64_t>(numbers.back()));
    });
    format::NpyWriter writer(fuzz::folder() / "y.npy", file.type(), file.shape());
    writer.write(file.bytes().data(), file.bytes().size());
    writer.commit();
    const format::NpyFile again(fuzz::folder() / "y.npy");
    if (again.type() != file.type() || again.shape() != file.shape() ||
        !std::ranges::equal(again.bytes(), file.bytes())) {
      std::abort();
    }
  });
  return 0;
}
