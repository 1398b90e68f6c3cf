#include "aurora/train/checkpoint.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/format/manifest.h"
#include "aurora/format/safetensors.h"
#include "aurora/models/llama_config.h"
#include "aurora/nn/weights_hash.h"

namespace aurora::train {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "step-";
constexpr const char* kAside = ".writing";  // step-00000123.writing
constexpr const char* kModel = "model.safetensors";
constexpr const char* kMomentM = "adam_m.safetensors";
constexpr const char* kMomentV = "adam_v.safetensors";

// A rename is on disk only when its folder is synced.
void sync_folder(const Path& folder) {
  int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) throw system_error("open", folder.string(), errno);
  int result = ::fsync(fd);
  int error = errno;
  ::close(fd);
  if (result != 0) throw system_error("sync", folder.string(), error);
}

// The manifest goes first, so that a folder half removed does not count.
void remove_checkpoint(const Path& checkpoint) {
  fs::remove(format::manifest_path(checkpoint));
  fault_point("checkpoint.removing");
  fs::remove_all(checkpoint);
}

// (step, folder), newest first, whole or not.
std::vector<std::pair<int64_t, Path>> list_checkpoints(const Path& checkpoints) {
  std::vector<std::pair<int64_t, Path>> found;
  if (!fs::exists(checkpoints)) return found;
  for (const fs::directory_entry& entry : fs::directory_iterator(checkpoints)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    int64_t step = 0;
    auto [end, error] = std::from_chars(name.data() + strlen(kPrefix), name.data() + name.size(), step);
    if (error == std::errc() && end == name.data() + name.size()) found.emplace_back(step, entry.path());
  }
  std::sort(found.rbegin(), found.rend());
  return found;
}

void write_tensors(const Path& path, const std::vector<models::NamedWeight>& weights) {
  std::vector<format::TensorSpec> specs;
  for (const models::NamedWeight& weight : weights)
    specs.push_back({weight.name, format::StoredType::kF32, weight.shape});
  format::SafetensorsWriter writer(path, std::move(specs));
  for (const models::NamedWeight& weight : weights)
    writer.write(weight.data.data(), weight.data.size_bytes());
  writer.commit();
}

void read_tensors(const Path& path, const std::vector<models::NamedWeight>& weights) {
  format::SafetensorsFile file(path);
  for (const models::NamedWeight& weight : weights) {
    const format::StoredTensor& stored = file.tensor(weight.name);
    if (stored.spec.type != format::StoredType::kF32 || stored.spec.shape != weight.shape)
      throw Error(fmt::format("the tensor \"{}\" is not the model's: {} [{}], expected F32 [{}]", weight.name,
                              format::stored_type_name(stored.spec.type), fmt::join(stored.spec.shape, ", "),
                              fmt::join(weight.shape, ", ")),
                  path.string(), "use a checkpoint of this model");
    std::memcpy(weight.data.data(), stored.data.data(), stored.data.size());
  }
}

// Throws for the first file that is not as the manifest says.
void verify(const Path& checkpoint) {
  std::vector<std::string> problems = format::verify_manifest(checkpoint);
  if (problems.empty()) return;
  throw Error(fmt::format("the checkpoint is damaged: {}", problems.front()), checkpoint.string(),
              "use the checkpoint before it (aurora pretrain does so by itself), or copy this one again");
}

void check_weights_hash(const Path& checkpoint, const CheckpointState& state, const models::Llama& model,
                        const device::View& master) {
  if (nn::weights_hash(model.layout(), master).hex() == state.weights_hash) return;
  throw Error("the weights do not have the hash that state.json names", (checkpoint / kModel).string(),
              "use an older checkpoint");
}

void write_files(const Path& folder, const CheckpointContent& content, const CheckpointState& state) {
  const models::Llama& model = content.model;
  write_tensors(folder / kModel, model.named_weights(content.master));
  write_tensors(folder / kMomentM, model.named_weights(content.moments.m));
  write_tensors(folder / kMomentV, model.named_weights(content.moments.v));
  write_file_atomic(folder / "config.json", models::write_config_json({model.shape(), content.sequence_length,
                                                                       content.end_of_document, "float32"}));
  write_file_atomic(folder / "state.json", to_json(state));
  write_file_atomic(folder / "recipe.toml", content.recipe);
  fault_point("checkpoint.files");
  format::Manifest manifest;
  manifest.stage = "checkpoint";
  manifest.fingerprint = content.fingerprint;
  manifest.notes = {{"step", std::to_string(state.loop.step)},
                    {"tokens", std::to_string(state.loop.tokens)},
                    {"weights_hash", state.weights_hash}};
  format::write_manifest(folder, std::move(manifest));
}

}  // namespace

Path checkpoint_path(const Path& checkpoints, int64_t step) {
  return checkpoints / fmt::format("{}{:08}", kPrefix, step);
}

CheckpointState save_checkpoint(const Path& checkpoints, const CheckpointContent& content,
                                CheckpointState state, int keep) {
  const Path path = checkpoint_path(checkpoints, state.loop.step);
  const Path aside = path.string() + kAside;
  state.weights_hash = nn::weights_hash(content.model.layout(), content.master).hex();
  fs::remove_all(aside);
  fs::create_directories(aside);
  fault_point("checkpoint.begin");
  try {
    write_files(aside, content, state);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(aside, ignored);  // gives a full disk its space back
    throw;
  }
  fault_point("checkpoint.written");
  if (fs::exists(path)) remove_checkpoint(path);  // a damaged one that was passed over
  fs::rename(aside, path);
  sync_folder(checkpoints);
  fault_point("checkpoint.renamed");
  auto found = list_checkpoints(checkpoints);
  for (size_t i = static_cast<size_t>(std::max(keep, 1)); i < found.size(); ++i)
    remove_checkpoint(found[i].second);
  return state;
}

std::optional<Path> find_checkpoint(const Path& checkpoints, Log& log) {
  std::optional<Error> newest_trouble;
  for (const auto& [step, path] : list_checkpoints(checkpoints)) {
    if (!format::has_manifest(path)) continue;  // its removal was cut off
    try {
      verify(path);
      if (newest_trouble) log.warn("going on from the older checkpoint {}", path.string());
      return path;
    } catch (const Error& error) {
      log.warn("{}: {}", error.where(), error.happened());
      if (!newest_trouble) newest_trouble = error;
    }
  }
  if (newest_trouble)
    throw Error(newest_trouble->happened(), newest_trouble->where(),
                "no whole checkpoint is left; restore one, or move the folder away to begin anew");
  return std::nullopt;
}

void set_aside_checkpoints(const Path& checkpoints, const std::function<bool(const CheckpointState&)>& serves,
                           Log& log) {
  Path old;
  for (const auto& [step, path] : list_checkpoints(checkpoints)) {
    if (!format::has_manifest(path) || serves(read_checkpoint_state(path))) continue;
    if (old.empty()) {
      old = next_old_folder(checkpoints);
      fs::create_directories(old);
    }
    fs::rename(path, old / path.filename());
    log.warn("settings changed before step {}: {} is now in {}", step, path.string(), old.string());
  }
}

void clear_unfinished(const Path& checkpoints) {
  if (!fs::exists(checkpoints)) return;
  std::vector<Path> unfinished;
  for (const fs::directory_entry& entry : fs::directory_iterator(checkpoints))
    if (entry.path().extension() == kAside) unfinished.push_back(entry.path());
  for (const auto& [step, path] : list_checkpoints(checkpoints))
    if (!format::has_manifest(path)) unfinished.push_back(path);
  for (const Path& path : unfinished) fs::remove_all(path);
}

CheckpointState read_checkpoint_state(const Path& checkpoint) {
  const Path path = checkpoint / "state.json";
  return parse_state(read_file(path), path.string());
}

CheckpointState load_checkpoint(const Path& checkpoint, const models::Llama& model,
                                const device::View& master, const optim::Moments& moments) {
  verify(checkpoint);
  CheckpointState state = read_checkpoint_state(checkpoint);
  read_tensors(checkpoint / kModel, model.named_weights(master));
  read_tensors(checkpoint / kMomentM, model.named_weights(moments.m));
  read_tensors(checkpoint / kMomentV, model.named_weights(moments.v));
  check_weights_hash(checkpoint, state, model, master);
  return state;
}

TrainedModel load_trained_model(const Path& checkpoint) {
  verify(checkpoint);
  const Path config_path = checkpoint / "config.json";
  models::HfConfig config = models::parse_config_json(read_file(config_path), config_path.string());
  models::Llama model(config.shape);
  nn::ParameterArena master(model.layout(), device::DType::kF32);
  CheckpointState state = read_checkpoint_state(checkpoint);
  read_tensors(checkpoint / kModel, model.named_weights(master.flat()));
  check_weights_hash(checkpoint, state, model, master.flat());
  return {std::move(model), std::move(master), std::move(state), config.max_positions};
}

}  // namespace aurora::train
