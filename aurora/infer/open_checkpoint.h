// What answering needs of a checkpoint (docs/formats/checkpoint.md), without the training code that wrote it.
#pragma once

#include <optional>
#include <string>

#include "aurora/base/file.h"

namespace aurora::infer {

// The newest folder step-N with a manifest; nullopt when there is none.
std::optional<Path> newest_checkpoint(const Path& checkpoints);

struct CheckpointFacts {
  std::string weights_hash;  // 32 hex digits
  std::string tokenizer;     // fingerprint
  std::string act;           // "bf16" or "f32": that it was trained in
};
// Error naming the file: missing, or damaged by the manifest's hashes. All but the moments is read.
CheckpointFacts read_checkpoint_facts(const Path& checkpoint);

}  // namespace aurora::infer
