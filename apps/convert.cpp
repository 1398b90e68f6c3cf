// `aurora convert MODEL --to gguf|safetensors --type TYPE --output PATH`: a model into files of another kind.

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "apps/checkpoints.h"
#include "apps/command.h"
#include "aurora/base/error.h"
#include "aurora/release/convert.h"

namespace aurora::apps {
namespace {

struct ConvertFlags {
  std::string model;
  std::string to = "gguf";
  std::string type = "bf16";
  std::string output;
  int64_t threads = 0;
};

format::BlockType wanted_type(const ConvertFlags& flags) {
  const format::BlockFormat* found = format::find_block_format(flags.type);
  if (!found || !found->encode || (flags.to == "safetensors" && found->quantised()))
    throw UsageError(fmt::format("unknown type {}", flags.type), "--type",
                     flags.to == "gguf" ? "f32, f16, bf16, q8_0 or q4_0" : "f32, f16 or bf16");
  return found->type;
}

int convert(const ConvertFlags& flags) {
  if (flags.to != "gguf" && flags.to != "safetensors")
    throw UsageError(fmt::format("unknown kind of files {}", flags.to), "--to", "gguf or safetensors");
  if (flags.output.empty())
    throw UsageError("no --output", "--output", "name the file (gguf) or folder (safetensors) to write");
  const format::BlockType type = wanted_type(flags);
  if (std::filesystem::exists(flags.output))
    throw Error("the output is already there", flags.output, "name another one, or move it away");
  Log log;
  Pool pool(static_cast<int>(flags.threads));
  const infer::OpenedModel model = infer::open_model(find_model_path(flags.model, log));
  if (flags.to == "gguf")
    release::write_gguf_model(model, type, flags.output, pool);
  else
    release::write_hugging_face_model(model, type, flags.output, pool);
  fmt::print("{}\n", flags.output);
  return 0;
}

}  // namespace

Command convert_command() {
  return {"convert", "a model into GGUF, or into Hugging Face's safetensors", [](Arguments& arguments) {
            auto flags = std::make_shared<ConvertFlags>();
            arguments.positional("model", flags->model,
                                 "run folder, checkpoint, Hugging Face folder or GGUF file");
            arguments.option("--to", flags->to, "gguf or safetensors");
            arguments.option("--type", flags->type, "f32, f16, bf16; gguf also q8_0, q4_0");
            arguments.option("--output", flags->output, "file (gguf) or folder (safetensors) to write");
            arguments.option("--threads", flags->threads, "0 = all cores");
            return std::function<int()>([flags] { return convert(*flags); });
          }};
}

}  // namespace aurora::apps
