#include "aurora/infer/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/random.h"

namespace aurora::infer {

void check_sampling(const Sampling& sampling) {
  const auto require = [](bool ok, const char* flag, const std::string& value, const char* range) {
    if (!ok)
      throw UsageError(fmt::format("{} is {}", flag, value), flag, fmt::format("give a value {}", range));
  };
  require(sampling.temperature >= 0 && std::isfinite(sampling.temperature), "--temperature",
          fmt::format("{}", sampling.temperature), "of 0 (greedy) or more");
  require(sampling.top_k >= 0, "--top-k", fmt::format("{}", sampling.top_k), "of 0 (all) or more");
  require(sampling.top_p > 0 && sampling.top_p <= 1, "--top-p", fmt::format("{}", sampling.top_p),
          "in (0, 1]");
}

int32_t sample_token(std::span<const float> logits, const Sampling& sampling, int64_t position) {
  if (sampling.temperature == 0)
    return static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());

  std::vector<int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::sort(ids.begin(), ids.end(),
            [&](int32_t a, int32_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; });
  if (sampling.top_k > 0 && sampling.top_k < static_cast<int64_t>(ids.size())) ids.resize(sampling.top_k);

  // Probabilities of the candidates, most likely first.
  std::vector<double> weights(ids.size());
  double total = 0;
  for (size_t i = 0; i < ids.size(); ++i)
    total += weights[i] =
        std::exp((static_cast<double>(logits[ids[i]]) - logits[ids[0]]) / sampling.temperature);
  double kept = 0;
  size_t count = 0;
  while (count < ids.size() && (count == 0 || kept < sampling.top_p * total)) kept += weights[count++];

  double target =
      random_uniform(static_cast<uint64_t>(position), random_key(sampling.seed, Purpose::kSample)) * kept;
  for (size_t i = 0; i + 1 < count; ++i) {
    target -= weights[i];
    if (target < 0) return ids[i];
  }
  return ids[count - 1];
}

}  // namespace aurora::infer
