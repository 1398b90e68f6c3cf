// A model from one kind of files to another: GGUF, as llama.cpp loads it, or Hugging Face's layout with
// safetensors, as transformers loads it.
#pragma once

#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/base/threads.h"
#include "aurora/format/quant_blocks.h"
#include "aurora/infer/load_model.h"

namespace aurora::release {

// Writes `file` atomically. Matrices are of `type` (F32, F16, BF16, Q8_0 or Q4_0), or BF16 where their rows
// are no whole blocks of it; norms and biases are F32. Memory: a few megabytes. A pure function of the model
// and the type. Error: what GGUF has no word for, by name.
void write_gguf_model(const infer::OpenedModel& model, format::BlockType type, const Path& file, Pool& pool);

// Writes config.json, generation_config.json, tokenizer.json, tokenizer_config.json and the weights as `type`
// (F32, F16 or BF16) into `folder`, each file atomically, config.json last. Returns their names. Error: what
// a tokenizer.json cannot say.
std::vector<std::string> write_hugging_face_model(const infer::OpenedModel& model, format::BlockType type,
                                                  const Path& folder, Pool& pool);

}  // namespace aurora::release
