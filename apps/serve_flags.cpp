#include "apps/serve_flags.h"

#include <algorithm>
#include <chrono>
#include <filesystem>

namespace aurora::apps {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;
constexpr int64_t kDefaultKvMiB = 1024;

std::string name_of(const std::string& path) {
  const std::filesystem::path clean = std::filesystem::absolute(path).lexically_normal();
  const std::filesystem::path last = clean.has_filename() ? clean.filename() : clean.parent_path().filename();
  return last.extension() == ".gguf" ? last.stem().string() : last.string();
}

}  // namespace

void EngineFlags::declare(Arguments& arguments) {
  arguments.option("--weights", load.weights, "dense, int8 or int4; default: as they are stored");
  arguments.option("--dtype", load.act, "bf16 or f32, of activations; default: as trained");
  arguments.option("--threads", threads, "0 = all cores");
  arguments.option("--kv-mib", kv_mib, "memory for keys and values, MiB; 0: 1024");
  arguments.flag("--kv-int8", kv_int8, "keys and values in 8 bits: half the memory, other answers");
  arguments.option("--max-running", max_running, "answers that are made at once");
  arguments.option("--max-queued", max_queued, "requests that may wait; more are told to come back (429)");
  arguments.option("--max-length", max_length, "longest prompt plus answer, tokens; 0: the model's");
  arguments.option(
      "--draft-tokens", draft_tokens,
      "speculation: tokens guessed from the text so far, per step (the answers stay the same); 0: none");
}

infer::EngineSettings EngineFlags::settings(const infer::Model&) const {
  infer::EngineSettings settings;
  settings.kv_bytes = (kv_mib > 0 ? kv_mib : kDefaultKvMiB) * kMiB;
  settings.kv_int8 = kv_int8;
  settings.max_running = max_running;
  settings.max_queued = max_queued;
  settings.max_length = max_length;
  settings.draft_tokens = draft_tokens;
  settings.step_tokens = std::max<int64_t>(settings.step_tokens, 2 * max_running * (1 + draft_tokens));
  return settings;
}

RunningModel start_model(const std::string& path, std::string name, const EngineFlags& flags, Pool& pool) {
  RunningModel running;
  running.model = std::make_unique<infer::Model>(infer::load_model(path, flags.load, pool));
  running.engine = std::make_unique<infer::EngineThread>(
      std::make_unique<infer::Engine>(*running.model, flags.settings(*running.model), pool));
  if (name.empty()) name = name_of(path);
  running.served = std::make_unique<serve::ServedModel>(name, running.model->hash, running.model->tokenizer,
                                                        running.model->end_tokens, *running.engine);
  running.served->created =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  return running;
}

}  // namespace aurora::apps
