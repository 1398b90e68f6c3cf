// General-purpose compressors as a yardstick: a model that predicts text worse than gzip has learnt little.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aurora::evaluate {

struct CompressedSizes {
  uint64_t gzip = 0;  // gzip -9, with its header, bytes
  uint64_t xz = 0;    // xz -9
  uint64_t zstd = 0;  // zstd -19
};
CompressedSizes compressed_sizes(std::string_view bytes);

}  // namespace aurora::evaluate
