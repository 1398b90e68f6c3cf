// Built without MPI: one rank, or an Error where a launcher started several.
#include "aurora/base/error.h"
#include "aurora/comm/launch.h"
#include "aurora/comm/self.h"
#include "aurora/comm/world.h"

namespace aurora::comm {

std::unique_ptr<Group> world_group() {
  if (launched_ranks() > 1)
    throw Error("this program was built without MPI and cannot be one of several ranks", "",
                "start it without mpiexec, or build where MPI is installed");
  return self_group();
}

}  // namespace aurora::comm
