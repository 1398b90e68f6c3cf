// `aurora generate MODEL --prompt TEXT`: prompt to text, streamed to the terminal.

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/checkpoints.h"
#include "apps/command.h"
#include "aurora/base/error.h"
#include "aurora/infer/generate.h"
#include "aurora/infer/load_model.h"

namespace aurora::apps {
namespace {

struct GenerateFlags {
  std::string model;
  std::string prompt;
  std::string dtype;
  std::string weights;
  infer::GenerateSettings settings;
  int64_t threads = 0;
  bool json = false;
};

int generate(const GenerateFlags& flags) {
  infer::check_sampling(flags.settings.sampling);
  if (flags.settings.max_tokens < 1)
    throw UsageError("--max-tokens is less than 1", "--max-tokens", "ask for at least one token");
  Log log;
  Pool pool(static_cast<int>(flags.threads));
  const infer::Model model = infer::load_model(find_model_path(flags.model, log),
                                               {.act = flags.dtype, .weights = flags.weights}, pool);
  if (!flags.json) fmt::print("{}", flags.prompt);
  const auto stream = [&](std::string_view text) {
    if (!flags.json) {
      fmt::print("{}", text);
      std::fflush(stdout);
    }
    return true;
  };
  const infer::Generation result = infer::generate(model, flags.prompt, flags.settings, pool, stream);
  if (!flags.json) {
    fmt::print("\n");
    return 0;
  }
  static constexpr const char* kStops[] = {"end_of_text", "max_tokens", "max_length", "caller"};
  nlohmann::ordered_json json;
  json["prompt"] = flags.prompt;
  json["text"] = result.text;
  json["tokens"] = result.tokens;
  json["prompt_tokens"] = result.prompt_tokens;
  json["stop"] = kStops[static_cast<int>(result.stop)];
  fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return 0;
}

}  // namespace

Command generate_command() {
  return {"generate", "prompt to text from a model", [](Arguments& arguments) {
            auto flags = std::make_shared<GenerateFlags>();
            arguments.positional("model", flags->model,
                                 "run folder, checkpoint, Hugging Face folder or GGUF file");
            arguments.option("--prompt", flags->prompt, "text to continue");
            arguments.option("--max-tokens", flags->settings.max_tokens, "longest continuation");
            arguments.option("--temperature", flags->settings.sampling.temperature,
                             "0 = always the most likely token");
            arguments.option("--top-p", flags->settings.sampling.top_p,
                             "only the most likely tokens that reach this probability");
            arguments.option("--top-k", flags->settings.sampling.top_k,
                             "only the k most likely tokens; 0 = all");
            arguments.option("--seed", flags->settings.sampling.seed, "same seed, same text");
            arguments.option("--dtype", flags->dtype, "bf16 or f32; default as trained");
            arguments.option("--weights", flags->weights, "dense, int8 or int4; default as stored");
            arguments.option("--threads", flags->threads, "0 = all cores");
            arguments.flag("--json", flags->json, "print one JSON object");
            return std::function<int()>([flags] { return generate(*flags); });
          }};
}

}  // namespace aurora::apps
