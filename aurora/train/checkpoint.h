// Checkpoints: all that a run needs to go on, and all that others need to use the model
// (docs/formats/checkpoint.md).
//
//   checkpoints/step-00000123/
//     model.safetensors    f32 masters, Hugging Face names; with config.json, `transformers` loads the folder
//     adam_m.safetensors, adam_v.safetensors    moments, the same names
//     config.json          shape of the model
//     state.json           the loop's state, weights_hash, tokenizer, numerics (train/state.h)
//     recipe.toml          the effective recipe
//     manifest.json        written last: hashes of all of these
//
// Tensors are logical ones, so another layout, fusing or number of ranks reads them as well. A checkpoint is
// written aside and renamed, so it is there whole or not at all; kill -9 at any moment costs at most the work
// since the one before.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "aurora/base/file.h"
#include "aurora/base/log.h"
#include "aurora/models/llama.h"
#include "aurora/optim/adamw.h"
#include "aurora/train/state.h"

namespace aurora::train {

struct CheckpointContent {
  const models::Llama& model;
  device::View master;     // flat f32 arenas in host memory
  optim::Moments moments;  //
  int64_t sequence_length = 0;
  int64_t end_of_document = 0;  // token id
  std::string recipe;           // effective, TOML
  std::string fingerprint;      // config::fingerprint of the stage
};

Path checkpoint_path(const Path& checkpoints, int64_t step);

// Writes checkpoints/step-<state.loop.step>, in place of one that may be there, then removes all but the
// `keep` newest. state.weights_hash is computed here. Returns the state as written. Rank 0 only.
CheckpointState save_checkpoint(const Path& checkpoints, const CheckpointContent& content,
                                CheckpointState state, int keep);

// The newest checkpoint whose every file has the hash that its manifest names; nullopt when there is none. A
// damaged one is passed over with a warning that names the file. Error when all that are there are damaged.
// Changes nothing, so it may look into a folder in which a run is at work.
std::optional<Path> find_checkpoint(const Path& checkpoints, Log& log);
// Moves checkpoints of which `serves` says no to CHECKPOINTS.old-N, with a warning: work is never deleted
// because a setting changed. Only for the run that owns the folder.
void set_aside_checkpoints(const Path& checkpoints, const std::function<bool(const CheckpointState&)>& serves,
                           Log& log);
// Removes what a killed writer or remover left. Only for the run that owns the folder.
void clear_unfinished(const Path& checkpoints);

// Fills the arenas from a checkpoint. Error naming the file: a file is missing or damaged, a tensor is
// missing or of another shape, the weights do not have the hash they are said to have.
CheckpointState load_checkpoint(const Path& checkpoint, const models::Llama& model,
                                const device::View& master, const optim::Moments& moments);

// The state alone, without a look at the other files.
CheckpointState read_checkpoint_state(const Path& checkpoint);

// A trained model, for evaluation, generation and release. Verified as load_checkpoint does.
struct TrainedModel {
  models::Llama model;
  nn::ParameterArena master;  // f32
  CheckpointState state;
  int64_t sequence_length = 0;  // trained on
};
TrainedModel load_trained_model(const Path& checkpoint);

}  // namespace aurora::train
