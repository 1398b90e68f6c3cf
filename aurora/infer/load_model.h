// From what lies on disk to a model that answers.
#pragma once

#include <string>

#include "aurora/base/threads.h"
#include "aurora/infer/model.h"

namespace aurora::infer {

enum class ModelFiles {
  kCheckpoint,   // a folder checkpoints/step-N of a run; the tokenizer is the run's
  kHuggingFace,  // a folder with config.json, safetensors, tokenizer.json ...
  kGguf,         // one file
};

struct FoundModel {
  ModelFiles kind = ModelFiles::kHuggingFace;
  Path path;
};
// What `path` means: a GGUF file (by its first bytes), a Hugging Face folder, a checkpoint, a run folder or
// its checkpoints folder (the newest whole checkpoint). Error when it is none of these.
FoundModel find_model(const Path& path);

struct LoadSettings {
  // Of activations and the KV cache: "bf16", "f32", or "" for the one trained in (a GGUF file: bf16).
  std::string act;
  // Of the matrices: "dense" (act), "int8" (Q8_0), "int4" (Q4_0), or "": as stored, which is dense for
  // safetensors, and for GGUF by tensor: Q8_0 and Q4_0 go into the panels exactly, the others are dense.
  std::string weights;
};
// UsageError (flag named) for other names.
void check_load_settings(const LoadSettings& settings);

// Maps the files, packs the weights with all threads of the pool. Error: naming what this program does not
// support, or what is missing or damaged.
Model load_model(const Path& path, const LoadSettings& settings, Pool& pool);

}  // namespace aurora::infer
