// Ranks that are threads of one process: for tests of whatever must not depend on the number of ranks.
#pragma once

#include <functional>

#include "aurora/comm/group.h"

namespace aurora::comm {

// Runs fn on `ranks` threads at once, each with its own rank of one group, and returns when all have ended.
// An exception on one rank aborts the others, and is rethrown here.
void run_threads(int ranks, const std::function<void(Group&)>& fn);

}  // namespace aurora::comm
