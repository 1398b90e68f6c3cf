// Small models and leaves for tests.
#pragma once

#include <cstring>
#include <vector>

#include "aurora/base/random.h"
#include "aurora/models/llama.h"

namespace aurora::models::testing {

using device::DType;

inline plan::ModelShape small_shape() {
  plan::ModelShape shape;
  shape.layers = 2;
  shape.width = 32;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_size = 8;
  shape.hidden = 48;
  shape.vocab = 61;
  return shape;
}

// Shapes with each of the options, and with all of them.
inline std::vector<plan::ModelShape> optional_shapes() {
  std::vector<plan::ModelShape> shapes(6, small_shape());
  shapes[0].qkv_bias = true;
  shapes[1].qk_norm = true;
  shapes[2].head_size = 12;
  shapes[3].window = 5;
  shapes[4].rope_scaling = {.kind = plan::RopeScaling::Kind::kLlama3,
                            .factor = 8,
                            .low_frequency_factor = 1,
                            .high_frequency_factor = 4,
                            .original_positions = 64};
  shapes[5] = shapes[4];
  shapes[5].tied = false;
  shapes[5].qkv_bias = shapes[5].qk_norm = true;
  shapes[5].head_size = 12;
  shapes[5].window = 5;
  return shapes;
}

inline nn::Leaf random_leaf(int64_t sequences, int64_t length, int64_t vocab, uint64_t seed = 0) {
  nn::Leaf leaf;
  leaf.sequences = sequences;
  leaf.length = length;
  RandomKey key = random_key(seed, Purpose::kTest, {1});
  auto bound = static_cast<uint64_t>(vocab);
  for (int64_t b = 0; b < sequences; ++b) {
    for (int64_t t = 0; t < length; ++t) {
      auto at = static_cast<uint64_t>(b * (length + 1) + t);
      leaf.tokens.push_back(static_cast<int32_t>(random_below(at, key, bound)));
      leaf.targets.push_back(static_cast<int32_t>(random_below(at + 1, key, bound)));
      leaf.loss_weights.push_back(1);
      leaf.positions.push_back(static_cast<int32_t>(t));
      leaf.segment_begin.push_back(0);
    }
  }
  return leaf;
}

// A model with its weights in f32 and in the compute dtype, and where to run it.
class Running {
 public:
  Running(const plan::ModelShape& shape, const kernels::Kernels& kernels, DType act, int threads = 1)
      : llama(shape),
        pool(threads),
        exec{device::Stream::cpu(pool), kernels, arena},
        master(llama.layout(), DType::kF32),
        compute(llama.layout(), act),
        gradient(llama.layout(), DType::kF32) {
    llama.initialise(7, master.flat(), pool);
    cast();
  }

  void cast() {
    if (compute.flat().dtype == DType::kF32) {
      std::memcpy(compute.flat().data, master.flat().data, master.flat().bytes());
    } else {
      exec.run(&kernels::Kernels::cast, master.flat(), compute.flat());
    }
  }
  // Weights large enough that every parameter matters.
  void enlarge(float factor) {
    float* values = master.flat().as<float>();
    for (int64_t i = 0; i < master.flat().elements(); ++i) {
      if (values[i] != 1.0f) values[i] *= factor;
    }
    // Biases and norms off their first values.
    const RandomKey key = random_key(9, Purpose::kTest);
    for (const nn::Parameter& parameter : llama.layout().parameters()) {
      if (parameter.decays()) continue;
      for (int64_t i = parameter.offset; i < parameter.offset + parameter.elements(); ++i)
        values[i] += 0.2f * random_normal(static_cast<uint64_t>(i), key);
    }
    cast();
  }
  double train_on(const nn::Leaf& leaf, float* nll = nullptr) {
    return llama.loss_and_gradient(exec, compute.flat(), leaf, gradient.flat(), nll);
  }
  std::vector<float> nll(const nn::Leaf& leaf) {
    std::vector<float> values(leaf.tokens.size());
    llama.loss(exec, compute.flat(), leaf, values.data());
    return values;
  }
  std::vector<float> gradient_values() const {
    const float* values = gradient.flat().as<float>();
    return {values, values + gradient.flat().elements()};
  }

  Llama llama;
  Pool pool;
  tensor::Arena arena;
  Exec exec;
  nn::ParameterArena master, compute, gradient;
};

}  // namespace aurora::models::testing
