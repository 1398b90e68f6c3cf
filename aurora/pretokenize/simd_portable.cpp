#include "aurora/pretokenize/simd_portable.h"

#include "aurora/pretokenize/simd_families.h"

namespace aurora::pretokenize {
namespace {

template <class Family>
struct PortableCut {
  [[gnu::flatten]] static size_t run(std::string_view text, size_t at, std::span<uint32_t> ends) {
    return SimdScan<Portable, Family>::run(text, at, ends);
  }
};

}  // namespace

const SimdCuts kPortableCuts = make_simd_cuts<PortableCut>("portable");

}  // namespace aurora::pretokenize
