#include "apps/checkpoints.h"

#include <fmt/format.h>

#include <filesystem>

#include "aurora/base/error.h"

namespace aurora::apps {
namespace fs = std::filesystem;

Path find_model_checkpoint(const Path& path, Log& log) {
  if (fs::exists(path / "model.safetensors") && fs::exists(path / "state.json")) return path;
  for (const Path& folder : {path / "checkpoints", path})
    if (fs::is_directory(folder))
      if (const auto newest = train::find_checkpoint(folder, log)) return *newest;
  throw Error("no checkpoint here", path.string(),
              "name a run folder (the --out of aurora run) or a folder checkpoints/step-*");
}

Path find_model_path(const Path& path, Log& log) {
  if (fs::is_regular_file(path) || fs::exists(path / "config.json")) return path;
  return find_model_checkpoint(path, log);
}

tokenizer::Tokenizer checkpoint_tokenizer(const Path& checkpoint) {
  // RUN/checkpoints/step-N -> RUN/tokenizer
  const Path folder = fs::absolute(checkpoint).lexically_normal().parent_path().parent_path() / "tokenizer";
  tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::load(folder);
  const std::string trained_with = train::read_checkpoint_state(checkpoint).tokenizer;
  if (tokenizer.fingerprint() != trained_with)
    throw Error(
        fmt::format(
            "this tokenizer (fingerprint {}) is not the one that the checkpoint was trained with ({})",
            tokenizer.fingerprint(), trained_with),
        (folder / "tokenizer.json").string(),
        "put back the tokenizer of the run, or train again with this one");
  return tokenizer;
}

infer::Model load_model(const Path& checkpoint, const std::string& dtype, Pool& pool) {
  if (!dtype.empty() && dtype != "bf16" && dtype != "f32")
    throw UsageError(fmt::format("unknown dtype {}", dtype), "--dtype", "bf16 or f32");
  tokenizer::Tokenizer tokenizer = checkpoint_tokenizer(checkpoint);
  train::TrainedModel trained = train::load_trained_model(checkpoint);
  const std::string wanted =
      !dtype.empty() ? dtype : config::load_recipe(checkpoint / "recipe.toml").train.dtype;
  return infer::make_model(std::move(trained.model), trained.master.flat(),
                           wanted == "f32" ? device::DType::kF32 : device::DType::kBF16, std::move(tokenizer),
                           trained.sequence_length, pool);
}

}  // namespace aurora::apps
