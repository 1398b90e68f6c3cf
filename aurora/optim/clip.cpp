#include "aurora/optim/clip.h"

#include <cmath>

namespace aurora::optim {

double gradient_norm(const tensor::Exec& exec, const device::View& gradient) {
  double sum = 0;
  exec.run(&kernels::Kernels::sum_squares, gradient, &sum);
  return std::sqrt(sum);
}

double clip_factor(double norm, double clip_norm) {
  if (clip_norm <= 0 || norm <= clip_norm) return 1;
  return clip_norm / norm;
}

}  // namespace aurora::optim
