#include "apps/stages.h"

#include <fmt/format.h>

#include <filesystem>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/base/progress.h"

namespace aurora::apps {
namespace {

namespace fs = std::filesystem;

// What a stage began with, in its folder until the manifest replaces it: tells whether a cut-off run may go
// on.
constexpr const char* kBegun = ".begun";

std::string identity_of(const std::string& fingerprint, const std::vector<format::FileRecord>& inputs) {
  std::string text = fingerprint + "\n";
  for (const format::FileRecord& input : inputs)
    text += fmt::format("{} {} {}\n", input.name, input.size, input.hash);
  return text;
}

// Days of work are never deleted because a setting changed: they move to FOLDER.old-N.
void set_aside(const Path& folder, Log& log) {
  const Path old = next_old_folder(folder);
  fs::rename(folder, old);
  log.warn("settings or inputs changed: what was in {} is now in {}", folder.string(), old.string());
}

// Clears the folder, unless the stage can go on from what lies there.
void begin(const Path& folder, const StageSpec& spec, const std::string& identity, Log& log) {
  const Path begun = folder / kBegun;
  const bool same = fs::exists(begun) && read_file(begun) == identity;
  // The manifest goes first: from here on the folder does not count.
  fs::remove(format::manifest_path(folder));
  if (spec.resumes && same) return;
  fault_point("stage.begin");
  if (spec.keeps_old && fs::exists(folder) && !fs::is_empty(folder)) set_aside(folder, log);
  fs::remove_all(folder);
  fs::create_directories(folder);
  write_file_atomic(begun, identity);
}

void finish(Workspace& workspace, const StageSpec& spec, const std::string& fingerprint,
            std::vector<format::FileRecord> inputs, format::Notes notes) {
  fault_point("stage.finish");
  format::Manifest manifest;
  manifest.stage = config::stage_name(spec.stage);
  manifest.fingerprint = fingerprint;
  manifest.inputs = std::move(inputs);
  manifest.notes = std::move(notes);
  format::write_manifest(workspace.folder(spec.stage), std::move(manifest));
  fault_point("stage.finished");
}

}  // namespace

const std::vector<StageSpec>& stage_specs() {
  static const std::vector<StageSpec> specs = {prepare_stage(),  tokenizer_stage(), tokenize_stage(),
                                               pretrain_stage(), evaluate_stage(),  release_stage()};
  return specs;
}

const StageSpec& stage_spec(config::Stage stage) {
  for (const StageSpec& spec : stage_specs())
    if (spec.stage == stage) return spec;
  check_failed(__FILE__, __LINE__, "a stage without a spec");
}

StageOutcome run_stage(Workspace& workspace, const StageSpec& spec) {
  const Path folder = workspace.folder(spec.stage);
  const std::string fingerprint = config::fingerprint(workspace.recipe, spec.stage);
  std::vector<format::FileRecord> inputs;
  uint8_t current = 0;
  if (workspace.is_root()) {
    inputs = spec.inputs(workspace);
    current = format::is_current(folder, config::stage_name(spec.stage), fingerprint, inputs);
    const std::string trunk =
        spec.trunk ? config::fingerprint(spec.trunk(workspace.recipe), spec.stage) : fingerprint;
    if (!current) begin(folder, spec, identity_of(trunk, inputs), *workspace.log);
  }
  workspace.group->broadcast(&current, 1, 0);
  if (current) {
    workspace.log->info("{}: up to date", config::stage_name(spec.stage));
    return StageOutcome::kUpToDate;
  }

  workspace.log->info("{}: {}", config::stage_name(spec.stage), spec.verb);
  format::Notes notes;
  if (spec.all_ranks || workspace.is_root()) notes = spec.run(workspace);
  if (workspace.is_root()) finish(workspace, spec, fingerprint, std::move(inputs), std::move(notes));
  workspace.group->barrier();
  return StageOutcome::kDone;
}

format::Notes people_notes(const Workspace& workspace, config::Stage stage) {
  format::Notes notes = format::read_manifest(workspace.folder(stage)).notes;
  // Counts per corpus and language (tokenizer/tokenize.h) are for programs.
  std::erase_if(notes, [](const auto& note) { return note.first.starts_with("tokenized "); });
  return notes;
}

std::string stage_summary(const Workspace& workspace, config::Stage stage) {
  std::string text;
  for (const auto& [key, value] : people_notes(workspace, stage))
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, value);
  return text;
}

format::FileRecord stage_input(const Workspace& workspace, config::Stage stage) {
  const Path folder = workspace.folder(stage);
  const char* name = config::stage_name(stage);
  if (!format::has_manifest(folder))
    throw Error(fmt::format("the {} stage has not been run", name), folder.string(),
                fmt::format("run `aurora {}{} RECIPE --out {}` first, or `aurora run`", name,
                            stage == config::Stage::kTokenizer ? " train" : "", workspace.out.string()));
  return format::record_folder(folder, folder.filename().string());
}

}  // namespace aurora::apps
