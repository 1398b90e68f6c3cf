// The commands that are one stage each: prepare, tokenizer, tokenize, evaluate, release.

#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "apps/stages.h"

namespace aurora::apps {
namespace {

void print_summary(const Workspace& workspace, config::Stage stage) {
  if (!workspace.is_root()) return;
  if (!workspace.json) {
    fmt::print("{}: {}\n", config::stage_name(stage), stage_summary(workspace, stage));
    return;
  }
  nlohmann::ordered_json json;
  json["stage"] = config::stage_name(stage);
  json["folder"] = workspace.folder(stage).string();
  for (const auto& [key, value] : format::read_manifest(workspace.folder(stage)).notes) json[key] = value;
  fmt::print("{}\n", json.dump(2));
}

template <config::Stage stage>
std::function<int()> declare(Arguments& arguments) {
  auto flags = std::make_shared<WorkspaceFlags>();
  flags->declare(arguments);
  return [flags] { return run_stage_command(*flags, stage); };
}

}  // namespace

int run_stage_command(const WorkspaceFlags& flags, config::Stage stage) {
  Workspace workspace = open_workspace(flags);
  return on_all_ranks(workspace, [&] {
    run_stage(workspace, stage_spec(stage));
    print_summary(workspace, stage);
    return 0;
  });
}

Command prepare_command() {
  return {"prepare", "read, extract, clean, filter and deduplicate documents",
          declare<config::Stage::kPrepare>};
}
Command evaluate_command() {
  return {"evaluate", "held-out bits per byte, beside gzip, xz and zstd", declare<config::Stage::kEvaluate>};
}
Command release_command() {
  return {"release", "write the model in Hugging Face's layout", declare<config::Stage::kRelease>};
}

}  // namespace aurora::apps
