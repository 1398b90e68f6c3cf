// Megatron-Core's blend of datasets, bit for bit (megatron/core/datasets/helpers.cpp): at step n the dataset
// with the largest w_i * max(n, 1) - c_i is taken (double arithmetic, multiply then subtract, the first wins
// ties), where c_i counts how often dataset i was taken before.
//
// Megatron asks all D datasets at each step. Here a dataset is asked only near the steps at which it can win;
// blocks of steps run in parallel from an approximate state and are verified at their borders, so the bytes
// are Megatron's and the time is not.
#pragma once

#include <cstdint>
#include <span>

#include "aurora/base/threads.h"

namespace aurora::megatron {

// weights: as Megatron normalises them, 1 to 32,767 of them (the index is int16), each from 0 to 1; Error
// otherwise.
// datasets[n], samples[n]: dataset of step n and number of the sample in it; both of the size of the blend.
void greedy_blend(std::span<const double> weights, std::span<int16_t> datasets, std::span<int64_t> samples,
                  Pool& pool);

// The variant without a given size (build_exhaustive_blending_indices): every dataset is used up; datasets
// and samples have the size of the sum of sizes. Error for a size below 1, with which Megatron's does not
// end.
void exhaustive_blend(std::span<const int64_t> sizes, std::span<int16_t> datasets, std::span<int64_t> samples,
                      Pool& pool);

}  // namespace aurora::megatron
