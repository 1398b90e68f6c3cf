// What an earlier manifest and its stamps still say.
#pragma once

#include <span>

#include "aurora/dataset/collection_wire.h"

namespace aurora::dataset {

// For each place that the manifest `known` holds with a stamp: an Outcome with job = index in `places`, file
// and stamp. Whether the stamps still hold is for the caller to see. None when there is no such manifest;
// none and a warning when it is damaged.
std::vector<Outcome> known_files(const Path& known, std::span<const Path> places, Log& log);

}  // namespace aurora::dataset
