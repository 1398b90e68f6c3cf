#include "aurora/kernels/reference/classifier.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "aurora/kernels/element.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::reference {
namespace {

std::vector<double> logits_of_row(const Classifier& call, const ClassifierSizes& size, int64_t row) {
  std::vector<double> logits(size.v, 0.0);
  for (int64_t v = 0; v < size.v; ++v)
    for (int64_t c = 0; c < size.c; ++c)
      logits[v] += load_element(call.x, row * call.x.stride(0) + c) *
                   load_element(call.weight, v * call.weight.stride(0) + c);
  return logits;
}

double log_sum_exp(const std::vector<double>& logits) {
  const double highest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (double logit : logits) sum += std::exp(logit - highest);
  return highest + std::log(sum);
}

}  // namespace

void classifier(const Stream&, const Classifier& call) {
  const ClassifierSizes size = classifier_sizes(call);
  for (int64_t row = 0; row < size.r; ++row) {
    const int32_t target = call.targets.as<int32_t>()[row];
    const double loss_weight = call.loss_weights.as<float>()[row];
    std::vector<double> d_x(size.c, 0.0);
    if (target < 0) {
      call.nll.as<float>()[row] = 0;
    } else {
      const std::vector<double> logits = logits_of_row(call, size, row);
      const double lse = log_sum_exp(logits);
      call.nll.as<float>()[row] = static_cast<float>(lse - logits[target]);
      for (int64_t v = 0; size.gradient && v < size.v; ++v) {
        const double d_logit = loss_weight * (std::exp(logits[v] - lse) - (v == target ? 1 : 0));
        for (int64_t c = 0; c < size.c; ++c) {
          d_x[c] += d_logit * load_element(call.weight, v * call.weight.stride(0) + c);
          call.d_weight.as<float>()[v * call.d_weight.stride(0) + c] +=
              static_cast<float>(d_logit * load_element(call.x, row * call.x.stride(0) + c));
        }
      }
    }
    for (int64_t c = 0; size.gradient && c < size.c; ++c)
      store_element(call.d_x, row * call.d_x.stride(0) + c, d_x[c]);
  }
}

}  // namespace aurora::kernels::reference
