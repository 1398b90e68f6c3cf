// [[stage]], mixes, epochs and skipped samples.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/config/recipe.h"

namespace aurora::config {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

const std::string kCorpora =
    "[[corpus]]\nname = \"en\"\npaths = [\"a\"]\n[[corpus]]\nname = \"dna\"\npaths = [\"b\"]\n"
    "[train]\nsequence_length = 256\n";

Recipe parse(const std::string& more, const Overrides& overrides = {}) {
  return parse_recipe(kCorpora + more, "a.toml", overrides);
}

std::string error_of(const std::string& more) {
  try {
    parse(more);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

constexpr const char* kStages = R"([[stage]]
name = "short"
sequence_length = 64
[[stage]]
name = "anneal"
from_tokens = 1e6
mix = { dna = 0.25, en = 1 }
leaves_per_strand = 4
)";

TEST(Stages, AreReadInOrderWithTheirMix) {
  const Recipe recipe = parse(kStages);
  ASSERT_EQ(recipe.stages.size(), 2u);
  EXPECT_EQ(recipe.stages[0].sequence_length, 64);
  EXPECT_EQ(recipe.stages[1].from_tokens, 1'000'000);
  EXPECT_THAT(recipe.stages[1].mix, ElementsAre(Pair("dna", 0.25), Pair("en", 1.0)));
  EXPECT_EQ(parse_recipe(print_recipe(recipe), "a.toml"), recipe);
  EXPECT_EQ(parse(kStages, {"stage.anneal.mix={ en = 2 }"}).stages[1].mix, (Shares{{"en", 2.0}}));
}

TEST(Stages, MistakesNameLineAndRemedy) {
  EXPECT_THAT(error_of("[[stage]]\nname = \"a\"\nmix = { eng = 1 }\n"),
              AllOf(StartsWith("a.toml:11"), HasSubstr("did you mean en?")));
  EXPECT_THAT(error_of("[[stage]]\nname = \"a\"\nmix = { en = \"x\" }\n"), HasSubstr("table of numbers"));
  EXPECT_THAT(error_of("[[stage]]\nname = \"a\"\nmix = { en = -1 }\n"), HasSubstr("at least 0"));
  EXPECT_THAT(error_of("[[stage]]\nname = \"a\"\nmix = { en = 0 }\n"),
              HasSubstr("all shares of a mix are 0"));
  EXPECT_THAT(error_of("[[stage]]\nname = \"a\"\nmix = { en = 1 }\nepochs = { en = 1 }\n"),
              HasSubstr("one of them"));
  EXPECT_THAT(error_of("[[stage]]\nname = \"a\"\nsequence_length = 96\n"), HasSubstr("does not divide"));
  EXPECT_THAT(error_of("[[stage]]\nname = \"a\"\nfrom_tokens = 5\n"), HasSubstr("changes nothing"));
  EXPECT_THAT(error_of("[[stage]]\nname = \"a\"\nfrom_tokens = 5\nmix = { en = 1 }\n[[stage]]\nname = \"b\"\n"
                       "from_tokens = 5\nmix = { dna = 1 }\n"),
              HasSubstr("does not begin after"));
  EXPECT_THAT(error_of("[[stage]]\nname = \"a\"\nmix = { en = 1 }\n[[stage]]\nname = \"a\"\nfrom_tokens = 5\n"
                       "mix = { dna = 1 }\n"),
              HasSubstr("two stages are called a"));
  EXPECT_THAT(error_of("[[stage]]\nmix = { en = 1 }\n"), HasSubstr("is no name"));
  EXPECT_THAT(error_of("[stage]\nname = \"a\"\n"), HasSubstr("write [[stage]]"));
}

TEST(Blend, SkippedSamplesAreRanges) {
  EXPECT_THAT(skipped_samples({"30..40", "7..8"}, ""), ElementsAre(Pair(7u, 8u), Pair(30u, 40u)));
  for (const char* bad : {"", "7", "7..", "..7", "7..7", "9..8", "7...9", "a..b", "-1..3", "1..2x"})
    EXPECT_THAT(error_of(std::string("[blend]\nskip = [\"") + bad + "\"]\n"),
                AllOf(StartsWith("a.toml:10"), HasSubstr("BEGIN..END")))
        << bad;
  EXPECT_THAT(error_of("[blend]\nskip = [\"1..5\", \"4..6\"]\n"), HasSubstr("overlap"));
  EXPECT_THAT(error_of("[blend]\nskip = [\"1..5\", \"5..6\"]\n"), "no error");
}

TEST(Blend, BlocksAreASettingOnlyWhereThereAreBlocks) {
  EXPECT_EQ(parse("[blend]\norder = \"packed\"\nblock_windows = 8\n").blend.block_windows, 8);
  EXPECT_THAT(error_of("[blend]\nblock_windows = 8\n"), HasSubstr("neither blocks nor packed"));
  EXPECT_THAT(error_of("[blend]\norder = \"block\"\n"), HasSubstr("did you mean blocks?"));
}

TEST(Blend, EpochsAreForAllCorporaOrNone) {
  EXPECT_THAT(error_of("[[corpus]]\nname = \"c\"\npaths = [\"c\"]\nepochs = 2\n"),
              HasSubstr("all corpora epochs, or none"));
}

TEST(PastOf, LeavesOutWhatComesLater) {
  const Recipe now = parse(std::string(kStages) + "[blend]\nskip = [\"30..40\", \"7..8\"]\n");
  const auto past = [](const Recipe& recipe, int64_t tokens, uint64_t position) {
    return fingerprint(past_of(recipe, tokens, position), Stage::kPretrain);
  };
  const Recipe later =
      parse(std::string(kStages) + "[blend]\nskip = [\"7..8\"]\n", {"stage.anneal.mix={ en = 2 }"});
  EXPECT_EQ(past(now, 1'000'000, 30), past(later, 1'000'000, 30));
  EXPECT_NE(past(now, 1'000'001, 30), past(later, 1'000'001, 30));
  EXPECT_NE(past(now, 1'000'000, 31), past(later, 1'000'000, 31));
  EXPECT_TRUE(past_of(now, 0, 0).stages.empty());
  EXPECT_TRUE(past_of(now, 0, 0).blend.skip.empty());
}

}  // namespace
}  // namespace aurora::config
