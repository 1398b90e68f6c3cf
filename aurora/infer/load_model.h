// From what lies on disk to a model that answers (docs/formats/model-files.md).
#pragma once

#include <string>

#include "aurora/base/threads.h"
#include "aurora/infer/model.h"
#include "aurora/models/llama_config.h"
#include "aurora/models/tensor_source.h"

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
// its checkpoints folder (the newest checkpoint that is whole by its manifest; hashes are checked when it is
// opened). Error when it is none of these.
FoundModel find_model(const Path& path);

// Everything but the weights themselves, which stay in their files until they are read.
struct OpenedModel {
  models::HfConfig config;
  tokenizer::Tokenizer tokenizer;
  models::TensorSource source;
  std::vector<int32_t> end_tokens;  // of the tokenizer, config.json and generation_config.json; or GGUF's
  std::string name;
  std::string hash;  // of a checkpoint: its weights_hash; else empty until TensorSource::hash is asked
  std::string act;   // "bf16" or "f32": that it was trained in, or is stored in
};
// Error: naming what this program does not support, or what is missing or damaged. Of a checkpoint,
// model.safetensors is held against its hash in the manifest.
OpenedModel open_model(const Path& path);

struct LoadSettings {
  // Of activations and the KV cache: "bf16", "f32", or "" for the one trained in (a GGUF file, a Hugging Face
  // folder: bf16, unless it is stored in f32).
  std::string act{};
  // Of the matrices: "dense" (act), "int8" (Q8_0), "int4" (Q4_0), "plain" (act, not packed: for evaluation),
  // or "": as stored, which is dense for safetensors, and for GGUF by tensor: Q8_0 and Q4_0 keep their
  // values exactly, the others are dense.
  std::string weights{};
};
// UsageError (flag named) for other names.
void check_load_settings(const LoadSettings& settings);

// Maps the files, packs the weights with all threads of the pool. Errors of open_model() and load_weights().
Model load_model(const Path& path, const LoadSettings& settings, Pool& pool);

}  // namespace aurora::infer
