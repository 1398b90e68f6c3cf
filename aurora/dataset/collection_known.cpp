#include "aurora/dataset/collection_known.h"

#include <string>
#include <unordered_map>

#include "aurora/dataset/collection_json.h"
#include "aurora/dataset/collection_place.h"

namespace aurora::dataset {
namespace {

struct Known {
  Collection collection;
  PairStamps stamps;
};

std::optional<Known> read_known(const Path& path, Log& log) {
  std::error_code failed;
  const bool there =
      std::filesystem::exists(path, failed) && std::filesystem::exists(stamps_path(path), failed);
  if (!there) return std::nullopt;
  try {
    const std::string text = read_file(path);
    Known known{parse_collection(text, path.string()), {}};
    const std::optional<PairStamps> stamps = parse_stamps(read_file(stamps_path(path)), text);
    if (!stamps || stamps->size() != known.collection.files.size()) return std::nullopt;
    known.stamps = *stamps;
    return known;
  } catch (const Error& error) {
    log.warn("{} ({}): every file is read again", error.happened(), error.where());
    return std::nullopt;
  }
}

}  // namespace

std::vector<Outcome> known_files(const Path& known_path, std::span<const Path> places, Log& log) {
  std::vector<Outcome> outcomes;
  if (known_path.empty()) return outcomes;
  std::optional<Known> known = read_known(known_path, log);
  if (!known) return outcomes;
  const Path folder = real_folder(known_path.parent_path());
  std::unordered_map<std::string, size_t> file_at;
  for (size_t i = 0; i < known->collection.files.size(); ++i) {
    if (known->stamps[i]) file_at[place_of(known->collection.files[i].prefix, folder).string()] = i;
  }
  for (size_t job = 0; job < places.size(); ++job) {
    const auto found = file_at.find(places[job].string());
    if (found == file_at.end()) continue;
    Outcome outcome;
    outcome.job = job;
    outcome.file = known->collection.files[found->second];
    outcome.stamp = known->stamps[found->second];
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace aurora::dataset
