// How this process was started. For world_group() only.
#pragma once

namespace aurora::comm {

bool launched_by_mpi();
// The number of ranks if the launcher tells it, else 0.
int launched_ranks();

}  // namespace aurora::comm
