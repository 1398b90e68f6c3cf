#include "aurora/release/convert.h"

#include <gtest/gtest.h>

#include <cstring>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"
#include "aurora/infer/generate.h"
#include "aurora/kernels/packed.h"
#include "aurora/models/load_weights.h"
#include "aurora/release/hugging_face.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::release {
namespace {

using format::BlockType;
using plan::RopeScaling;

tokenizer::Tokenizer byte_tokenizer() {
  std::vector<std::string> bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.emplace_back(1, static_cast<char>(byte));
  return tokenizer::Tokenizer(tokenizer::spec_of_trained_bpe(bytes, {}, {"<|endoftext|>", "<|im_end|>"}));
}

// One of each kind that a family has.
std::vector<plan::ModelShape> shapes() {
  plan::ModelShape shape = plan::preset("tiny");
  shape.vocab = 320;
  shape.norm_epsilon = 1e-6;
  std::vector<plan::ModelShape> all(5, shape);
  all[0].rope_scaling.kind = RopeScaling::Kind::kLlama3;
  all[0].rope_scaling.factor = 8;
  all[0].rope_scaling.original_positions = 64;
  all[1].window = 16;
  all[1].tied = false;
  all[2].qkv_bias = true;
  all[2].rope_scaling.kind = RopeScaling::Kind::kLinear;
  all[2].rope_scaling.factor = 4;
  all[3].qk_norm = true;
  all[3].head_size = 2 * shape.head_size;
  all[4].tied = false;
  all[4].kv_heads = all[4].heads;
  return all;
}

class Convert : public testing::Test {
 protected:
  // A Hugging Face folder of random weights.
  Path write(const plan::ModelShape& shape) {
    const models::Llama llama(shape);
    const nn::ParameterArena master(llama.layout(), device::DType::kF32);
    llama.initialise(5, master.flat(), pool_);
    float* values = master.flat().as<float>();
    for (int64_t i = 0; i < master.flat().elements(); ++i) values[i] *= 1.5f;  // norms, too
    const Path folder = folder_.path() / "model";
    write_hugging_face(folder, {llama, master.flat(), tokenizer_, 64, "f32", 1u << 30, {}});
    return folder;
  }
  Path convert(const Path& model, BlockType type, const std::string& name) {
    const Path file = folder_.path() / name;
    write_gguf_model(infer::open_model(model), type, file, pool_);
    return file;
  }
  // All weights as f32, in the order of the layout.
  std::vector<float> weights(const Path& path) {
    const infer::Model model = infer::load_model(path, {.act = "f32", .weights = "plain"}, pool_);
    std::vector<float> all;
    for (const autograd::Weight& weight : model.weights.weights())
      all.insert(all.end(), weight.value.as<float>(), weight.value.as<float>() + weight.value.elements());
    return all;
  }

  TestFolder folder_;
  Pool pool_{2};
  tokenizer::Tokenizer tokenizer_ = byte_tokenizer();
};

TEST_F(Convert, EveryFamilyGoesToGgufAndBackWithoutLoss) {
  int number = 0;
  for (const plan::ModelShape& shape : shapes()) {
    const Path model = write(shape);
    const Path gguf = convert(model, BlockType::kF32, fmt::format("{}.gguf", number));
    const infer::OpenedModel opened = infer::open_model(gguf);
    EXPECT_EQ(opened.config.shape.norm_epsilon, static_cast<double>(1e-6f));
    plan::ModelShape found = opened.config.shape;
    found.norm_epsilon = shape.norm_epsilon;  // f32 in the file
    EXPECT_EQ(found, shape) << number;
    EXPECT_EQ(opened.config.max_positions, 64);
    EXPECT_EQ(opened.tokenizer.fingerprint(), tokenizer_.fingerprint());
    EXPECT_EQ(opened.act, "f32");
    EXPECT_EQ(opened.name, "model");
    EXPECT_EQ(weights(gguf), weights(model)) << number;

    const Path back = folder_.path() / fmt::format("back-{}", number++);
    write_hugging_face_model(opened, BlockType::kF32, back, pool_);
    EXPECT_EQ(weights(back), weights(model));
    found = infer::open_model(back).config.shape;
    found.norm_epsilon = shape.norm_epsilon;
    EXPECT_EQ(found, shape);
  }
}

TEST_F(Convert, QuantisedMatricesGoIntoThePanelsValueForValue) {
  const Path model = write(shapes()[0]);
  for (const auto& [type, format] : {std::pair{BlockType::kQ8_0, kernels::PackFormat::kInt8},
                                     {BlockType::kQ4_0, kernels::PackFormat::kInt4}}) {
    const Path gguf = convert(model, type, format::block_format(type).name);
    const infer::Model stored = infer::load_model(gguf, {}, pool_);
    // ... which are those that quantising at load makes.
    const infer::Model made = infer::load_model(
        model, {.act = "bf16", .weights = type == BlockType::kQ8_0 ? "int8" : "int4"}, pool_);
    for (size_t i = 0; i < stored.weights.weights().size(); ++i) {
      const kernels::PackedWeight* a = stored.weights.weights()[i].packed;
      const kernels::PackedWeight* b = made.weights.weights()[i].packed;
      ASSERT_EQ(a == nullptr, b == nullptr);
      if (!a) continue;
      EXPECT_EQ(a->spec().format, format);
      std::vector<std::byte> rows_a(static_cast<size_t>(a->n() * a->spec().row_bytes())),
          rows_b(rows_a.size());
      a->unpack_rows(0, a->n(), rows_a.data());
      b->unpack_rows(0, b->n(), rows_b.data());
      EXPECT_EQ(rows_a, rows_b);
    }
    EXPECT_NE(stored.hash, made.hash);
  }
}

TEST_F(Convert, TheSameTextComesOfEveryKindOfFiles) {
  const Path model = write(shapes()[3]);
  const Path gguf = convert(model, BlockType::kBf16, "x.gguf");
  const Path back = folder_.path() / "back";
  write_hugging_face_model(infer::open_model(gguf), BlockType::kBf16, back, pool_);
  const infer::GenerateSettings settings = {.sampling = {.temperature = 0}, .max_tokens = 12};
  std::vector<std::vector<int32_t>> answers;
  for (const Path& path : {model, gguf, back}) {
    const infer::Model loaded = infer::load_model(path, {.act = "bf16"}, pool_);
    EXPECT_EQ(loaded.end_tokens.front(), 256);
    answers.push_back(infer::generate(loaded, "ab", settings, pool_).tokens);
  }
  EXPECT_EQ(answers[1], answers[0]);
  EXPECT_EQ(answers[2], answers[0]);
}

TEST_F(Convert, TheFileIsAFunctionOfTheModelAlone) {
  const Path model = write(shapes()[0]);
  const Path one = convert(model, BlockType::kQ4_0, "one.gguf");
  Pool single(1);
  write_gguf_model(infer::open_model(model), BlockType::kQ4_0, folder_.path() / "two.gguf", single);
  EXPECT_EQ(read_file(one), read_file(folder_.path() / "two.gguf"));
}

TEST_F(Convert, WhatIsNoModelIsNamed) {
  const auto said = [&](const Path& path) -> std::string {
    try {
      infer::open_model(path);
    } catch (const Error& error) {
      return error.happened();
    }
    return "";
  };
  EXPECT_EQ(said(folder_.path()), "no model here");
  EXPECT_EQ(said(folder_.path() / "nothing"), "no such file or folder");
  write_file_atomic(folder_.path() / "text", "text");
  EXPECT_EQ(said(folder_.path() / "text"), "not a model: the file is no GGUF file");
}

}  // namespace
}  // namespace aurora::release
