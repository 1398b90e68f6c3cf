// The group of one.
#pragma once

#include <memory>

#include "aurora/comm/group.h"

namespace aurora::comm {

// abort() throws an Error, as there is nobody else to stop.
std::unique_ptr<Group> self_group();

}  // namespace aurora::comm
