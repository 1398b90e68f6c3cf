// What one rank found out about one file, as it goes to the others.
#pragma once

#include <optional>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/dataset/collection.h"
#include "aurora/dataset/collection_share.h"

namespace aurora::dataset {

struct Outcome {
  uint64_t job = 0;
  std::optional<Error> failure;  // else the rest
  std::optional<PairStamp> stamp;
  std::optional<CollectionFile> file;
  uint64_t files_read = 0;
  uint64_t bytes_read = 0;
};

std::string print_outcome(const Outcome& outcome);
Outcome parse_outcome(const Finding& finding);

// All ranks' outcomes on all ranks, ordered by job. Collective.
std::vector<Outcome> share_outcomes(comm::Group& group, std::vector<Outcome> mine);
// Rank 0's. Collective.
std::vector<Outcome> share_roots_outcomes(comm::Group& group, std::vector<Outcome> mine);

}  // namespace aurora::dataset
