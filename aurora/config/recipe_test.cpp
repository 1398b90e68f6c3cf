#include "aurora/config/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"
#include "aurora/config/recipe_keys.h"

namespace aurora::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kCorpora = R"([[corpus]]
name = "en"
paths = ["a/*.txt", "b"]
weight = 3

[[corpus]]
name = "dna"
paths = ["x.fa"]
profile = "sequence"
language = "none"
)";

Recipe parse(const std::string& text, const Overrides& overrides = {}) {
  return parse_recipe(text, "a.toml", overrides);
}

std::string error_of(const std::string& text, const Overrides& overrides = {}) {
  try {
    parse(text, overrides);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Recipe, EmptyTextGivesTheDefaults) {
  const Recipe recipe = parse("");
  EXPECT_EQ(recipe.train, Train());
  EXPECT_EQ(recipe.prepare, Prepare());
  EXPECT_EQ(recipe.run.out, "runs/run");
}

TEST(Recipe, ReadsEveryType) {
  const Recipe recipe = parse(std::string(kCorpora) + R"(
[run]
name = "first"
seed = 18
[prepare]
languages = ["en", "de"]
near_duplicates = false
[train]
tokens = 2.5e6
learning_rate = 3e-4
weight_decay = 0
)");
  EXPECT_EQ(recipe.run.seed, 18u);
  EXPECT_EQ(recipe.run.out, "runs/first");
  EXPECT_EQ(recipe.prepare.languages, (std::vector<std::string>{"en", "de"}));
  EXPECT_FALSE(recipe.prepare.near_duplicates);
  EXPECT_EQ(recipe.train.tokens, 2'500'000);
  EXPECT_EQ(recipe.train.learning_rate, 3e-4);
  EXPECT_EQ(recipe.train.weight_decay, 0.0);
  ASSERT_EQ(recipe.corpora.size(), 2u);
  EXPECT_EQ(recipe.corpora[0].weight, 3.0);
  EXPECT_EQ(recipe.corpora[1].profile, "sequence");
}

TEST(RecipeErrors, UnknownKeysNameFileLineKeyAndTheNearest) {
  EXPECT_EQ(error_of("[train]\nsteps = 3\nlearnig_rate = 1\n"),
            "a.toml:3: unknown key train.learnig_rate (did you mean learning_rate?)");
  EXPECT_EQ(error_of("[model]\nstrands = 3\n"),
            "a.toml:2: unknown key model.strands (strands stands in [train])");
  EXPECT_EQ(error_of("[trian]\n"), "a.toml:1: unknown section [trian] (did you mean [train]?)");
  EXPECT_EQ(error_of("\nsteps = 3\n"), "a.toml:2: key steps stands in no section (put it under [section])");
  EXPECT_THAT(error_of("[[corpus]]\nnam = \"x\"\n"), StartsWith("a.toml:2: unknown key corpus.nam (did you"));
  EXPECT_THAT(error_of("[train]\nzzzzzz = 3\n"), HasSubstr("docs/formats/recipe.md"));
}

TEST(RecipeErrors, WrongTypesAndSyntaxAreNamed) {
  EXPECT_EQ(error_of("[train]\nsteps = \"ten\"\n"),
            "a.toml:2: train.steps is a text here (write a value of the type: integer)");
  EXPECT_THAT(error_of("[train]\nsteps = 1.5\n"), HasSubstr("train.steps is a number here"));
  EXPECT_THAT(error_of("[prepare]\nlanguages = \"en\"\n"), HasSubstr("list of texts"));
  EXPECT_THAT(error_of("[prepare]\nlanguages = [1]\n"), HasSubstr("list of texts"));
  EXPECT_THAT(error_of("[prepare]\nfilters = 1\n"), HasSubstr("true or false"));
  EXPECT_THAT(error_of("[run]\nname = 2024-01-01\n"), HasSubstr("a date or time"));
  EXPECT_THAT(error_of("[corpus]\nname = \"x\"\n"), HasSubstr("write [[corpus]]"));
  EXPECT_THAT(error_of("[[train]]\n"), HasSubstr("write [train]"));
  EXPECT_THAT(error_of("train = 3\n"), HasSubstr("[train] must be one table"));
  EXPECT_THAT(error_of("[train]\n\nsteps = = 3\n"), StartsWith("a.toml:3: "));
  EXPECT_THAT(error_of("[train]\nsteps = 3\nsteps = 4\n"), StartsWith("a.toml:3: "));
}

TEST(RecipeErrors, ValuesOutOfBoundsAreRefusedWithWhatIsAllowed) {
  EXPECT_EQ(error_of("[train]\nsequence_length = 0\n"),
            "a.toml:2: train.sequence_length = 0 is not allowed (allowed: 1 <= x <= 16777216)");
  EXPECT_EQ(error_of("[train]\nschedule = \"cosin\"\n"),
            "a.toml:2: train.schedule = \"cosin\" is not allowed (allowed: cosine, wsd, constant; "
            "did you mean cosine?)");
  EXPECT_THAT(error_of("[train]\nlearning_rate = 0\n"), HasSubstr("more than 0"));
  EXPECT_THAT(error_of("[train]\nlearning_rate = nan\n"), HasSubstr("not allowed"));
  EXPECT_THAT(error_of("[train]\nweight_decay = inf\n"), HasSubstr("not allowed"));
  EXPECT_THAT(error_of("[train]\nkeep_checkpoints = 3_000_000_000\n"), HasSubstr("at most 2147483647"));
  EXPECT_THAT(error_of("[run]\nseed = -1\n"), HasSubstr("at least 0"));
  EXPECT_THAT(error_of("[prepare]\nlanguages = [\"en\", \"xx\"]\n"), HasSubstr("\"xx\" is not allowed"));
  EXPECT_THAT(error_of("[model]\nsize = \"9M\"\n"), HasSubstr("tiny, 1M, 3M"));
  EXPECT_THAT(error_of("[tokenizer]\nvocab_size = 100\n"), HasSubstr("257"));
}

TEST(RecipeErrors, ASettingWithoutEffectIsAnError) {
  EXPECT_EQ(error_of("[train]\ndecay_share = 0.2\n"),
            "a.toml:2: train.decay_share can have no effect: schedule is not wsd "
            "(leave it out or change the other key)");
  EXPECT_EQ(error_of("[train]\nschedule = \"wsd\"\ndecay_share = 0.3\n"), "no error");
  EXPECT_THAT(error_of("[train]\nschedule = \"constant\"\nfinal_learning_rate_share = 0.1\n"),
              HasSubstr("schedule is constant"));
  for (const char* key : {"bands", "rows", "ngram"}) {
    EXPECT_THAT(error_of(std::string("[prepare]\nnear_duplicates = false\n") + key + " = 5\n"),
                AllOf(StartsWith("a.toml:3: "), HasSubstr("near_duplicates is false")));
  }
  EXPECT_THAT(error_of("[generate]\ntemperature = 0\ntop_k = 5\n"), HasSubstr("temperature is 0"));
}

TEST(RecipeErrors, ContradictionsBetweenKeysAreFound) {
  EXPECT_THAT(error_of("[train]\nsteps = 3\ntokens = 100000\n"),
              AllOf(StartsWith("a.toml:3"), HasSubstr("both given")));
  EXPECT_THAT(error_of("[train]\ntokens = 100\n"), HasSubstr("less than one global batch of 4096 tokens"));
  EXPECT_THAT(error_of("[train]\nsteps = 5\nwarmup_steps = 5\n"), StartsWith("a.toml:3"));
  EXPECT_THAT(error_of("[train]\nstrands = 1000000\nleaves_per_strand = 1000000\nleaf_sequences = 1000000\n"),
              HasSubstr("too many tokens"));
  EXPECT_THAT(error_of("[model]\nheads = 6\nkv_heads = 4\nlayers = 2\nwidth = 24\n"),
              AllOf(StartsWith("a.toml:3"), HasSubstr("no multiple of kv_heads 4")));
  EXPECT_THAT(error_of("[model]\nlayers = 2\nwidth = 25\nheads = 4\n"), HasSubstr("no multiple of heads"));
  EXPECT_THAT(error_of("[model]\nlayers = 2\nwidth = 12\nheads = 4\n"), HasSubstr("odd"));
  EXPECT_THAT(error_of("[model]\nheads = 2\n"), HasSubstr("gives no size"));
  EXPECT_THAT(error_of("[prepare]\nlanguages = [\"en\", \"en\"]\n"), HasSubstr("en twice"));
  EXPECT_THAT(error_of("[tokenizer]\nspecial_tokens = []\n"), HasSubstr("is empty"));
  EXPECT_THAT(error_of("[tokenizer]\nspecial_tokens = [\"a\", \"a\"]\n"), HasSubstr("a twice"));
  EXPECT_THAT(error_of("[tokenizer]\nvocab_size = 257\nspecial_tokens = [\"a\", \"b\"]\n"),
              HasSubstr("no room"));
  EXPECT_THAT(error_of("[run]\nname = \"../up\"\n"), HasSubstr("is no name"));
}

TEST(RecipeErrors, CorporaNeedNamesPathsAndWeights) {
  EXPECT_THAT(error_of("[[corpus]]\npaths = [\"x\"]\n"), HasSubstr("corpus number 1 has no name"));
  EXPECT_THAT(error_of("[[corpus]]\nname = \"x\"\n"), HasSubstr("corpus x has no paths"));
  EXPECT_THAT(error_of("[[corpus]]\nname = \"X y\"\npaths = [\"x\"]\n"), HasSubstr("is no name"));
  const std::string one = "[[corpus]]\nname = \"x\"\npaths = [\"x\"]\n";
  EXPECT_THAT(error_of(one + one), AllOf(StartsWith("a.toml:5"), HasSubstr("two corpora are called x")));
  EXPECT_THAT(error_of(one + "weight = 0\n"), AllOf(StartsWith("a.toml:4"), HasSubstr("more than 0")));
  EXPECT_THAT(error_of(one + "language = \"klingon\"\n"), HasSubstr("is not known"));
}

TEST(Overrides, ReplaceKeysOfTheFile) {
  const Recipe recipe = parse(kCorpora, {"train.steps=7", "corpus.dna.weight=0.5", "model.size=8M",
                                         "run.name=2024", "train.schedule=\"wsd\"", "train.decay_share=0.5",
                                         "evaluate.prompts=[\"a = b\", \"c.d\"]", "run.out=/tmp/x.y/z"});
  EXPECT_EQ(recipe.train.steps, 7);
  EXPECT_EQ(recipe.corpora[1].weight, 0.5);
  EXPECT_EQ(recipe.model.size, "8M");
  EXPECT_EQ(recipe.run.name, "2024");
  EXPECT_EQ(recipe.run.out, "/tmp/x.y/z");
  EXPECT_EQ(recipe.evaluate.prompts, (std::vector<std::string>{"a = b", "c.d"}));
}

TEST(Overrides, OneOfStepsAndTokensPutsTheOtherOutOfForce) {
  EXPECT_EQ(parse("[train]\ntokens = 100000\n", {"train.steps=3"}).train.tokens, 0);
  EXPECT_EQ(parse("[train]\nsteps = 3\n", {"train.tokens=100000"}).train.steps, 0);
  EXPECT_THAT(error_of("", {"train.steps=3", "train.tokens=100000"}), HasSubstr("both given"));
}

TEST(Overrides, MayMakeAKeyOfTheFileIdleButNotSetAnIdleOne) {
  EXPECT_EQ(error_of("[prepare]\nbands = 5\n", {"prepare.near_duplicates=false"}), "no error");
  EXPECT_THAT(error_of("", {"train.decay_share=0.1"}),
              AllOf(StartsWith("--set train.decay_share=0.1: "), HasSubstr("no effect")));
}

TEST(Overrides, MistakesAreClear) {
  EXPECT_THAT(error_of("", {"train.steps"}), HasSubstr("write --set section.key=value"));
  EXPECT_THAT(error_of("", {"steps=3"}), HasSubstr("write --set section.key=value"));
  EXPECT_THAT(error_of("", {"train.=3"}), HasSubstr("write --set section.key=value"));
  EXPECT_THAT(error_of("", {"train.stepz=3"}), HasSubstr("did you mean steps?"));
  EXPECT_THAT(error_of("", {"trin.steps=3"}), HasSubstr("did you mean [train]?"));
  EXPECT_THAT(error_of("", {"train.steps=many"}), HasSubstr("train.steps is a bare word here"));
  EXPECT_THAT(error_of("", {"train.steps=1\nx=2"}), HasSubstr("bare word"));
  EXPECT_THAT(error_of("", {"train.steps=-1"}), HasSubstr("at least 0"));
  EXPECT_THAT(error_of(kCorpora, {"corpus.dma.weight=1"}), HasSubstr("did you mean dna?"));
  EXPECT_THAT(error_of(kCorpora, {"corpus.weight=1"}), HasSubstr("corpus.NAME.key=value"));
  EXPECT_THAT(error_of(kCorpora, {"train.x.steps=1"}), HasSubstr("section.key=value"));
}

TEST(Print, RoundTripsExactly) {
  Recipe recipe =
      parse(std::string(kCorpora) + "[train]\nschedule = \"wsd\"\nlearning_rate = 0.1234567890123456789\n");
  recipe.train.beta2 = 0.1 + 0.2;
  recipe.train.adam_epsilon = 4.9e-324;
  recipe.run.seed = 9'223'372'036'854'775'807u;
  recipe.corpora[0].licence = "a \"quoted\" \\ text\nwith\tlines \x01 \x7f \xE3\x81\x82 |";
  recipe.evaluate.prompts = {"", "x, y", "z\"]"};
  const std::string printed = print_recipe(recipe);
  EXPECT_EQ(parse(printed), recipe);
  EXPECT_EQ(print_recipe(parse(printed)), printed);
}

TEST(Print, KeysWithoutEffectStandInComments) {
  const std::string printed = print_recipe(parse("[prepare]\nnear_duplicates = false\n"));
  EXPECT_THAT(printed, HasSubstr("\n# bands = 14  # no effect: near_duplicates is false\n"));
  EXPECT_THAT(printed, HasSubstr("\n# decay_share = 0.2  # no effect: schedule is not wsd\n"));
  EXPECT_THAT(printed, HasSubstr("\nrope_theta = 10000.0\n"));
  EXPECT_EQ(print_recipe(parse(printed)), printed);
}

std::string prints(const Recipe& recipe) {
  std::string all;
  for (Stage stage : {Stage::kPrepare, Stage::kTokenizer, Stage::kTokenize, Stage::kPretrain,
                      Stage::kEvaluate, Stage::kRelease}) {
    all += std::string(1, stage_name(stage)[0]) + fingerprint(recipe, stage) + " ";
  }
  return all;
}

// The stages whose fingerprint an override changes.
std::string changed_by(const std::string& override) {
  const Recipe before = parse(kCorpora), after = parse(kCorpora, {override});
  std::string names;
  for (Stage stage : {Stage::kPrepare, Stage::kTokenizer, Stage::kTokenize, Stage::kPretrain,
                      Stage::kEvaluate, Stage::kRelease}) {
    if (fingerprint(before, stage) != fingerprint(after, stage))
      names += std::string(stage_name(stage)) + " ";
  }
  return names;
}

TEST(Fingerprint, FollowsTheResultKeysThatAStageReads) {
  EXPECT_EQ(changed_by("prepare.bands=13"), "prepare ");
  EXPECT_EQ(changed_by("corpus.en.weight=2"), "tokenizer pretrain release ");
  EXPECT_EQ(changed_by("run.name=other"), "release ");  // the title of the card
  EXPECT_EQ(changed_by("train.learning_rate=0.5"), "pretrain ");
  EXPECT_EQ(changed_by("release.licence=MIT"), "release ");
  EXPECT_EQ(changed_by("evaluate.sample_tokens=3"), "evaluate ");
}

TEST(Fingerprint, IgnoresSpeedAndPlace) {
  for (const char* override :
       {"run.threads=3", "run.out=elsewhere", "train.strands_in_flight=3", "train.strand_order=reverse",
        "train.checkpoint_steps=5", "corpus.en.paths=[\"moved\"]"}) {
    EXPECT_EQ(changed_by(override), "") << override;
  }
}

TEST(Fingerprint, IsStableAndDistinctPerStage) {
  const Recipe recipe = parse(kCorpora);
  EXPECT_EQ(prints(recipe), prints(parse(print_recipe(recipe))));
  EXPECT_NE(fingerprint(recipe, Stage::kTokenizer), fingerprint(recipe, Stage::kTokenize));
  EXPECT_EQ(fingerprint(recipe, Stage::kPrepare).size(), 32u);
  EXPECT_THAT(fingerprint_text(recipe, Stage::kTokenizer), HasSubstr("\ncorpus.en.weight = 3.0\n"));
}

TEST(RequireFor, NamesWhatAStageLacks) {
  const auto lack = [](const std::string& text, Stage stage) -> std::string {
    try {
      require_for(parse(text), stage);
    } catch (const UsageError& error) {
      return error.happened();
    }
    return "";
  };
  EXPECT_EQ(lack("", Stage::kPrepare), "the recipe names no corpus");
  EXPECT_EQ(lack(kCorpora, Stage::kPrepare), "");
  EXPECT_EQ(lack("", Stage::kPretrain), "the recipe names no model");
  EXPECT_EQ(lack("[model]\nsize = \"1M\"\n", Stage::kPretrain), "the recipe does not say how long to train");
  EXPECT_EQ(lack("[model]\nsize = \"1M\"\n[train]\nsteps = 1\n", Stage::kPretrain), "");
}

TEST(Keys, AreNamedOnceAndDefaultsAreAllowed) {
  for (const Section& section : recipe_sections()) {
    for (const Key& key : section.keys) {
      EXPECT_EQ(section.find(key.name), &key) << section.name << "." << key.name << " stands twice";
      // Only keys that change an outcome are read by stages' fingerprints, and those must be.
      EXPECT_EQ(key.kind == Kind::kResult, key.readers.bits != 0) << section.name << "." << key.name;
      const Value value = key.get(section.defaults());
      ASSERT_EQ(value.index(), static_cast<size_t>(key.type));
      const bool needed =
          section.repeated() && (std::string(key.name) == "name" || std::string(key.name) == "paths");
      if (const auto* text = std::get_if<std::string>(&value); text != nullptr && !needed) {
        EXPECT_TRUE(key.bounds.allows(*text)) << section.name << "." << key.name;
      }
      if (const auto* number = std::get_if<double>(&value)) {
        EXPECT_TRUE(key.bounds.allows(*number)) << section.name << "." << key.name;
      }
    }
  }
}

TEST(ShippedRecipes, AreValid) {
  size_t found = 0;
  for (const Path& path : list_files("recipes")) {
    if (path.extension() != ".toml") continue;
    const Recipe recipe = load_recipe(path);
    EXPECT_EQ(parse(print_recipe(recipe)).train, recipe.train) << path;
    ++found;
  }
  EXPECT_GT(found, 0u);
}

TEST(LoadRecipe, AMissingFileIsAnErrorAndNoUsageError) {
  TestFolder folder;
  try {
    load_recipe(folder / "none.toml");
    FAIL() << "no error";
  } catch (const UsageError&) {
    FAIL() << "a usage error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("none.toml: cannot open"));
  }
}

// The page between its markers is what the table says. On failure: copy the file that the message names.
TEST(ReferencePage, ShowsTheKeyTable) {
  const Path page = "docs/formats/recipe.md";
  const std::string begin = "<!-- keys -->\n", end = "<!-- /keys -->";
  const std::string text = read_file(page);
  const size_t from = text.find(begin), to = text.find(end);
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos);
  const std::string wanted = text.substr(0, from + begin.size()) + recipe_reference() + text.substr(to);
  if (text == wanted) return;
  const Path fresh = Path(::testing::TempDir()) / "recipe.md";
  write_file_atomic(fresh, wanted);
  FAIL() << "the table of keys changed: cp " << fresh.string() << " " << page.string();
}

}  // namespace
}  // namespace aurora::config
