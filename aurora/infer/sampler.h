// From logits to a token. A pure function of logits, settings, the request's own tokens, seed and position:
// the same text for the same seed, whoever else is served.
//
// Order of the steps, as vLLM documents it for its sampler (docs.vllm.ai, "Sampling"), which is OpenAI's:
//   0. log-probabilities are taken of the raw logits, before anything below
//   1. logit bias is added
//   2. penalties: repetition (Keskar et al. 2019; tokens of prompt and answer: positive logits are divided,
//      others multiplied), then frequency * count + presence are subtracted (tokens of the answer)
//   3. tokens that the grammar does not allow are ruled out
//   4. temperature divides the logits; 0 takes the largest
//   5. top-k, top-p (of what top-k left), min-p (of the likeliest token's probability): each keeps the
//      likeliest tokens, so the shortest of the three lists is kept
//   6. the draw: the kept tokens in order of id, by one counter-based number of (seed, choice, position);
//      probabilities with a relative error of 2^-20, summed in f64
// Of equal logits the smaller id comes first everywhere.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "aurora/infer/row_math.h"

namespace aurora::infer {

struct LogitBias {
  int32_t token = 0;
  double bias = 0;  // added to the logit; [-100, 100], where -100 and 100 all but ban or force
};

struct Sampling {
  double temperature = 0.8;  // 0: greedy
  int64_t top_k = 0;         // only the k most likely tokens; 0 = all
  double top_p =
      0.95;  // the fewest most likely tokens whose probabilities reach top_p (Holtzman et al. 2020); 1 = all
  double min_p = 0;               // only tokens at least min_p times as likely as the likeliest; 0 = all
  double repetition_penalty = 1;  // > 0; 1 = none
  double presence_penalty = 0;    // [-2, 2]
  double frequency_penalty = 0;   // [-2, 2]
  std::vector<LogitBias> logit_bias = {};
  uint64_t seed = 1;
};

// UsageError (flag named) for values out of range.
void check_sampling(const Sampling& sampling);

struct TokenLogprob {
  int32_t token = 0;
  double logprob = 0;  // natural logarithm
};

// A token's own log-probability and the likeliest alternatives, likeliest first (the token may be of them).
struct TokenLogprobs {
  int32_t token = 0;
  double logprob = 0;
  std::vector<TokenLogprob> top;
};

// How often a request's tokens came: what penalties look at. Remembers nothing when no penalty is set.
class TokenCounts {
 public:
  TokenCounts(const Sampling& sampling, std::span<const int32_t> prompt);
  void add(int32_t token);  // a token of the answer

  // Tokens that came in prompt or answer, with their count in the answer; in no order.
  const std::unordered_map<int32_t, int64_t>& counts() const { return counts_; }

 private:
  bool wanted_;
  std::unordered_map<int32_t, int64_t> counts_;
};

struct DrawSettings {
  const Sampling& sampling;
  const TokenCounts& counts;
  std::span<const uint64_t> allowed;  // bit (id % 64) of word id / 64: 1 = allowed. Empty: all are
  int64_t known = 0;                  // ids from here on are padding of the vocabulary: never drawn
  int64_t choice = 0;                 // number of the answer among n of one prompt
  int64_t position = 0;               // number of the token in its sequence, prompt included
  int top_logprobs = -1;              // -1: no log-probability; else with so many alternatives
};

constexpr int32_t kNoToken = -1;  // nothing can be drawn: all ruled out, or logits that are no numbers

// Draws the token at `position`; TokenLogprobs::token is kNoToken when there is none. logits: [V] of one row,
// overwritten. Not thread-safe: one Sampler per thread (it owns scratch memory and nothing else).
class Sampler {
 public:
  TokenLogprobs draw(std::span<float> logits, const DrawSettings& settings);

 private:
  struct Candidate {
    RowEntry entry;
    double weight;  // probability over that of the likeliest
  };
  static bool before(const Candidate& a, const Candidate& b) { return comes_before(a.entry, b.entry); }
  void adjust(std::span<float> logits, const DrawSettings& settings);
  float raw_logit(std::span<const float> logits, int32_t token) const;
  int32_t pick(std::span<const float> logits, const DrawSettings& settings);
  int32_t pick_of_all(std::span<const float> logits, Exponent exponent, double uniform);
  int32_t pick_of_likeliest(std::span<const float> logits, Exponent exponent, const Sampling& sampling,
                            double uniform);
  void gather(std::span<const float> logits, Exponent exponent, float cut);
  void gather_likely(std::span<const float> logits, Exponent exponent, const Sampling& sampling, double goal);
  RowEntry last_of_top_k(int64_t top_k);
  RowEntry last_of_mass(double goal, const RowEntry& last);

  std::vector<RowEntry> changed_;  // raw logits of tokens whose logit was changed
  std::vector<RowEntry> entries_;
  std::vector<float> logits_;
  std::vector<double> weights_;
  std::vector<Candidate> candidates_;  // in order of id
  std::vector<Candidate> ordered_, next_;
};

// Without penalties, grammar or log-probabilities: the token of one sequence. logits: [V].
int32_t sample_token(std::span<const float> logits, const Sampling& sampling, int64_t position);

}  // namespace aurora::infer
