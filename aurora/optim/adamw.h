// AdamW (Loshchilov & Hutter 2019) over flat arenas: f32 master, m, v and gradient, and the copy that
// computes.
#pragma once

#include <cstdint>
#include <vector>

#include "aurora/config/recipe.h"
#include "aurora/tensor/exec.h"

namespace aurora::optim {

using device::View;
using kernels::Kernels;
using tensor::Exec;

struct Moments {
  View m, v;  // [N] f32, zeros before the first step
};

struct AdamWSettings {
  double beta1 = 0.9;
  double beta2 = 0.95;
  double epsilon = 1e-8;
  double weight_decay = 0.1;
};
AdamWSettings adamw_settings(const config::Train& train);

class AdamW {
 public:
  // decayed: ascending, disjoint; all other elements of the arena are not decayed.
  AdamW(const AdamWSettings& settings, std::vector<tensor::Range> decayed);

  struct Step {
    int64_t number = 1;         // from 1; bias correction counts from it
    double learning_rate = 0;   // schedule.h
    double gradient_scale = 1;  // clip factor / total loss weight
  };
  // Updates master, m and v, and writes compute (may be empty). All [N].
  void step(const Exec& exec, const Step& step, const View& master, const Moments& moments,
            const View& gradient, const View& compute) const;

 private:
  AdamWSettings settings_;
  std::vector<tensor::Range> decayed_;
};

}  // namespace aurora::optim
