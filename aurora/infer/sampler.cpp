#include "aurora/infer/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "aurora/base/error.h"
#include "aurora/base/random.h"

namespace aurora::infer {
namespace {

constexpr float kRuledOut = -std::numeric_limits<float>::infinity();

bool has_penalties(const Sampling& sampling) {
  return sampling.repetition_penalty != 1 || sampling.presence_penalty != 0 ||
         sampling.frequency_penalty != 0;
}

// Rules out what is neither allowed nor known.
void rule_out(std::span<float> logits, std::span<const uint64_t> allowed) {
  if (allowed.empty()) return;
  for (size_t begin = 0; begin < logits.size(); begin += 64) {
    const uint64_t word = begin / 64 < allowed.size() ? allowed[begin / 64] : 0;
    const size_t count = std::min<size_t>(64, logits.size() - begin);
    if (word == 0) {
      std::fill_n(logits.begin() + static_cast<int64_t>(begin), count, kRuledOut);
    } else if (word != ~uint64_t{0}) {
      for (size_t i = 0; i < count; ++i)
        if ((word >> i & 1) == 0) logits[begin + i] = kRuledOut;
    }
  }
}

}  // namespace

void check_sampling(const Sampling& sampling) {
  const auto require = [](bool ok, const char* flag, double value, const char* range) {
    if (!ok)
      throw UsageError(fmt::format("{} is {}", flag, value), flag, fmt::format("give a value {}", range));
  };
  const auto in_two = [](double value) { return value >= -2 && value <= 2; };
  require(sampling.temperature >= 0 && std::isfinite(sampling.temperature), "--temperature",
          sampling.temperature, "of 0 (greedy) or more");
  require(sampling.top_k >= 0, "--top-k", static_cast<double>(sampling.top_k), "of 0 (all) or more");
  require(sampling.top_p > 0 && sampling.top_p <= 1, "--top-p", sampling.top_p, "in (0, 1]");
  require(sampling.min_p >= 0 && sampling.min_p <= 1, "--min-p", sampling.min_p, "in [0, 1]");
  require(sampling.repetition_penalty > 0 && std::isfinite(sampling.repetition_penalty),
          "--repetition-penalty", sampling.repetition_penalty, "above 0; 1 is none");
  require(in_two(sampling.presence_penalty), "--presence-penalty", sampling.presence_penalty, "in [-2, 2]");
  require(in_two(sampling.frequency_penalty), "--frequency-penalty", sampling.frequency_penalty,
          "in [-2, 2]");
  for (const LogitBias& bias : sampling.logit_bias) {
    require(bias.bias >= -100 && bias.bias <= 100, "--logit-bias", bias.bias, "in [-100, 100]");
    require(bias.token >= 0, "--logit-bias", bias.token, "that is the id of a token");
  }
}

TokenCounts::TokenCounts(const Sampling& sampling, std::span<const int32_t> prompt)
    : wanted_(has_penalties(sampling)) {
  if (sampling.repetition_penalty == 1) return;
  for (const int32_t token : prompt) counts_.try_emplace(token, 0);
}

void TokenCounts::add(int32_t token) {
  if (wanted_) ++counts_[token];
}

void Sampler::adjust(std::span<float> logits, const DrawSettings& settings) {
  changed_.clear();
  const auto change = [&](int32_t token, double value) {
    float& logit = logits[static_cast<size_t>(token)];
    if (settings.top_logprobs >= 0) changed_.push_back({logit, token});
    logit = static_cast<float>(value);
  };
  const auto size = static_cast<int32_t>(logits.size());
  const Sampling& sampling = settings.sampling;
  for (const LogitBias& bias : sampling.logit_bias)
    if (bias.token < size) change(bias.token, double{logits[static_cast<size_t>(bias.token)]} + bias.bias);
  for (const auto& [token, count] : settings.counts.counts()) {
    if (token >= size) continue;
    double value = double{logits[static_cast<size_t>(token)]};
    value = value > 0 ? value / sampling.repetition_penalty : value * sampling.repetition_penalty;
    value -= sampling.frequency_penalty * static_cast<double>(count);
    if (count > 0) value -= sampling.presence_penalty;
    change(token, value);
  }
  rule_out(logits, settings.allowed);
}

// The first change of a token holds its raw logit.
float Sampler::raw_logit(std::span<const float> logits, int32_t token) const {
  for (const RowEntry& entry : changed_)
    if (entry.token == token) return entry.logit;
  return logits[static_cast<size_t>(token)];
}

TokenLogprobs Sampler::draw(std::span<float> logits, const DrawSettings& settings) {
  TokenLogprobs result;
  double normaliser = 0;
  if (settings.top_logprobs >= 0) {
    const float largest = largest_logit(logits);
    if (!std::isfinite(largest)) return {.token = kNoToken, .logprob = 0, .top = {}};
    normaliser = double{largest} + std::log(sum_of_weights(logits, {largest, 1.0}));
    for (const RowEntry& entry : likeliest(logits, largest, settings.top_logprobs))
      result.top.push_back({entry.token, double{entry.logit} - normaliser});
  }
  const std::span<float> known =
      logits.first(std::min(logits.size(), static_cast<size_t>(std::max<int64_t>(0, settings.known))));
  adjust(known, settings);
  result.token = pick(known, settings);
  if (settings.top_logprobs >= 0 && result.token != kNoToken)
    result.logprob = double{raw_logit(known, result.token)} - normaliser;
  return result;
}

int32_t Sampler::pick(std::span<const float> logits, const DrawSettings& settings) {
  const Sampling& sampling = settings.sampling;
  const float largest = largest_logit(logits);
  if (!std::isfinite(largest)) return kNoToken;
  if (sampling.temperature == 0 || sampling.top_k == 1) return first_place(logits, largest);
  // A temperature too small to divide by is greedy.
  const Exponent exponent{largest, 1 / sampling.temperature};
  if (!std::isfinite(exponent.scale)) return first_place(logits, largest);
  const double uniform =
      random_uniform(static_cast<uint64_t>(settings.position),
                     random_key(sampling.seed, Purpose::kSample, {static_cast<uint64_t>(settings.choice)}));
  const bool all = sampling.top_p >= 1 && sampling.min_p <= 0 &&
                   (sampling.top_k == 0 || sampling.top_k >= static_cast<int64_t>(logits.size()));
  return all ? pick_of_all(logits, exponent, uniform)
             : pick_of_likeliest(logits, exponent, sampling, uniform);
}

int32_t Sampler::pick_of_all(std::span<const float> logits, Exponent exponent, double uniform) {
  double target = uniform * sum_of_weights(logits, exponent, &weights_);
  size_t block = 0, last = 0;
  for (size_t b = 0; b < weights_.size(); ++b)
    if (weights_[b] > 0) last = b;
  while (block < last && target >= weights_[block]) target -= weights_[block++];

  const size_t begin = block * kRowBlock;
  const std::span<const float> row =
      logits.subspan(begin, std::min<size_t>(kRowBlock, logits.size() - begin));
  weights_.resize(row.size());
  exp_weights(row, exponent, weights_.data());
  size_t picked = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    if (weights_[i] == 0) continue;
    picked = i;
    target -= weights_[i];
    if (target < 0) break;
  }
  return static_cast<int32_t>(begin + picked);
}

// Fills candidates_ with all from `cut` on.
void Sampler::gather(std::span<const float> logits, Exponent exponent, float cut) {
  entries_.clear();
  append_at_least(logits, cut, entries_);
  logits_.resize(entries_.size());
  weights_.resize(entries_.size());
  for (size_t i = 0; i < entries_.size(); ++i) logits_[i] = entries_[i].logit;
  exp_weights(logits_, exponent, weights_.data());
  candidates_.clear();
  for (size_t i = 0; i < entries_.size(); ++i) candidates_.push_back({entries_[i], weights_[i]});
}

// The last of the candidates, likeliest first, that top-k and top-p keep. total: the weight that top_p is a
// share of when there is no top-k.
RowEntry Sampler::last_kept(const Sampling& sampling, double total) {
  const auto before = [](const Candidate& a, const Candidate& b) { return comes_before(a.entry, b.entry); };
  ordered_ = candidates_;
  size_t kept = ordered_.size();
  const auto top_k = static_cast<size_t>(sampling.top_k);
  if (top_k > 0 && top_k < kept) {
    std::nth_element(ordered_.begin(), ordered_.begin() + sampling.top_k - 1, ordered_.end(), before);
    kept = top_k;
  }
  if (sampling.top_p >= 1) return std::max_element(ordered_.begin(), ordered_.begin() + kept, before)->entry;
  if (top_k > 0) {
    const RowEntry last = std::max_element(ordered_.begin(), ordered_.begin() + kept, before)->entry;
    total = 0;
    for (const Candidate& candidate : candidates_)
      if (!comes_before(last, candidate.entry)) total += candidate.weight;
  }
  // Halve the range in which the sum of weights reaches its goal.
  const double goal = sampling.top_p * total;
  double reached = 0;
  size_t low = 0, high = kept;
  while (high - low > 16) {
    const size_t middle = low + (high - low) / 2;
    const auto at = [&](size_t index) { return ordered_.begin() + static_cast<int64_t>(index); };
    std::nth_element(at(low), at(middle), at(high), before);
    double sum = 0;
    for (size_t i = low; i < middle; ++i) sum += ordered_[i].weight;
    if (reached + sum >= goal) {
      high = middle;
    } else {
      low = middle;
      reached += sum;
    }
  }
  std::sort(ordered_.begin() + static_cast<int64_t>(low), ordered_.begin() + static_cast<int64_t>(high),
            before);
  while (low + 1 < high && reached + ordered_[low].weight < goal) reached += ordered_[low++].weight;
  return ordered_[low].entry;
}

int32_t Sampler::pick_of_likeliest(std::span<const float> logits, Exponent exponent, const Sampling& sampling,
                                   double uniform) {
  const bool by_mass = sampling.top_k == 0 && sampling.top_p < 1;
  const double total = by_mass ? sum_of_weights(logits, exponent) : 0;
  // Nothing below this can be kept; a little lower, as the weights themselves decide.
  const double least = sampling.min_p > 0 ? std::log(sampling.min_p) / exponent.scale * (1 + 1e-6) - 1e-6
                                          : -std::numeric_limits<double>::infinity();
  // Few are likely: look at those first, and farther down as long as they are not enough.
  for (double reach = 8; true; reach *= 2) {
    const bool everything = reach > 512;
    const double down =
        std::max(everything ? -std::numeric_limits<double>::infinity() : -reach / exponent.scale, least);
    const auto cut = static_cast<float>(double{exponent.largest} + down);
    gather(logits, exponent, cut);
    if (everything || down == least) break;
    if (sampling.top_k > 0 && static_cast<int64_t>(candidates_.size()) < sampling.top_k) continue;
    double mass = 0;
    for (const Candidate& candidate : candidates_) mass += candidate.weight;
    if (by_mass && mass < sampling.top_p * total * (1 + 1e-9)) continue;
    break;
  }
  const RowEntry last = last_kept(sampling, total);
  const auto kept = [&](const Candidate& candidate) {
    return candidate.weight >= sampling.min_p && !comes_before(last, candidate.entry);
  };
  double sum = 0;
  for (const Candidate& candidate : candidates_)
    if (kept(candidate)) sum += candidate.weight;
  double target = uniform * sum;
  int32_t picked = kNoToken;
  for (const Candidate& candidate : candidates_) {
    if (candidate.weight == 0 || !kept(candidate)) continue;
    picked = candidate.entry.token;
    target -= candidate.weight;
    if (target < 0) break;
  }
  return picked;
}

int32_t sample_token(std::span<const float> logits, const Sampling& sampling, int64_t position) {
  std::vector<float> row(logits.begin(), logits.end());
  const TokenCounts none(sampling, {});
  Sampler sampler;
  return sampler
      .draw(row, {.sampling = sampling,
                  .counts = none,
                  .allowed = {},
                  .known = static_cast<int64_t>(row.size()),
                  .choice = 0,
                  .position = position,
                  .top_logprobs = -1})
      .token;
}

}  // namespace aurora::infer
