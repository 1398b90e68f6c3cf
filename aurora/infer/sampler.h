// From logits to a token. A pure function of logits, settings and (seed, position): the same text for the
// same seed.
#pragma once

#include <cstdint>
#include <span>

namespace aurora::infer {

struct Sampling {
  double temperature = 0.8;  // 0: greedy
  int64_t top_k = 0;         // only the k most likely tokens; 0 = all
  double top_p =
      0.95;  // the fewest most likely tokens whose probabilities reach top_p (Holtzman et al. 2020); 1 = all
  uint64_t seed = 1;
};

// UsageError (flag named) for values out of range.
void check_sampling(const Sampling& sampling);

// logits: [V]. position: number of the token in its sequence; keys the random number. Of equal logits the
// smaller id comes first.
int32_t sample_token(std::span<const float> logits, const Sampling& sampling, int64_t position);

}  // namespace aurora::infer
