#include "aurora/tokenizer/formats/rank_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/tokenizer/formats/base64.h"
#include "aurora/tokenizer/formats/tokenizer_json.h"
#include "aurora/tokenizer/tokenizer.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The 256 bytes, then these.
std::string rank_file(const std::vector<std::string>& more) {
  std::string text;
  int rank = 0;
  for (int byte = 0; byte < 256; ++byte) {
    text += write_base64(std::string(1, static_cast<char>(byte))) + " " + std::to_string(rank++) + "\n";
  }
  for (const std::string& token : more) text += write_base64(token) + " " + std::to_string(rank++) + "\n";
  return text;
}

template <class Use>
std::string error_of(const Use& use) {
  try {
    use();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Base64, ComesBackForEveryLengthAndRefusesWhatIsNone) {
  std::string bytes;
  for (int length = 0; length < 10; ++length) {
    std::string again;
    ASSERT_TRUE(read_base64(write_base64(bytes), again));
    EXPECT_EQ(again, bytes);
    bytes += static_cast<char>(0xf0 + length);
  }
  EXPECT_EQ(write_base64("low"), "bG93");
  EXPECT_EQ(write_base64("lo"), "bG8=");
  std::string out;
  for (const char* wrong : {"bG9", "bG9=3", "b===", "bG9_", "bG9=", "bG 3"})
    EXPECT_FALSE(read_base64(wrong, out)) << wrong;
}

TEST(RankFile, MergesByRankAndTakesWholeWords) {
  // "zyx" is a token that no merges make.
  const Tokenizer tokenizer(read_rank_file(rank_file({"lo", "low", "er", "zyx"}), "gpt2", "x.tiktoken"));
  EXPECT_EQ(tokenizer.vocab_size(), 260);
  EXPECT_EQ(tokenizer.spec().merges.size(), 3u);
  EXPECT_THAT(tokenizer.encode("low"), ElementsAre(257));
  EXPECT_THAT(tokenizer.encode("lowers"), ElementsAre(257, 258, 's'));
  EXPECT_THAT(tokenizer.encode("zyx"), ElementsAre(259));
  EXPECT_THAT(tokenizer.encode("zyxs"), ElementsAre('z', 'y', 'x', 's'));
  EXPECT_EQ(tokenizer.end_of_document(), -1);  // no special tokens are known of so few ranks
}

TEST(RankFile, SpecialTokensMayLeaveHoles) {
  const Spec spec =
      read_rank_file(rank_file({"lo"}), "cl100k", {{"<|endoftext|>", 258}, {"<|x|>", 260}}, "x");
  const Tokenizer tokenizer(spec);
  EXPECT_EQ(tokenizer.vocab_size(), 261);
  EXPECT_EQ(spec.tokens[257].kind, TokenKind::kHole);
  EXPECT_EQ(spec.tokens[258].kind, TokenKind::kAdded);
  EXPECT_EQ(tokenizer.end_of_document(), 258);
  EXPECT_EQ(tokenizer.special_id("<|x|>"), 260);
}

TEST(RankFile, KnowsTheSpecialTokensOfOpenAi) {
  EXPECT_EQ(known_special_tokens("r50k", 50256), (NamedIds{{"<|endoftext|>", 50256}}));
  EXPECT_EQ(known_special_tokens("p50k_edit", 50280).size(), 4u);
  EXPECT_EQ(known_special_tokens("cl100k_base", 100256).size(), 5u);
  EXPECT_EQ(known_special_tokens("o200k", 199998).back(),
            (std::pair<std::string, int32_t>{"<|endofprompt|>", 200018}));
  EXPECT_EQ(known_special_tokens("o200k_harmony", 199998).size(), 1090u);
  EXPECT_TRUE(known_special_tokens("cl100k", 300).empty());
  EXPECT_TRUE(known_special_tokens("qwen2", 100256).empty());
}

TEST(RankFile, EveryWrongLineIsAClearError) {
  const auto read = [](const std::string& text) {
    return error_of([&] { Tokenizer(read_rank_file(text, "gpt2", "a.tiktoken")); });
  };
  const std::string good = rank_file({"lo"});
  EXPECT_EQ(read(good), "no error");
  EXPECT_THAT(read(good + "bG8= 300\n"), HasSubstr("a.tiktoken:258: a token that another line has"));
  EXPECT_THAT(read(good + "bG93 256\n"), HasSubstr("a rank that another line has"));
  EXPECT_THAT(read(good + "bG9 257\n"), HasSubstr("not a line"));
  EXPECT_THAT(read(good + "bG93257\n"), HasSubstr("not a line"));
  EXPECT_THAT(read(good + "bG93 -1\n"), HasSubstr("no number"));
  EXPECT_THAT(read(good + "bG93 99999999999\n"), HasSubstr("no number"));
  EXPECT_THAT(read(good + "bG93 1000000\n"), HasSubstr("holes"));
  EXPECT_THAT(read("bG93 0\n"), HasSubstr("no token for byte 0"));
  EXPECT_THAT(read(""), HasSubstr("no line"));
  EXPECT_THAT(error_of([&] { read_rank_file(good, "cl99k", "a"); }), HasSubstr("cl99k"));
  EXPECT_THAT(error_of([&] { read_rank_file(good, "gpt2", {{"<x>", 3}}, "a"); }), HasSubstr("another token"));
}

TEST(RankFile, ComesBackWhole) {
  const std::string text = rank_file({"lo", "low", "er", "lower"});
  const Spec spec = read_rank_file(text, "cl100k", "x");
  EXPECT_EQ(write_rank_file(spec), text);
  // The same through tokenizer.json.
  EXPECT_EQ(read_tokenizer_json(write_tokenizer_json(spec), "x"), spec);
}

Spec trained(const std::vector<std::string>& more, const std::vector<std::pair<int32_t, int32_t>>& merges) {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  tokens.insert(tokens.end(), more.begin(), more.end());
  return spec_of_trained_bpe(tokens, merges, {"<|endoftext|>"});
}

TEST(RankFile, IsWrittenOfATrainedTokenizerWhoseMergesFollowTheIds) {
  const Spec spec = trained({"lo", "low", "er"}, {{'l', 'o'}, {256, 'w'}, {'e', 'r'}});
  EXPECT_EQ(write_rank_file(spec), rank_file({"lo", "low", "er"}));
  const auto written = [](const Spec& given) { return error_of([&] { write_rank_file(given); }); };
  EXPECT_THAT(written(trained({"lo", "low", "er"}, {{'e', 'r'}, {'l', 'o'}, {256, 'w'}})),
              HasSubstr("order of their tokens' ids"));
  EXPECT_THAT(written(trained({"lo", "low", "er"}, {{'l', 'o'}, {'e', 'r'}})), HasSubstr("no merge makes"));
  Spec normalized = spec;
  normalized.normalizers.push_back({.kind = Normalizer::Kind::kNfc});
  EXPECT_THAT(written(normalized), HasSubstr("normalizer"));
  Spec characters = spec;
  characters.byte_level = false;
  EXPECT_THAT(written(characters), HasSubstr("byte-level"));
}

// OpenAI's own file, where it lies beside the checkout (../shared/data/tokenizer).
TEST(RankFile, ReadsR50k) {
  const Path path = "../shared/data/tokenizer/r50k_base.tiktoken";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there";
  const Tokenizer tokenizer = Tokenizer::load(path);
  EXPECT_EQ(tokenizer.vocab_size(), 50257);
  EXPECT_EQ(tokenizer.end_of_document(), 50256);
  EXPECT_EQ(tokenizer.spec().merges.size(), 50000u);
  EXPECT_THAT(tokenizer.encode("hello world"), ElementsAre(31373, 995));
  EXPECT_EQ(write_rank_file(tokenizer.spec()), read_file(path));
}

}  // namespace
}  // namespace aurora::tokenizer
