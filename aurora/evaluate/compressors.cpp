#include "aurora/evaluate/compressors.h"

#include <lzma.h>

#include <vector>

#include "aurora/base/check.h"
#include "aurora/base/stream.h"

namespace aurora::evaluate {
namespace {

uint64_t xz_size(std::string_view bytes) {
  std::vector<uint8_t> out(lzma_stream_buffer_bound(bytes.size()));
  size_t size = 0;
  const lzma_ret result =
      lzma_easy_buffer_encode(9, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const uint8_t*>(bytes.data()),
                              bytes.size(), out.data(), &size, out.size());
  AURORA_CHECK(result == LZMA_OK, "lzma returned {}", static_cast<int>(result));
  return size;
}

}  // namespace

CompressedSizes compressed_sizes(std::string_view bytes) {
  return {gzip_compress(bytes, 9).size(), xz_size(bytes), zstd_compress(bytes, 19).size()};
}

}  // namespace aurora::evaluate
