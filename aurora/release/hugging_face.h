// A model in Hugging Face's layout, as `transformers` loads it: config.json, model.safetensors (or shards
// with an index), tokenizer.json, tokenizer_config.json, generation_config.json, README.md (the model card),
// SHA256SUMS.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/models/llama.h"
#include "aurora/release/model_card.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::release {

struct ReleaseInputs {
  const models::Llama& llama;
  const device::View& master;  // f32 arena of llama.layout()
  const tokenizer::Tokenizer& tokenizer;
  int64_t max_length = 0;      // tokens
  std::string dtype = "bf16";  // of the stored weights: bf16 | f32
  uint64_t shard_bytes = 2'000'000'000;
  ModelCard card;
};

// Writes all files into `folder`, each atomically, SHA256SUMS last. Returns their names in order.
std::vector<std::string> write_hugging_face(const Path& folder, const ReleaseInputs& inputs);

// Compares every file named in SHA256SUMS; one sentence per damaged or missing file, empty when whole.
std::vector<std::string> verify_sha256sums(const Path& folder);

}  // namespace aurora::release
