// A precompiled character map as Hugging Face's `Precompiled` applies it: cluster by cluster where a cluster
// has fewer than six bytes and a rule for its beginning (the shortest), else character by character.
#pragma once

#include <memory>
#include <string>

#include "aurora/tokenizer/steps/normalize.h"

namespace aurora::tokenizer {

std::unique_ptr<NormalizerStep> make_charsmap_step(const std::string& blob, const std::string& where);

}  // namespace aurora::tokenizer
