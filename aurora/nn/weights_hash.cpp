#include "aurora/nn/weights_hash.h"

namespace aurora::nn {
namespace {

void update_u64(Hasher& hasher, uint64_t value) {
  unsigned char bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<unsigned char>(value >> (8 * i));
  hasher.update(bytes, sizeof bytes);
}

}  // namespace

Hash128 weights_hash(const ParameterLayout& layout, const View& master) {
  AURORA_CHECK(master.kind == device::Kind::kCpu, "the master must be in host memory");
  AURORA_CHECK_EQ(master.dim(0), layout.elements());
  const float* flat = master.as<float>();
  Hasher hasher;
  for (const NamedPart& part : named_parts(layout)) {
    update_u64(hasher, part.name.size());
    hasher.update(part.name);
    update_u64(hasher, part.shape.size());
    for (int64_t extent : part.shape) update_u64(hasher, static_cast<uint64_t>(extent));
    hasher.update(flat + part.offset, static_cast<size_t>(part.elements) * sizeof(float));
  }
  return hasher.digest();
}

}  // namespace aurora::nn
