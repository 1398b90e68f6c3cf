// `aurora blend convert`: other programs' token files to `.bin/.idx`.

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/command.h"
#include "aurora/base/error.h"
#include "aurora/format/token_convert.h"

namespace aurora::apps {
namespace {

using format::TokenType;

struct ConvertFlags {
  std::string from, to;
  std::string kind = "auto";
  std::string type;
  int64_t end_of_document = -1;
  bool begins = false;
  int64_t vocab = 0;
  bool json = false;

  void declare(Arguments& arguments) {
    arguments.option("--from", from, "the file, or what its names have in common");
    arguments.option("--to", to, "PREFIX of the PREFIX.bin and PREFIX.idx to write");
    arguments.option(
        "--kind", kind,
        "auto megatron fairseq (tntidx) datatrove llm.c numpy olmo flat; flat-u16, flat-u32, olmo-u16 and "
        "olmo-u32 say how wide a token is");
    arguments.option("--end-of-document", end_of_document,
                     "token id at which documents end, where no index says it; default: one document");
    arguments.flag("--token-begins-document", begins,
                   "that token begins documents instead (llm.c's own files)");
    arguments.option("--vocab", vocab, "tokens must lie below it: finds a wrong width or byte order");
    arguments.option("--type", type, "what to store: u8 i8 i16 i32 i64 u16 f32 f64; default as it was");
    arguments.flag("--json", json, "print the result as JSON");
  }
};

TokenType type_of(const std::string& name) {
  for (int code = 1; code <= 8; ++code)
    if (name == format::token_type_name(static_cast<TokenType>(code))) return static_cast<TokenType>(code);
  throw UsageError(fmt::format("\"{}\" is no type of token", name), "--type",
                   "choose u8, i8, i16, i32, i64, u16, f32 or f64");
}

format::ConvertSettings settings_of(const ConvertFlags& flags) {
  if (flags.from.empty() || flags.to.empty())
    throw UsageError("what to convert, or where to, is not said", flags.from.empty() ? "--from" : "--to",
                     "give --from FILE --to PREFIX");
  format::ConvertSettings settings;
  std::string kind = flags.kind;
  if (kind == "tntidx") kind = "fairseq";
  for (const uint32_t bytes : {2u, 4u}) {
    const std::string ending = bytes == 2 ? "-u16" : "-u32";
    if (!kind.ends_with(ending)) continue;
    kind.resize(kind.size() - ending.size());
    settings.token_bytes = bytes;
  }
  settings.kind = format::token_source_kind(kind);
  if (flags.end_of_document >= 0) settings.end_of_document = static_cast<int32_t>(flags.end_of_document);
  settings.token_begins_document = flags.begins;
  settings.vocab_size = flags.vocab;
  if (!flags.type.empty()) settings.type = type_of(flags.type);
  return settings;
}

int convert(const ConvertFlags& flags) {
  const format::ConvertSettings settings = settings_of(flags);
  if (const Path folder = Path(flags.to).parent_path(); !folder.empty())
    std::filesystem::create_directories(folder);
  const format::ConvertSummary summary = format::convert_tokens(flags.from, flags.to, settings);
  if (flags.json) {
    const nlohmann::ordered_json json = {{"kind", format::token_source_name(summary.kind)},
                                         {"stored", summary.stored},
                                         {"type", format::token_type_name(summary.type)},
                                         {"documents", summary.documents},
                                         {"sequences", summary.sequences},
                                         {"tokens", summary.tokens}};
    fmt::print("{}\n", json.dump(2));
  } else {
    fmt::print("{} ({}) to {}.bin and .idx ({}): {} documents, {} tokens\n",
               format::token_source_name(summary.kind), summary.stored, flags.to,
               format::token_type_name(summary.type), summary.documents, summary.tokens);
  }
  return 0;
}

}  // namespace

Command blend_convert_command() {
  return {"convert",
          "other programs' token files (fairseq, DataTrove, llm.c, NumPy, OLMo, bare) to .bin/.idx",
          [](Arguments& arguments) {
            auto flags = std::make_shared<ConvertFlags>();
            flags->declare(arguments);
            return std::function<int()>([flags] { return convert(*flags); });
          }};
}

}  // namespace aurora::apps
