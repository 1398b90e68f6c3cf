// How work on many files is shared out over ranks, and its results are told to all.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aurora/comm/group.h"

namespace aurora::dataset {

// Which rank does which job: the largest first, each to the rank that has the least bytes so far (equal ones:
// the lowest).
std::vector<int> assign_ranks(std::span<const uint64_t> bytes, int ranks);
// The jobs of one rank, largest first, so that its threads end together.
std::vector<size_t> jobs_of(std::span<const uint64_t> bytes, std::span<const int> owners, int rank);

struct Finding {
  uint64_t job = 0;
  std::string text;
};

// The findings of all ranks on all ranks, ordered by job. Collective.
std::vector<Finding> share(comm::Group& group, std::vector<Finding> mine);
// Those of rank 0 on all ranks, as they are. Collective.
std::vector<Finding> share_roots(comm::Group& group, std::vector<Finding> mine);

}  // namespace aurora::dataset
