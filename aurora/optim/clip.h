// Clipping by the global norm (Pascanu et al. 2013).
#pragma once

#include "aurora/tensor/exec.h"

namespace aurora::optim {

// The 2-norm of a flat f32 arena, summed in f64 over fixed blocks.
double gradient_norm(const tensor::Exec& exec, const device::View& gradient);

// What to multiply a gradient of this norm with, so that its norm is at most clip_norm; 1 when clip_norm is 0
// (off).
double clip_factor(double norm, double clip_norm);

}  // namespace aurora::optim
