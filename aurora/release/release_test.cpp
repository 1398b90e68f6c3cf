#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "aurora/format/safetensors.h"
#include "aurora/release/hugging_face.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::release {
namespace {

tokenizer::Tokenizer byte_tokenizer() {
  std::vector<std::string> bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.emplace_back(1, static_cast<char>(byte));
  return tokenizer::Tokenizer(tokenizer::spec_of_trained_bpe(bytes, {}, {"<|endoftext|>"}));
}

class HuggingFace : public testing::Test {
 protected:
  HuggingFace() : folder_(std::filesystem::temp_directory_path() / "aurora_release_test"), llama_(shape()) {
    std::filesystem::remove_all(folder_);
    master_ = nn::ParameterArena(llama_.layout(), device::DType::kF32);
    llama_.initialise(5, master_.flat(), Pool::serial());
  }
  ~HuggingFace() override { std::filesystem::remove_all(folder_); }

  static plan::ModelShape shape() {
    plan::ModelShape shape = plan::preset("tiny");
    shape.vocab = 320;
    return shape;
  }
  std::vector<std::string> write(const std::string& dtype, uint64_t shard_bytes) {
    ReleaseInputs inputs{llama_, master_.flat(), tokenizer_, 64, dtype, shard_bytes, {}};
    inputs.card.title = "A title";
    inputs.card.licence = "other";
    inputs.card.corpora.push_back({"prose", "own text", {"en", "fr"}, 3, 4000, 1000, 0.75});
    return write_hugging_face(folder_, inputs);
  }

  Path folder_;
  models::Llama llama_;
  nn::ParameterArena master_;
  tokenizer::Tokenizer tokenizer_ = byte_tokenizer();
};

TEST_F(HuggingFace, WritesTheFilesThatTransformersLooksFor) {
  const std::vector<std::string> names = write("bf16", 1u << 30);
  const std::set<std::string> expected = {
      "README.md",         "SHA256SUMS",     "config.json",          "generation_config.json",
      "model.safetensors", "tokenizer.json", "tokenizer_config.json"};
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), expected);
  for (const std::string& name : names) EXPECT_TRUE(std::filesystem::exists(folder_ / name)) << name;
}

TEST_F(HuggingFace, StoresTheMastersExactlyInF32AcrossShards) {
  write("f32", 40'000);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "model.safetensors.index.json"));
  const format::SafetensorsFolder stored(folder_);
  for (const models::NamedWeight& weight : llama_.named_weights(master_.flat())) {
    const format::StoredTensor& tensor = stored.tensor(weight.name);
    ASSERT_EQ(tensor.spec.shape, weight.shape) << weight.name;
    EXPECT_EQ(std::memcmp(tensor.data.data(), weight.data.data(), weight.data.size_bytes()), 0)
        << weight.name;
  }
}

TEST_F(HuggingFace, RoundsToBf16) {
  write("bf16", 1u << 30);
  const format::SafetensorsFolder stored(folder_);
  const models::NamedWeight weight = llama_.named_weights(master_.flat()).front();
  const format::StoredTensor& tensor = stored.tensor(weight.name);
  ASSERT_EQ(tensor.data.size(), weight.data.size() * 2);
  const auto* values = reinterpret_cast<const device::bf16*>(tensor.data.data());
  for (size_t i = 0; i < weight.data.size(); ++i) ASSERT_EQ(values[i], device::bf16(weight.data[i]));
}

TEST_F(HuggingFace, SumsFindOneFlippedByteAndAMissingFile) {
  write("bf16", 1u << 30);
  EXPECT_TRUE(verify_sha256sums(folder_).empty());
  std::string bytes = read_file(folder_ / "model.safetensors");
  bytes[bytes.size() / 2] ^= 1;
  write_file_atomic(folder_ / "model.safetensors", bytes);
  std::filesystem::remove(folder_ / "config.json");
  EXPECT_EQ(verify_sha256sums(folder_).size(), 2u);
}

TEST(ModelCard, NamesEveryCorpusWithItsLicence) {
  ModelCard card;
  card.title = "T";
  card.licence = "other";
  card.corpora = {{"a", "MIT", {"en"}, 1, 10, 5, 0.5}, {"b", "", {}, 1, 10, 5, 0.5}};
  const std::string text = write_model_card(card);
  EXPECT_NE(text.find("| a | en | 1 |"), std::string::npos) << text;
  EXPECT_NE(text.find("MIT"), std::string::npos);
  EXPECT_NE(text.find("not stated in the recipe"), std::string::npos);
}

}  // namespace
}  // namespace aurora::release
