#include "aurora/infer/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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
    normaliser = double{largest} + std::log(sum_of_weights(logits, {largest, 1.0}, Precision::kFull));
    for (const RowEntry& entry : likeliest(logits, settings.top_logprobs))
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
  double target = uniform * sum_of_weights(logits, exponent, Precision::kDraw, &weights_);
  size_t block = 0, last = 0;
  for (size_t b = 0; b < weights_.size(); ++b)
    if (weights_[b] > 0) last = b;
  while (block < last && target >= weights_[block]) target -= weights_[block++];

  const size_t begin = block * kRowBlock;
  const std::span<const float> row =
      logits.subspan(begin, std::min<size_t>(kRowBlock, logits.size() - begin));
  weights_.resize(row.size());
  exp_weights(row, exponent, Precision::kDraw, weights_.data());
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
  exp_weights(logits_, exponent, Precision::kDraw, weights_.data());
  candidates_.resize(entries_.size());
  for (size_t i = 0; i < entries_.size(); ++i) candidates_[i] = {entries_[i], weights_[i]};
}

// The last of the top_k likeliest candidates; of all when there are no more.
RowEntry Sampler::last_of_top_k(int64_t top_k) {
  ordered_ = candidates_;
  const int64_t kept = std::min(top_k, static_cast<int64_t>(ordered_.size()));
  std::nth_element(ordered_.begin(), ordered_.begin() + (kept - 1), ordered_.end(), before);
  return ordered_[static_cast<size_t>(kept - 1)].entry;
}

// The candidate with which the weights, likeliest first, reach `goal`; `last` at the latest. The range in
// which it lies is cut into buckets by logit, and again, until few are left to sort.
RowEntry Sampler::last_of_mass(double goal, const RowEntry& last) {
  constexpr int kBuckets = 256;
  constexpr size_t kFew = 32;
  double reached = 0;
  std::span<const Candidate> range = candidates_;
  while (range.size() > kFew) {
    float low = range.front().entry.logit, high = low;
    for (const Candidate& candidate : range) {
      low = std::min(low, candidate.entry.logit);
      high = std::max(high, candidate.entry.logit);
    }
    const double per_bucket = kBuckets / (double{high} - low);
    if (!std::isfinite(per_bucket)) break;
    const auto bucket_of = [&](const Candidate& candidate) {
      const double down = (double{high} - candidate.entry.logit) * per_bucket;
      return static_cast<int>(std::clamp(down, 0.0, double{kBuckets - 1}));
    };
    std::array<double, kBuckets> mass{};
    for (const Candidate& candidate : range)
      mass[static_cast<size_t>(bucket_of(candidate))] += candidate.weight;
    int bucket = 0;
    const int end = bucket_of({last, 0});
    while (bucket < end && reached + mass[static_cast<size_t>(bucket)] < goal)
      reached += mass[static_cast<size_t>(bucket++)];
    next_.clear();
    for (const Candidate& candidate : range)
      if (bucket_of(candidate) == bucket) next_.push_back(candidate);
    ordered_.swap(next_);
    range = ordered_;
  }
  if (range.data() != ordered_.data()) ordered_.assign(range.begin(), range.end());
  std::sort(ordered_.begin(), ordered_.end(), before);
  size_t at = 0;
  while (at + 1 < ordered_.size() && comes_before(ordered_[at].entry, last) &&
         reached + ordered_[at].weight < goal)
    reached += ordered_[at++].weight;
  return ordered_[at].entry;
}

// Fills candidates_ with what may be kept, and some more.
void Sampler::gather_likely(std::span<const float> logits, Exponent exponent, const Sampling& sampling,
                            double goal) {
  constexpr double kEverything = std::numeric_limits<double>::infinity();
  // Below this distance from the likeliest min-p keeps nothing; a little more, as the weights decide.
  const double slack = 1e-5 * (1 + std::fabs(double{exponent.largest}));
  const double least = sampling.min_p > 0 ? -std::log(sampling.min_p) / exponent.scale + slack : kEverything;
  const auto cut_at = [&](double down) { return static_cast<float>(double{exponent.largest} - down); };
  if (sampling.top_k > 0) {
    // What top-p is a share of may lie below.
    const float floor = sampling.top_p < 1 ? cut_at(kEverything) : cut_at(least);
    return gather(logits, exponent, std::max(cut_of_likeliest(logits, sampling.top_k), floor));
  }
  // Few are likely: look at those first, and farther down as long as they are not enough.
  for (double reach = 8; true; reach *= 2) {
    const double down = std::min(reach > 512 ? kEverything : reach / exponent.scale, least);
    gather(logits, exponent, cut_at(down));
    if (down == least || down == kEverything) return;
    double mass = 0;
    for (const Candidate& candidate : candidates_) mass += candidate.weight;
    if (mass >= goal * (1 + 1e-9)) return;
  }
}

int32_t Sampler::pick_of_likeliest(std::span<const float> logits, Exponent exponent, const Sampling& sampling,
                                   double uniform) {
  const bool by_mass = sampling.top_p < 1;
  double goal = 0;  // 0: as far down as min-p goes
  if (by_mass && sampling.top_k == 0)
    goal = sampling.top_p * sum_of_weights(logits, exponent, Precision::kDraw);
  gather_likely(logits, exponent, sampling, by_mass ? goal : std::numeric_limits<double>::infinity());
  RowEntry last{-std::numeric_limits<float>::infinity(), std::numeric_limits<int32_t>::max()};
  if (sampling.top_k > 0) last = last_of_top_k(sampling.top_k);
  if (by_mass && sampling.top_k > 0) {
    for (const Candidate& candidate : candidates_)
      if (!comes_before(last, candidate.entry)) goal += sampling.top_p * candidate.weight;
  }
  if (by_mass) last = last_of_mass(goal, last);

  const auto kept = [&](const Candidate& candidate) {
    return candidate.weight > 0 && candidate.weight >= sampling.min_p && !comes_before(last, candidate.entry);
  };
  double sum = 0;
  for (const Candidate& candidate : candidates_)
    if (kept(candidate)) sum += candidate.weight;
  double target = uniform * sum;
  int32_t picked = kNoToken;
  for (const Candidate& candidate : candidates_) {
    if (!kept(candidate)) continue;
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
