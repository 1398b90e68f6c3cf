#include "aurora/models/load_weights.h"

#include <gtest/gtest.h>

#include <cstring>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"
#include "aurora/format/safetensors.h"
#include "aurora/kernels/packed.h"
#include "aurora/models/gguf_config.h"
#include "aurora/models/testing.h"

namespace aurora::models {
namespace {

using format::BlockType;
using testing::Running;
using testing::small_shape;

// A Qwen3-like shape: everything that a file may have but biases.
plan::ModelShape rich_shape() {
  plan::ModelShape shape = small_shape();
  shape.width = 64;
  shape.hidden = 96;
  shape.head_size = 32;
  shape.tied = false;
  shape.qk_norm = true;
  return shape;
}

void write_safetensors(const Path& folder, const Running& model) {
  std::vector<format::TensorSpec> specs;
  std::map<std::string, std::span<const float>> data;
  for (const NamedWeight& weight : model.llama.named_weights(model.master.flat())) {
    specs.push_back({weight.name, format::StoredType::kF32, weight.shape});
    data[weight.name] = weight.data;
  }
  format::write_safetensors_folder(folder, specs, 40'000, {},
                                   [&](const format::TensorSpec& spec, const format::Sink& sink) {
                                     sink(data.at(spec.name).data(), data.at(spec.name).size_bytes());
                                   });
}

// All rows of the packed or plain form as plain act elements.
std::vector<std::byte> elements(const autograd::Weight& weight) {
  if (weight.packed) {
    std::vector<std::byte> rows(static_cast<size_t>(weight.packed->n() * weight.packed->spec().row_bytes()));
    weight.packed->unpack_rows(0, weight.packed->n(), rows.data());
    return rows;
  }
  std::vector<std::byte> values(weight.value.bytes());
  std::memcpy(values.data(), weight.value.data, values.size());
  return values;
}

TEST(LoadWeights, DenseWeightsAreTheTrainersCastOnes) {
  for (device::DType act : {device::DType::kBF16, device::DType::kF32}) {
    for (bool tied : {true, false}) {
      plan::ModelShape shape = rich_shape();
      shape.tied = tied;
      Running model(shape, kernels::cpu_kernels(), act, 2);
      TestFolder folder;
      write_safetensors(folder.path(), model);
      const TensorSource source = TensorSource::safetensors_folder(folder.path());
      for (WeightForm form : {WeightForm::kAsStored, WeightForm::kPlain}) {
        const InferenceWeights weights = load_weights(model.llama, source, {act, form}, model.pool);
        EXPECT_EQ(weights.missing(), "");
        for (int i = 0; i < static_cast<int>(weights.weights().size()); ++i) {
          const autograd::Weight& weight = weights.weights()[static_cast<size_t>(i)];
          const device::View wanted = model.llama.layout().view(i, model.compute.flat());
          const std::vector<std::byte> found = elements(weight);
          ASSERT_EQ(found.size(), wanted.bytes());
          EXPECT_EQ(std::memcmp(found.data(), wanted.data, found.size()), 0) << i;
          EXPECT_EQ(weight.value.empty(), weight.packed && i != model.llama.embedding());
        }
      }
    }
  }
}

// Rows of a file in which rotation pairs lie side by side, as convert_hf_to_gguf permutes them.
TEST(TensorSource, RotationPairsAreTakenApart) {
  SourceTensor tensor;
  tensor.shape = {8, 1};
  tensor.rope_heads = 2;  // heads of 4: pairs (0, 2) and (1, 3)
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < 8; ++row) rows.push_back(tensor.stored_row(row));
  EXPECT_EQ(rows, (std::vector<int64_t>{0, 2, 1, 3, 4, 6, 5, 7}));
}

TEST(GgufNames, GoThereAndBack) {
  EXPECT_EQ(gguf_tensor_name("model.layers.12.self_attn.k_norm.weight"), "blk.12.attn_k_norm.weight");
  EXPECT_EQ(hugging_face_tensor_name("blk.12.ffn_norm.weight"),
            "model.layers.12.post_attention_layernorm.weight");
  EXPECT_EQ(hugging_face_tensor_name("output_norm.weight"), "model.norm.weight");
  EXPECT_EQ(hugging_face_tensor_name("blk.1.ffn_gate_exps.weight"), "");
  EXPECT_EQ(hugging_face_tensor_name("blk.x.ffn_norm.weight"), "");
  EXPECT_EQ(hugging_face_tensor_name("blk."), "");
}

std::string refusal(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.where().substr(error.where().rfind('/') + 1) + ": " + error.happened();
  }
  return "";
}

TEST(LoadWeights, WhatIsMissingOddOrTooMuchIsNamed) {
  Running model(small_shape(), kernels::cpu_kernels(), device::DType::kF32);
  TestFolder folder;
  const auto loaded = [&](const plan::ModelShape& shape) {
    return refusal(
        [&] { load_weights(Llama(shape), TensorSource::safetensors_folder(folder.path()), {}, model.pool); });
  };
  write_safetensors(folder.path(), model);
  EXPECT_EQ(loaded(small_shape()), "");
  plan::ModelShape shape = small_shape();
  shape.tied = false;
  EXPECT_NE(loaded(shape).find("the tensor \"lm_head.weight\" is missing"), std::string::npos);
  shape = small_shape();
  shape.hidden += 2;
  EXPECT_NE(loaded(shape).find("tensor model.layers.0.mlp.gate_proj.weight: shape [48, 32], but the model's"),
            std::string::npos);
  shape = small_shape();
  shape.layers = 1;
  EXPECT_NE(loaded(shape).find("tensor model.layers.1.input_layernorm.weight: a tensor that this model does"),
            std::string::npos);
}

}  // namespace
}  // namespace aurora::models
