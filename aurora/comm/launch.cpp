#include "aurora/comm/launch.h"

#include <cstdlib>
#include <initializer_list>

namespace aurora::comm {

// Open MPI's mpiexec sets OMPI_*, Hydra (MPICH, Intel) and Slurm's pmi2 set PMI_*, PMIx launchers PMIX_*.
bool launched_by_mpi() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"})
    if (std::getenv(name) != nullptr) return true;
  return false;
}

int launched_ranks() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"})
    if (const char* value = std::getenv(name)) return std::atoi(value);
  return 0;
}

}  // namespace aurora::comm
