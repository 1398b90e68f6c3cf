// `aurora tokenizer train`: learns a vocabulary from files, or as the recipe's stage.

#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "apps/stages.h"
#include "aurora/base/error.h"
#include "aurora/base/progress.h"
#include "aurora/comm/world.h"
#include "aurora/tokenizer/tokenizer.h"
#include "aurora/vocabulary/file_texts.h"
#include "aurora/vocabulary/train.h"
#include "aurora/vocabulary/train_unigram.h"

namespace aurora::apps {
namespace {

constexpr uint64_t kWeightUnit = 1'000'000;  // ratios are kept to a millionth

struct TrainFlags {
  WorkspaceFlags workspace;
  std::vector<std::string> inputs;
  std::vector<std::string> weights;
  std::string output;
  std::string model = "bpe";
  vocabulary::TrainSettings settings;
  int64_t vocab_size = 8192;
  int64_t min_frequency = 2;
  int64_t reserved = 0;
  int64_t round_to = 1;
  int64_t longest_token = 0;
  int64_t memory_mb = 2048;
  std::vector<std::string> specials;

  void declare(Arguments& arguments) {
    workspace.recipe_required = false;
    workspace.declare(arguments);
    arguments.list("--input", inputs,
                   "texts to learn from, instead of a recipe: text or .jsonl, .gz or .zst too");
    arguments.list("--weights", weights, "how much each input counts, ratios in the order of --input");
    arguments.option("--output", output, "tokenizer.json, or a folder for it");
    arguments.option("--model", model, "bpe or unigram");
    arguments.option("--vocab-size", vocab_size, "tokens, with special and reserved ones");
    arguments.option("--pattern", settings.scheme, "how text is cut into words (bpe)");
    arguments.option("--special", specials, "a special token; the first ends documents (<|endoftext|>)");
    arguments.option("--reserved", reserved, "tokens kept for later");
    arguments.option("--round-to", round_to, "round the size up to a multiple of this");
    arguments.option("--min-frequency", min_frequency, "a pair seen less often is not merged");
    arguments.option("--longest-token", longest_token, "bytes; 0: no limit");
    arguments.option("--memory-mb", memory_mb, "of the tables of words; more words go to disk");
  }
};

// The most memory that this process has held.
uint64_t peak_memory_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

vocabulary::TrainSettings settings_of(const TrainFlags& flags) {
  const auto in_range = [](int64_t value, int64_t least, const char* flag) {
    if (value < least || value > INT32_MAX)
      throw UsageError(fmt::format("{} is out of range", value), flag,
                       fmt::format("give at least {}", least));
    return static_cast<int32_t>(value);
  };
  vocabulary::TrainSettings settings = flags.settings;
  settings.vocab_size = in_range(flags.vocab_size, 1, "--vocab-size");
  settings.min_frequency = static_cast<uint64_t>(in_range(flags.min_frequency, 1, "--min-frequency"));
  settings.reserved_tokens = in_range(flags.reserved, 0, "--reserved");
  settings.round_up_to = in_range(flags.round_to, 1, "--round-to");
  settings.longest_token = static_cast<uint32_t>(in_range(flags.longest_token, 0, "--longest-token"));
  settings.memory_bytes = static_cast<uint64_t>(in_range(flags.memory_mb, 1, "--memory-mb")) << 20;
  settings.weight_unit = flags.weights.empty() ? 1 : kWeightUnit;
  if (!flags.specials.empty()) settings.special_tokens = flags.specials;
  return settings;
}

std::vector<vocabulary::WeightedFile> files_of(const TrainFlags& flags) {
  if (!flags.weights.empty() && flags.weights.size() != flags.inputs.size())
    throw UsageError(fmt::format("{} weights for {} inputs", flags.weights.size(), flags.inputs.size()),
                     "--weights", "give one for each --input");
  std::vector<vocabulary::WeightedFile> files;
  for (size_t i = 0; i < flags.inputs.size(); ++i) {
    uint64_t weight = 1;
    if (!flags.weights.empty()) {
      char* end = nullptr;
      const double ratio = std::strtod(flags.weights[i].c_str(), &end);
      if (flags.weights[i].empty() || *end != 0)
        throw UsageError(fmt::format("\"{}\" is no number", flags.weights[i]), "--weights",
                         "give numbers like 0.5 or 3");
      weight = vocabulary::weight_in_units(ratio, kWeightUnit);
    }
    for (const Path& path : expand_glob(flags.inputs[i])) files.push_back({path, weight});
  }
  return files;
}

vocabulary::TrainResult learn(const std::string& model, const vocabulary::TrainSettings& settings,
                              vocabulary::TextSource& source, Workspace& workspace) {
  if (model == "bpe") return vocabulary::train_bpe(settings, source, *workspace.pool, workspace.group.get());
  vocabulary::UnigramSettings unigram;
  unigram.common = settings;
  return vocabulary::train_unigram(unigram, source, *workspace.pool, workspace.group.get());
}

void print(const TrainFlags& flags, const vocabulary::TrainResult& result, const Path& file, double seconds) {
  const nlohmann::ordered_json json = {{"file", file.string()},
                                       {"model", flags.model},
                                       {"vocab_size", result.spec.tokens.size()},
                                       {"merges", result.spec.merges.size()},
                                       {"text_bytes", result.text_bytes},
                                       {"unique_words", result.unique_words},
                                       {"seconds", seconds},
                                       {"seconds_counting", result.seconds_counting},
                                       {"seconds_learning", result.seconds_learning},
                                       {"spilled_bytes", result.spilled_bytes},
                                       {"peak_memory_bytes", peak_memory_bytes()}};
  if (flags.workspace.json) {
    fmt::print("{}\n", json.dump(2));
    return;
  }
  fmt::print("{}: {} tokens from {} of text ({} different words) in {:.1f} s, at most {} of memory\n",
             file.string(), result.spec.tokens.size(), human_bytes(static_cast<double>(result.text_bytes)),
             result.unique_words, seconds, human_bytes(static_cast<double>(peak_memory_bytes())));
}

int train(const TrainFlags& flags) {
  if (flags.inputs.empty()) {
    if (flags.workspace.recipe.empty())
      throw UsageError("nothing to learn from", "aurora tokenizer train", "give a recipe, or --input FILES");
    return run_stage_command(flags.workspace, config::Stage::kTokenizer);
  }
  if (flags.output.empty())
    throw UsageError("a place for the vocabulary is needed", "--output", "give --output FOLDER or FILE.json");
  if (flags.model != "bpe" && flags.model != "unigram")
    throw UsageError(fmt::format("there is no model \"{}\"", flags.model), "--model", "give bpe or unigram");
  Workspace workspace = open_bare_workspace(flags.workspace);
  return on_all_ranks(workspace, [&] {
    const auto start = std::chrono::steady_clock::now();
    const auto source =
        vocabulary::file_texts(files_of(flags), workspace.group->rank(), workspace.group->size());
    const vocabulary::TrainResult result = learn(flags.model, settings_of(flags), *source, workspace);
    if (!workspace.is_root()) return 0;
    const Path output = flags.output;
    const Path file = output.extension() == ".json" ? output : output / "tokenizer.json";
    tokenizer::Tokenizer(result.spec).save(file);
    print(flags, result, file,
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    return 0;
  });
}

}  // namespace

Command tokenizer_train_command() {
  return {"train", "learn a vocabulary from a recipe's documents or from files",
          [](Arguments& arguments) { return with_flags<TrainFlags>(arguments, train); }};
}

}  // namespace aurora::apps
