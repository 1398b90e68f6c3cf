#include "aurora/parallel/strand_tree.h"

#include <bit>

#include "aurora/base/check.h"

namespace aurora::parallel {
namespace {

// First strand of a rank: rank * strands / ranks, rounded up.
int64_t first_of(int64_t rank, int64_t ranks, int64_t strands) {
  return (rank * strands + ranks - 1) / ranks;
}

}  // namespace

int64_t split_of(StrandRange node) {
  AURORA_CHECK(node.size() >= 2, "a node of {} strands does not split", node.size());
  return node.begin + static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(node.size() - 1)));
}

StrandRange parent_of(StrandRange node, int64_t strands) {
  StrandRange at{0, strands};
  while (at.size() >= 2) {
    const int64_t middle = split_of(at);
    const StrandRange left{at.begin, middle}, right{middle, at.end};
    if (node == left || node == right) return at;
    at = node.begin < middle ? left : right;
  }
  check_failed(__FILE__, __LINE__, fmt::format("[{}, {}) has no parent", node.begin, node.end));
}

StrandRange strands_of(int rank, int ranks, int64_t strands) {
  AURORA_CHECK(rank >= 0 && rank < ranks && strands >= 1, "rank {} of {}, {} strands", rank, ranks, strands);
  return {first_of(rank, ranks, strands), first_of(rank + 1, ranks, strands)};
}

int owner_of(int64_t strand, int ranks, int64_t strands) {
  AURORA_CHECK(strand >= 0 && strand < strands, "strand {} of {}", strand, strands);
  // The largest rank whose first strand is not behind this one.
  return static_cast<int>(strand * ranks / strands);
}

}  // namespace aurora::parallel
