// The newest checkpoint of a run as a model that answers.
#pragma once

#include "apps/workspace.h"
#include "aurora/infer/model.h"
#include "aurora/train/checkpoint.h"

namespace aurora::apps {

// The checkpoint that `path` means: itself, or the newest one of a run folder or a checkpoints folder. Error
// when there is none.
Path find_model_checkpoint(const Path& path, Log& log);

// The same, or `path` itself where it is a GGUF file or a Hugging Face folder, for infer::load_model.
Path find_model_path(const Path& path, Log& log);

// The tokenizer that goes with a checkpoint: that of its run. Error when its fingerprint is not the one
// trained with.
tokenizer::Tokenizer checkpoint_tokenizer(const Path& checkpoint);

// A checkpoint's weights as plain views, for evaluation. dtype: "bf16", "f32" or "" for the one it was
// trained in.
infer::Model load_model(const Path& checkpoint, const std::string& dtype, Pool& pool);

}  // namespace aurora::apps
