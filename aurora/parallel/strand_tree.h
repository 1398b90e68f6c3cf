// The fixed binary tree along which the strands of a global batch are summed, and who owns what of it.
//
// A strand is a run of leaves that are added in order into one buffer; the number S of strands stands in the
// recipe. Node [begin, end) of the tree splits at begin + the largest power of two below its size, so that
// the tree depends on S only: not on ranks, threads or the order in which strands are finished.
#pragma once

#include <compare>
#include <cstdint>

namespace aurora::parallel {

struct StrandRange {
  int64_t begin = 0;
  int64_t end = 0;  // behind the last

  int64_t size() const { return end - begin; }
  auto operator<=>(const StrandRange&) const = default;
};

// Where a node of two strands or more splits.
int64_t split_of(StrandRange node);
// The node that `node`, of the tree over `strands` strands, is a child of; `node` must not be the root.
StrandRange parent_of(StrandRange node, int64_t strands);

// The run of strands that a rank computes: runs differ by at most one strand, and rank 0's is not empty. With
// more ranks than strands some runs are.
StrandRange strands_of(int rank, int ranks, int64_t strands);
int owner_of(int64_t strand, int ranks, int64_t strands);

}  // namespace aurora::parallel
