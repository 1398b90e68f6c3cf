// Passes over one row of logits, in whatever vector instructions the processor has and with the same bits in
// all of them. Logits that are NaN count as -infinity.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aurora/kernels/cpu/isa.h"

namespace aurora::infer {

constexpr int64_t kRowBlock = 1024;  // logits that are summed on their own

struct RowEntry {
  float logit;
  int32_t token;
};

// The order of all lists: likelier first, of equals the smaller id.
inline bool comes_before(const RowEntry& a, const RowEntry& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
}

// The largest logit; -infinity of an empty row.
float largest_logit(std::span<const float> row, kernels::cpu::Isa isa = kernels::cpu::isa());

// The first place of `value`, which must be there.
int32_t first_place(std::span<const float> row, float value);

// exp((logit - largest) * scale) of each. scale > 0, finite; largest at least every logit.
struct Exponent {
  float largest;
  double scale;
};
enum class Precision {
  kFull,  // relative error below 1e-14; 0 below e^-708
  kDraw,  // below 2^-20, a third of the time; 0 below e^-87
};
void exp_weights(std::span<const float> row, Exponent exponent, Precision precision, double* weights,
                 kernels::cpu::Isa isa = kernels::cpu::isa());

// Sum of these weights in f64: within blocks of kRowBlock over 16 lanes and their tree, then block after
// block. block_sums: null, or receives each block's.
double sum_of_weights(std::span<const float> row, Exponent exponent, Precision precision,
                      std::vector<double>* block_sums = nullptr, kernels::cpu::Isa isa = kernels::cpu::isa());

// Appends all with logit >= cut (and > -infinity), in order of id.
void append_at_least(std::span<const float> row, float cut, std::vector<RowEntry>& entries,
                     kernels::cpu::Isa isa = kernels::cpu::isa());

// A logit that at least `count` of the row reach, and not many more; -infinity when `count` is a large part.
float cut_of_likeliest(std::span<const float> row, int64_t count,
                       kernels::cpu::Isa isa = kernels::cpu::isa());

// The `count` first in order of comes_before; fewer when the row has fewer above -infinity.
std::vector<RowEntry> likeliest(std::span<const float> row, int64_t count);

}  // namespace aurora::infer
