// Which file is read how, and what transformers keeps beside it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/tokenizer/tokenizer.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TokenizerFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = Path(::testing::TempDir()) / (std::string("tokenizer_files_") + info->name());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static Tokenizer trained() {
    std::vector<std::string> tokens;
    for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
    tokens.push_back("lo");
    const std::vector<std::pair<int32_t, int32_t>> merges = {{'l', 'o'}};
    return Tokenizer(spec_of_trained_bpe(tokens, merges, {"<|end|>", "<|x|>"}));
  }
  void write(const char* name, const std::string& text) { write_file_atomic(folder_ / name, text); }
  Spec load() { return Tokenizer::load(folder_).spec(); }
  std::string error_of_load() {
    try {
      load();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  Path folder_;
};

TEST_F(TokenizerFiles, AnOwnTokenizerIsOneFile) {
  const Tokenizer tokenizer = trained();
  tokenizer.save(folder_ / "tokenizer.json");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "tokenizer_config.json"));
  EXPECT_EQ(load(), tokenizer.spec());
  EXPECT_EQ(Tokenizer::load(folder_ / "tokenizer.json").fingerprint(), tokenizer.fingerprint());
  EXPECT_EQ(tokenizer.fingerprint(),
            "df3a94e8ed21a26fb2e445b60d65f0a8");  // checkpoints and token files hold it
}

TEST_F(TokenizerFiles, WhatTokenizerJsonCannotSayStandsBesideIt) {
  Spec spec = trained().spec();
  spec.begin_of_document = 258;
  spec.end_of_document = 258;
  spec.chat_template = "{{ messages }}";
  Tokenizer(spec).save(folder_ / "tokenizer.json");
  EXPECT_EQ(load(), spec);
  EXPECT_EQ(Tokenizer::load(folder_ / "tokenizer.json").spec(), spec);
}

TEST_F(TokenizerFiles, ReadsTheConfigurationOfTransformers) {
  trained().save(folder_ / "tokenizer.json");
  write("tokenizer_config.json", R"({"bos_token": {"content": "<|x|>", "lstrip": false}, "eos_token": null,
    "add_bos_token": true, "chat_template": [{"name": "rag", "template": "no"}, {"name": "default", "template": "t"}]})");
  write("special_tokens_map.json", R"({"bos_token": "<|end|>", "eos_token": "<|x|>"})");
  write("generation_config.json", R"({"eos_token_id": [0, 1]})");
  Spec spec = load();
  EXPECT_EQ(spec.begin_of_document, 258);
  EXPECT_EQ(spec.end_of_document, 258);
  EXPECT_EQ(spec.chat_template, "t");
  ASSERT_EQ(spec.single.size(), 2u);
  EXPECT_EQ(spec.single[0].id, 258);
  EXPECT_EQ(spec.pair.size(), 4u);
  EXPECT_EQ(spec.pair[2].type_id, 1);
  write("chat_template.jinja", "jinja");
  EXPECT_EQ(load().chat_template, "jinja");
  write("tokenizer_config.json", R"({"eos_token": "<|none|>"})");
  EXPECT_THAT(error_of_load(), HasSubstr("\"<|none|>\" is no token"));
  write("tokenizer_config.json", R"({"added_tokens_decoder": {"259": {"content": "<|new|>"}}})");
  EXPECT_THAT(error_of_load(), HasSubstr("<|new|>"));
}

TEST_F(TokenizerFiles, ReadsGpt2sPairOfFiles) {
  std::string vocab = trained().to_json();
  const size_t begin = vocab.find("\"vocab\": ") + 9;
  vocab = vocab.substr(begin, vocab.find('}', vocab.find("\"lo\"")) + 1 - begin);
  vocab.replace(vocab.find("\"lo\": 256"), 9, "\"lo\": 256, \"<|endoftext|>\": 257");
  write("vocab.json", vocab);
  write("merges.txt", "#version: 0.2\nl o\n");
  const Tokenizer tokenizer = Tokenizer::load(folder_);
  EXPECT_EQ(tokenizer.end_of_document(), 257);
  EXPECT_EQ(tokenizer.spec().pretokenizers.at(0).scheme, "gpt2");
  EXPECT_THAT(tokenizer.encode("lol"), ElementsAre(256, 'l'));
  write("tokenizer_config.json", R"({"tokenizer_class": "RobertaTokenizer"})");
  EXPECT_THAT(error_of_load(), HasSubstr("RobertaTokenizer"));
}

TEST_F(TokenizerFiles, OtherFilesAreRefusedWithWhatIsRead) {
  write("notes.txt", "hello");
  EXPECT_THAT(error_of_load(), HasSubstr("no tokenizer.json"));
  EXPECT_THROW(Tokenizer::load(folder_ / "notes.txt"), Error);
  EXPECT_THROW(Tokenizer::load(folder_ / "none.json"), Error);
  write("ranks.tiktoken", "AA== 0\n");
  EXPECT_THROW(Tokenizer::load(folder_ / "ranks.tiktoken"), UsageError);  // which pattern?
}

}  // namespace
}  // namespace aurora::tokenizer
