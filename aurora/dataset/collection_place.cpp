#include "aurora/dataset/collection_place.h"

namespace aurora::dataset {
namespace {

struct Place {
  Path folder;
  Path rest;
};

// Takes leading "." and ".." off `prefix`. In a folder without links, and only there, ".." is the folder
// above; behind a name that may be a link it must stay.
Place descend(const Path& prefix, const Path& real_folder) {
  Place place{real_folder, {}};
  for (const Path& part : prefix) {
    if (place.rest.empty() && part == ".") continue;
    if (place.rest.empty() && part == "..") {
      place.folder = place.folder.parent_path();
    } else {
      place.rest /= part;
    }
  }
  return place;
}

}  // namespace

Path real_folder(const Path& folder) {
  std::error_code failed;
  const Path absolute = std::filesystem::absolute(folder.empty() ? "." : folder);
  Path real = std::filesystem::weakly_canonical(absolute, failed);
  if (failed) real = absolute.lexically_normal();
  return real.has_filename() || !real.has_relative_path() ? real : real.parent_path();  // no '/' at the end
}

Path place_of(const Path& prefix, const Path& real_folder) {
  if (prefix.is_absolute()) return prefix;
  const Place place = descend(prefix, real_folder);
  return place.folder / place.rest;
}

Path moved_prefix(const Path& prefix, const Path& from, const Path& to) {
  if (prefix.is_absolute() || from == to) return prefix;
  const Place place = descend(prefix, from);
  const Path way = place.folder.lexically_relative(to);
  return way == "." ? place.rest : way / place.rest;
}

}  // namespace aurora::dataset
