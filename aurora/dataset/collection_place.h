// Where the files of a collection lie, seen from one folder or from another.
#pragma once

#include "aurora/base/file.h"

namespace aurora::dataset {

// Absolute and without links; "" is the working folder. It need not exist.
Path real_folder(const Path& folder);
// `prefix` as seen from `folder`, absolute: two prefixes with the same place name the same files.
Path place_of(const Path& prefix, const Path& real_folder);
// A prefix relative to folder `from` becomes one relative to folder `to`, both real; an absolute one stays.
Path moved_prefix(const Path& prefix, const Path& from, const Path& to);

}  // namespace aurora::dataset
