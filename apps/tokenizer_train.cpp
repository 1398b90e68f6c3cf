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
    arguments.list("--input", inputs, "texts to learn from, instead of a recipe: text or .jsonl, .gz or .zst too");
    arguments.list("--weights", weights, "how often each input counts, whole numbers in the order of --input");
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

double peak_gigabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e9;
}

vocabulary::TrainSettings settings_of(const TrainFlags& flags) {
  const auto in_range = [](int64_t value, int64_t least, const char* flag) {
    if (value < least || value > INT32_MAX)
      throw UsageError(fmt::format("{} is out of range", value), flag, fmt::format("give at least {}", least));
    return static_cast<int32_t>(value);
  };
  vocabulary::TrainSettings settings = flags.settings;
  settings.vocab_size = in_range(flags.vocab_size, 1, "--vocab-size");
  settings.min_frequency = static_cast<uint64_t>(in_range(flags.min_frequency, 1, "--min-frequency"));
  settings.reserved_tokens = in_range(flags.reserved, 0, "--reserved");
  settings.round_up_to = in_range(flags.round_to, 1, "--round-to");
  settings.longest_token = static_cast<uint32_t>(in_range(flags.longest_token, 0, "--longest-token"));
  settings.memory_bytes = static_cast<uint64_t>(in_range(flags.memory_mb, 1, "--memory-mb")) << 20;
  if (!flags.specials.empty()) settings.special_tokens = flags.specials;
  return settings;
}

}  // namespace
}  // namespace aurora::apps
