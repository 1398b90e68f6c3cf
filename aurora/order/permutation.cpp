#include "aurora/order/permutation.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace aurora::order {
namespace {

using PermuteRun = void (*)(const PermutationShape& shape, uint64_t key, uint64_t first,
                            std::span<uint64_t> out);

void one_by_one(const PermutationShape& shape, uint64_t key, uint64_t first, std::span<uint64_t> out) {
  for (uint64_t& to : out) to = permute(shape, key, first++);
}

#if defined(__x86_64__)
constexpr size_t kLanes = 8;
using Lanes = uint64_t __attribute__((vector_size(kLanes * sizeof(uint64_t))));

[[gnu::target("avx512f,avx512dq,avx512vl")]] void eight_at_once(const PermutationShape& shape, uint64_t key,
                                                                uint64_t first, std::span<uint64_t> out) {
  const Lanes steps{0, 1, 2, 3, 4, 5, 6, 7};
  for (size_t i = 0; i < out.size(); i += kLanes) {
    // Lanes behind the end go through the network as well and are left out.
    Lanes once = steps + (first + i);
    feistel<kRounds>(shape, key, once);
    uint64_t to[kLanes];
    std::memcpy(to, &once, sizeof to);
    const size_t count = std::min(kLanes, out.size() - i);
    for (size_t lane = 0; lane < count; ++lane)
      out[i + lane] = to[lane] < shape.size() ? to[lane] : permute_by<kRounds>(shape, key, to[lane]);
  }
}

PermuteRun find_run() {
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  return avx512 ? eight_at_once : one_by_one;
}
#else
PermuteRun find_run() {
  return one_by_one;
}
#endif

}  // namespace

uint64_t permute_small(const PermutationShape& shape, uint64_t key, uint64_t index) {
  return permute_by<kSmallRounds>(shape, key, index);
}

void permute_run(const PermutationShape& shape, uint64_t key, uint64_t first, std::span<uint64_t> out) {
  static const PermuteRun run = find_run();
  if (out.size() < 3 || shape.size() < kSmallSize)
    one_by_one(shape, key, first, out);
  else
    run(shape, key, first, out);
}

}  // namespace aurora::order
