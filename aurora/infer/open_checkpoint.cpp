#include "aurora/infer/open_checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/config/recipe.h"
#include "aurora/format/json_value.h"
#include "aurora/format/manifest.h"

namespace aurora::infer {
namespace {

namespace fs = std::filesystem;
constexpr const char* kRemedy = "use the checkpoint before it, or copy this one again";

// Those that the manifest names, without the moments, which are twice as large and not used.
void verify(const Path& checkpoint) {
  for (const format::FileRecord& record : format::read_manifest(checkpoint).outputs) {
    if (record.name.starts_with("adam_")) continue;
    const Path path = checkpoint / record.name;
    if (!fs::exists(path))
      throw Error("the checkpoint is damaged: a file is missing", path.string(), kRemedy);
    if (hash_file(path).hex() != record.hash)
      throw Error("the checkpoint is damaged: the file does not have the hash that the manifest names",
                  path.string(), kRemedy);
  }
}

}  // namespace

std::optional<Path> newest_checkpoint(const Path& checkpoints) {
  if (!fs::is_directory(checkpoints)) return std::nullopt;
  std::optional<Path> newest;
  int64_t newest_step = -1;
  for (const fs::directory_entry& entry : fs::directory_iterator(checkpoints)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("step-") || !format::has_manifest(entry.path())) continue;
    int64_t step = 0;
    const char* end = name.data() + name.size();
    const auto read = std::from_chars(name.data() + std::strlen("step-"), end, step);
    if (read.ec != std::errc() || read.ptr != end || step <= newest_step) continue;
    newest = entry.path();
    newest_step = step;
  }
  return newest;
}

CheckpointFacts read_checkpoint_facts(const Path& checkpoint) {
  verify(checkpoint);
  const std::string where = (checkpoint / "state.json").string();
  const format::Json json = format::parse_json(read_file(where), where, kRemedy);
  const format::JsonObject state(json, where, kRemedy);
  const config::Recipe recipe = config::load_recipe(checkpoint / "recipe.toml");
  return {state.text("weights_hash"), state.text("tokenizer"), recipe.train.dtype};
}

}  // namespace aurora::infer
