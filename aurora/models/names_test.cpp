#include <gtest/gtest.h>

#include <map>

#include "aurora/base/error.h"
#include "aurora/models/llama_config.h"
#include "aurora/models/testing.h"

namespace aurora::models {
namespace {

using testing::small_shape;

TEST(NamedWeights, AreHuggingFacesAndFusedOnesAreSplit) {
  plan::ModelShape shape = small_shape();
  shape.layers = 1;
  shape.tied = false;
  Llama llama(shape);
  nn::ParameterArena master(llama.layout(), device::DType::kF32);
  std::vector<NamedWeight> named = llama.named_weights(master.flat());
  std::vector<std::string> names;
  for (const NamedWeight& weight : named) names.push_back(weight.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{
                "model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.weight",
                "model.layers.0.self_attn.k_proj.weight", "model.layers.0.self_attn.v_proj.weight",
                "model.layers.0.self_attn.o_proj.weight", "model.layers.0.mlp.gate_proj.weight",
                "model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.down_proj.weight",
                "model.layers.0.input_layernorm.weight", "model.layers.0.post_attention_layernorm.weight",
                "model.norm.weight", "lm_head.weight"}));
  EXPECT_EQ(named[1].shape, (std::vector<int64_t>{32, 32}));
  EXPECT_EQ(named[2].shape, (std::vector<int64_t>{16, 32}));
  EXPECT_EQ(named[7].shape, (std::vector<int64_t>{32, 48}));
  // k lies behind q, v behind k.
  EXPECT_EQ(named[2].data.data(), named[1].data.data() + 32 * 32);
  EXPECT_EQ(named[3].data.data(), named[2].data.data() + 16 * 32);
}

TEST(NamedWeights, OfBiasesAndHeadNormsAreThoseOfQwen) {
  plan::ModelShape shape = small_shape();
  shape.layers = 1;
  shape.qkv_bias = shape.qk_norm = true;
  Llama llama(shape);
  nn::ParameterArena master(llama.layout(), device::DType::kF32);
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const NamedWeight& weight : llama.named_weights(master.flat())) shapes[weight.name] = weight.shape;
  EXPECT_EQ(shapes.size(), 11u + 5);
  EXPECT_EQ(shapes["model.layers.0.self_attn.q_proj.bias"], (std::vector<int64_t>{32}));
  EXPECT_EQ(shapes["model.layers.0.self_attn.v_proj.bias"], (std::vector<int64_t>{16}));
  EXPECT_EQ(shapes["model.layers.0.self_attn.q_norm.weight"], (std::vector<int64_t>{8}));
  EXPECT_EQ(shapes["model.layers.0.self_attn.k_norm.weight"], (std::vector<int64_t>{8}));
}

TEST(NamedWeights, CoverEveryElementOnce) {
  Llama llama(small_shape());
  nn::ParameterArena master(llama.layout(), device::DType::kF32);
  for (const NamedWeight& weight : llama.named_weights(master.flat())) {
    for (float& value : weight.data) value += 1;
  }
  double sum = 0;
  for (int64_t i = 0; i < master.flat().elements(); ++i) {
    float value = master.flat().as<float>()[i];
    EXPECT_LE(value, 1.0f);
    sum += double{value};
  }
  EXPECT_EQ(sum, static_cast<double>(llama.layout().parameter_count()));
}

TEST(HfConfig, SurvivesTheRoundTrip) {
  HfConfig config;
  config.shape = small_shape();
  config.shape.norm_epsilon = 1e-6;
  config.max_positions = 512;
  config.end_of_text_token = 3;
  std::string json = write_config_json(config);
  EXPECT_NE(json.find("\"LlamaForCausalLM\""), std::string::npos);
  HfConfig back = parse_config_json(json, "config.json");
  EXPECT_EQ(back.shape, config.shape);
  EXPECT_EQ(back.max_positions, 512);
  EXPECT_EQ(back.end_of_text_token, 3);
  EXPECT_EQ(back.dtype, "bfloat16");
}

TEST(HfConfig, RefusesWhatThisModelCannotDo) {
  HfConfig config;
  config.shape = small_shape();
  std::string good = write_config_json(config);
  auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = good;
    size_t at = changed.find(from);
    EXPECT_NE(at, std::string::npos);
    return changed.replace(at, from.size(), to);
  };
  EXPECT_NO_THROW(parse_config_json(good, "c"));
  EXPECT_THROW(parse_config_json("{", "c"), Error);
  EXPECT_THROW(parse_config_json("{}", "c"), Error);
  EXPECT_THROW(parse_config_json(with("\"llama\"", "\"mamba\""), "c"), Error);
  EXPECT_THROW(parse_config_json(with("\"attention_bias\": false", "\"attention_bias\": true"), "c"), Error);
  EXPECT_THROW(parse_config_json(with("\"head_dim\": 8", "\"head_dim\": 7"), "c"), Error);
  EXPECT_THROW(parse_config_json(with("\"hidden_size\": 32", "\"hidden_size\": \"wide\""), "c"), Error);
  EXPECT_THROW(parse_config_json(with("\"rope_scaling\": null", "\"rope_scaling\": {}"), "c"), Error);
}

// The config.json of a family, with these keys.
std::string family_config(const std::string& keys) {
  return R"({"vocab_size": 320, "hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2,
             "num_attention_heads": 4, "num_key_value_heads": 2, "hidden_act": "silu", )" +
         keys + "}";
}

TEST(HfConfig, EachFamilyHasItsOwnOptionsAndDefaults) {
  const auto shape = [](const std::string& keys) {
    return parse_config_json(family_config(keys), "c").shape;
  };
  EXPECT_FALSE(shape(R"("model_type": "llama")").qkv_bias);
  EXPECT_EQ(shape(R"("model_type": "llama")").head_size, 16);
  EXPECT_EQ(shape(R"("model_type": "mistral", "sliding_window": 8)").window, 8);
  EXPECT_EQ(shape(R"("model_type": "mistral", "sliding_window": null)").window, 0);
  EXPECT_TRUE(shape(R"("model_type": "qwen2")").qkv_bias);
  EXPECT_EQ(shape(R"("model_type": "qwen2", "sliding_window": 8)").window, 0);
  EXPECT_EQ(shape(R"("model_type": "qwen2", "sliding_window": 8, "use_sliding_window": true,
                     "max_window_layers": 0)")
                .window,
            8);
  EXPECT_THROW(shape(R"("model_type": "qwen2", "sliding_window": 8, "use_sliding_window": true,
                        "max_window_layers": 1)"),
               Error);
  EXPECT_TRUE(shape(R"("model_type": "qwen3")").qk_norm);
  EXPECT_EQ(shape(R"("model_type": "qwen3")").head_size, 128);
  EXPECT_EQ(shape(R"("model_type": "qwen3", "head_dim": 32)").head_size, 32);
}

TEST(HfConfig, RotaryScalingIsReadFromEitherPlace) {
  const auto shape = [](const std::string& keys) {
    return parse_config_json(family_config(R"("model_type": "llama", )" + keys), "c").shape;
  };
  using Kind = plan::RopeScaling::Kind;
  EXPECT_EQ(shape(R"("rope_theta": 5e5)").rope_theta, 5e5);
  EXPECT_EQ(shape(R"("rope_parameters": {"rope_theta": 5e5, "rope_type": "default"})").rope_theta, 5e5);
  EXPECT_EQ(shape(R"("rope_scaling": {"type": "linear", "factor": 2.0})").rope_scaling.factor, 2);
  const plan::ModelShape scaled = shape(
      R"("rope_parameters": {"rope_theta": 5e5, "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
         "high_freq_factor": 4.0, "original_max_position_embeddings": 100})");
  EXPECT_EQ(scaled.rope_scaling.kind, Kind::kLlama3);
  EXPECT_EQ(scaled.rope_scaling.original_positions, 100);
  EXPECT_THROW(shape(R"("rope_scaling": {"type": "yarn", "factor": 2.0})"), Error);
  EXPECT_THROW(shape(R"("rope_scaling": {"rope_type": "llama3", "factor": 2.0})"), Error);
}

TEST(HfConfig, EndTokensAreANumberOrAList) {
  const auto tokens = [](const std::string& keys) {
    return parse_config_json(family_config(R"("model_type": "llama", )" + keys), "c").end_tokens;
  };
  EXPECT_EQ(tokens(R"("eos_token_id": 2)"), (std::vector<int64_t>{2}));
  EXPECT_EQ(tokens(R"("eos_token_id": [5, 2])"), (std::vector<int64_t>{5, 2}));
  EXPECT_EQ(tokens(R"("eos_token_id": null)"), (std::vector<int64_t>{}));
  EXPECT_EQ(generation_end_tokens(R"({"eos_token_id": [5, 2]})", "g"), (std::vector<int64_t>{5, 2}));
  EXPECT_THROW(tokens(R"("eos_token_id": "x")"), Error);
}

TEST(HfConfig, SizesBeyondAllModelsAreRefused) {
  plan::ModelShape shape = small_shape();
  EXPECT_EQ(check_shape(shape), "");
  shape.hidden = shape.width = int64_t{1} << 30;
  EXPECT_EQ(check_shape(shape), "too large");
  shape = small_shape();
  shape.head_size = 1 << 20;
  EXPECT_EQ(check_shape(shape), "too large");
}

}  // namespace
}  // namespace aurora::models
