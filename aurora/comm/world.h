// The group this process was started in: `mpiexec -n N aurora ...` makes N ranks, plain `aurora` makes one.
#pragma once

#include <memory>

#include "aurora/comm/group.h"

namespace aurora::comm {

// Under an MPI launcher (it tells so by OMPI_COMM_WORLD_SIZE, PMI_SIZE or PMIX_RANK) MPI is initialised here
// and finalised when the group is destroyed; a failed AURORA_CHECK then stops all ranks. Otherwise MPI is not
// touched and the group has one rank. At most one world group is alive, used from one thread at a time.
//
// The group must outlive the handler of an Error: destroyed by an exception that passes through, it leaves
// MPI unfinalised, so that the launcher ends the other ranks.
//
// Error: started by a launcher as one of several ranks, but built without MPI.
std::unique_ptr<Group> world_group();

}  // namespace aurora::comm
