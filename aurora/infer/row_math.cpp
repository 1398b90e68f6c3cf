#include "aurora/infer/row_math.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>

#include "aurora/base/check.h"
#include "aurora/kernels/cpu/lanes.h"

namespace aurora::infer {
namespace {

using kernels::cpu::Isa;
using kernels::cpu::kLanes;
using kernels::cpu::Lanes;
using kernels::cpu::run_on;
using kernels::cpu::splat;
using Doubles = double __attribute__((vector_size(64)));
using Integers = int64_t __attribute__((vector_size(64)));
using EightFloats = float __attribute__((vector_size(32)));

constexpr float kNone = -std::numeric_limits<float>::infinity();
constexpr int64_t kLook = 64;  // logits looked at before any is taken

// e^x for x <= 0; 0 below -708 and of NaN. Reduced by ln 2 in two parts to |f| <= 0.347, then the Taylor
// polynomial of degree 12, whose remainder there is below 2e-16.
[[gnu::always_inline]] inline Doubles exp_of_negative(Doubles x) {
  constexpr double kRound = 0x1.8p52;  // adding it rounds to an integer, kept in the low bits
  const Doubles floor = Doubles{} - 708.0;
  const Doubles bounded = x > floor ? x : floor;
  const Doubles shifted = bounded * 0x1.71547652b82fep0 + kRound;
  const Doubles n = shifted - kRound;
  const Doubles f = (bounded - n * 0x1.62e42fefa38p-1) - n * 0x1.ef35793c7673p-45;
  Doubles p = Doubles{} + 1.0 / 479001600;
  p = p * f + 1.0 / 39916800;
  p = p * f + 1.0 / 3628800;
  p = p * f + 1.0 / 362880;
  p = p * f + 1.0 / 40320;
  p = p * f + 1.0 / 5040;
  p = p * f + 1.0 / 720;
  p = p * f + 1.0 / 120;
  p = p * f + 1.0 / 24;
  p = p * f + 1.0 / 6;
  p = p * f + 0.5;
  p = (p * f) * f + f + 1.0;
  // p * 2^n by adding n to the exponent.
  const Doubles power =
      reinterpret_cast<Doubles>(reinterpret_cast<Integers>(p) + (reinterpret_cast<Integers>(shifted) << 52));
  return x > floor ? power : Doubles{};
}

struct Sixteen {
  Doubles low, high;
};

// The weights of sixteen logits, of which those from `count` on weigh nothing.
template <Precision kPrecision>
[[gnu::always_inline]] inline Sixteen weights_of(const float* from, int64_t count, Exponent exponent) {
  Lanes logits = splat(kNone);
  std::memcpy(&logits, from, static_cast<size_t>(count) * sizeof(float));
  EightFloats low, high;
  if constexpr (kPrecision == Precision::kDraw) {
    const Lanes x = (logits - exponent.largest) * static_cast<float>(exponent.scale);
    logits = x > -87.0f ? kernels::cpu::exp(x) : Lanes{};
  }
  std::memcpy(&low, &logits, sizeof low);
  std::memcpy(&high, reinterpret_cast<const char*>(&logits) + sizeof low, sizeof high);
  Sixteen wide{__builtin_convertvector(low, Doubles), __builtin_convertvector(high, Doubles)};
  if constexpr (kPrecision == Precision::kFull) {
    wide.low = exp_of_negative((wide.low - static_cast<double>(exponent.largest)) * exponent.scale);
    wide.high = exp_of_negative((wide.high - static_cast<double>(exponent.largest)) * exponent.scale);
  }
  return wide;
}

template <Precision kPrecision>
[[gnu::always_inline]] inline double block_sum(const float* from, int64_t count, Exponent exponent) {
  Doubles low{}, high{};
  const auto add = [&](int64_t at, int64_t some) __attribute__((always_inline)) {
    const Sixteen weights = weights_of<kPrecision>(from + at, some, exponent);
    low += weights.low;
    high += weights.high;
  };
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) add(i, kLanes);
  if (i < count) add(i, count - i);
  low += high;
  return ((low[0] + low[4]) + (low[2] + low[6])) + ((low[1] + low[5]) + (low[3] + low[7]));
}

template <Precision kPrecision>
[[gnu::always_inline]] inline void store_weights(std::span<const float> row, Exponent exponent,
                                                 double* weights) {
  const auto size = static_cast<int64_t>(row.size());
  const auto put = [&](int64_t at, int64_t count) __attribute__((always_inline)) {
    const Sixteen sixteen = weights_of<kPrecision>(row.data() + at, count, exponent);
    std::memcpy(weights + at, &sixteen, static_cast<size_t>(count) * sizeof(double));
  };
  int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) put(i, kLanes);
  if (i < size) put(i, size - i);
}

}  // namespace

float largest_logit(std::span<const float> row, Isa isa) {
  float result = kNone;
  run_on(
      isa, [&]() __attribute__((always_inline)) {
        const auto size = static_cast<int64_t>(row.size());
        Lanes best = splat(kNone);
        int64_t i = 0;
        for (; i + kLanes <= size; i += kLanes) {
          const Lanes lanes = kernels::cpu::load(row.data() + i);
          best = lanes > best ? lanes : best;
        }
        for (; i < size; ++i)
          result = row[static_cast<size_t>(i)] > result ? row[static_cast<size_t>(i)] : result;
        for (int64_t lane = 0; lane < kLanes; ++lane) result = best[lane] > result ? best[lane] : result;
      });
  return result;
}

int32_t first_place(std::span<const float> row, float value) {
  const auto at = std::find(row.begin(), row.end(), value);
  AURORA_CHECK(at != row.end(), "no logit of this value");
  return static_cast<int32_t>(at - row.begin());
}

void exp_weights(std::span<const float> row, Exponent exponent, Precision precision, double* weights,
                 Isa isa) {
  run_on(
      isa, [&]() __attribute__((always_inline)) {
        if (precision == Precision::kFull)
          store_weights<Precision::kFull>(row, exponent, weights);
        else
          store_weights<Precision::kDraw>(row, exponent, weights);
      });
}

double sum_of_weights(std::span<const float> row, Exponent exponent, Precision precision,
                      std::vector<double>* block_sums, Isa isa) {
  if (block_sums != nullptr) block_sums->clear();
  double total = 0;
  const auto size = static_cast<int64_t>(row.size());
  for (int64_t begin = 0; begin < size; begin += kRowBlock) {
    const int64_t count = std::min(size - begin, kRowBlock);
    double sum = 0;
    run_on(
        isa, [&]() __attribute__((always_inline)) {
          sum = precision == Precision::kFull
                    ? block_sum<Precision::kFull>(row.data() + begin, count, exponent)
                    : block_sum<Precision::kDraw>(row.data() + begin, count, exponent);
        });
    if (block_sums != nullptr) block_sums->push_back(sum);
    total += sum;
  }
  return total;
}

void append_at_least(std::span<const float> row, float cut, std::vector<RowEntry>& entries, Isa isa) {
  const float least = std::max(cut, std::numeric_limits<float>::lowest());
  const auto size = static_cast<int64_t>(row.size());
  for (int64_t begin = 0; begin < size; begin += kLook) {
    const int64_t end = std::min(size, begin + kLook);
    if (largest_logit(row.subspan(static_cast<size_t>(begin), static_cast<size_t>(end - begin)), isa) < least)
      continue;
    for (int64_t i = begin; i < end; ++i)
      if (row[static_cast<size_t>(i)] >= least)
        entries.push_back({row[static_cast<size_t>(i)], static_cast<int32_t>(i)});
  }
}

float cut_of_likeliest(std::span<const float> row, int64_t count, Isa isa) {
  const auto size = static_cast<int64_t>(row.size());
  if (count < 1 || count > size / kLook / 2) return kNone;
  // As many pieces of the row as have a largest logit of at least this have a logit of at least this.
  std::vector<float> largest;
  largest.reserve(static_cast<size_t>(size / kLook));
  for (int64_t begin = 0; begin + kLook <= size; begin += kLook)
    largest.push_back(largest_logit(row.subspan(static_cast<size_t>(begin), kLook), isa));
  const auto at = largest.begin() + (count - 1);
  std::nth_element(largest.begin(), at, largest.end(), std::greater<>());
  return *at;
}

std::vector<RowEntry> likeliest(std::span<const float> row, int64_t count) {
  std::vector<RowEntry> entries;
  if (count <= 0) return entries;
  append_at_least(row, cut_of_likeliest(row, count), entries);
  const auto kept = std::min(static_cast<size_t>(count), entries.size());
  std::partial_sort(entries.begin(), entries.begin() + static_cast<int64_t>(kept), entries.end(),
                    comes_before);
  entries.resize(kept);
  return entries;
}

}  // namespace aurora::infer
