// What both trainers make of TrainSettings.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "aurora/pretokenize/scheme.h"
#include "aurora/vocabulary/train.h"

namespace aurora::vocabulary {

// Ids from the front: what is learned; from the back: special tokens, then reserved ones.
struct VocabularyPlan {
  int32_t size = 0;                         // rounded up
  std::vector<std::string> special_tokens;  // with the reserved ones that were asked for
  int32_t learned() const { return size - static_cast<int32_t>(special_tokens.size()); }
};
// learned_least: tokens that there are without learning. UsageError as train.h says.
VocabularyPlan plan_vocabulary(const TrainSettings& settings, int32_t learned_least);

// The plan's special tokens and as many reserved ones more as fill a vocabulary of `learned` other tokens up
// to a multiple of settings.round_up_to.
std::vector<std::string> fill_up(const VocabularyPlan& plan, const TrainSettings& settings, size_t learned);

// UsageError: there is none of that name.
const pretokenize::Scheme& scheme_of(const TrainSettings& settings);

// The bytes in the order of GPT-2's byte characters: those that print as themselves, then the others.
std::array<uint8_t, 256> bytes_in_gpt2_order();

}  // namespace aurora::vocabulary
