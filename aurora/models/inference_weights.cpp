#include "aurora/models/inference_weights.h"

#include <algorithm>

namespace aurora::models {

InferenceWeights::InferenceWeights(const nn::ParameterLayout& layout, device::DType act)
    : act_(act), parameters_(layout.parameters()), weights_(parameters_.size()) {}

InferenceWeights InferenceWeights::of_arena(const nn::ParameterLayout& layout, const device::View& flat,
                                            std::shared_ptr<const void> owner) {
  InferenceWeights weights(layout, flat.dtype);
  for (size_t i = 0; i < weights.weights_.size(); ++i)
    weights.set_plain(static_cast<int>(i), layout.view(static_cast<int>(i), flat));
  weights.owners_.push_back(std::move(owner));
  return weights;
}

InferenceWeights InferenceWeights::packed(const nn::ParameterLayout& layout, const device::View& flat,
                                          int looked_up, int output, Pool& pool,
                                          std::shared_ptr<const void> owner) {
  InferenceWeights weights = of_arena(layout, flat, std::move(owner));
  for (size_t i = 0; i < weights.weights_.size(); ++i) {
    const int index = static_cast<int>(i);
    autograd::Weight& weight = weights.weights_[i];
    if (weight.value.rank != 2 || (index == looked_up && index != output)) continue;
    weights.set_packed(
        index, std::make_shared<const kernels::PackedWeight>(kernels::pack_weight(weight.value, pool)));
    if (index != looked_up) weight.value = device::View{};
  }
  return weights;
}

void InferenceWeights::set_packed(int index, std::shared_ptr<const kernels::PackedWeight> weight) {
  const nn::Parameter& parameter = parameters_[static_cast<size_t>(index)];
  AURORA_CHECK(parameter.shape == (std::vector<int64_t>{weight->n(), weight->k()}), "{} has another shape",
               parameter.name);
  AURORA_CHECK(weight->spec().act == act_, "{} is packed for another dtype", parameter.name);
  weights_[static_cast<size_t>(index)].packed = weight.get();
  owners_.push_back(std::move(weight));
}

void InferenceWeights::set_plain(int index, const device::View& value, std::shared_ptr<const void> owner) {
  const nn::Parameter& parameter = parameters_[static_cast<size_t>(index)];
  AURORA_CHECK(value.dtype == act_ && value.is_contiguous(), "{}", parameter.name);
  const std::vector<int64_t> shape(value.shape.begin(), value.shape.begin() + value.rank);
  AURORA_CHECK(shape == parameter.shape, "{} has another shape", parameter.name);
  weights_[static_cast<size_t>(index)].value = value;
  owners_.push_back(std::move(owner));
}

std::string InferenceWeights::missing() const {
  for (size_t i = 0; i < weights_.size(); ++i)
    if (weights_[i].value.empty() && weights_[i].packed == nullptr) return parameters_[i].name;
  return {};
}

}  // namespace aurora::models
