// The line: the stages of a run, their order, what each reads and writes, and when one may be skipped.
//
// A stage owns one folder. The folder counts only with its manifest, which is written last; a stage whose
// settings (fingerprint) and inputs (content hashes) are those of the manifest is skipped; a changed one is
// rebuilt; one that was cut off starts again, or, where it can (pretrain), goes on.
#pragma once

#include "apps/workspace.h"
#include "aurora/format/manifest.h"

namespace aurora::apps {

struct StageSpec {
  config::Stage stage;
  const char* verb;  // for the log: "preparing documents"
  // What the outcome depends on beside the settings.
  std::vector<format::FileRecord> (*inputs)(Workspace&);
  // Does the work in workspace.folder(stage) and returns notes for the manifest.
  format::Notes (*run)(Workspace&);
  bool all_ranks;  // false: rank 0 works, the others wait
  bool resumes;    // what a cut-off run of the same settings and inputs left is kept
  // Work of other settings or inputs is set aside as FOLDER.old-N, not removed: it cost too much.
  bool keeps_old = false;
  // Of a stage that resumes: the settings that all its work depends on, where later ones may change and the
  // stage finds out itself what still serves. Null: all settings.
  config::Recipe (*trunk)(const config::Recipe&) = nullptr;
};

const std::vector<StageSpec>& stage_specs();  // in the order of the line
const StageSpec& stage_spec(config::Stage stage);

enum class StageOutcome { kDone, kUpToDate };
// Collective over all ranks. Error: what the stage throws; for a missing input, which command makes it.
StageOutcome run_stage(Workspace& workspace, const StageSpec& spec);

// One stage as a command: opens the workspace, runs the stage on all ranks, prints its summary.
int run_stage_command(const WorkspaceFlags& flags, config::Stage stage);

// The notes of a finished stage's manifest that are for people.
format::Notes people_notes(const Workspace& workspace, config::Stage stage);
// One line for people about a finished stage, from its manifest's notes.
std::string stage_summary(const Workspace& workspace, config::Stage stage);

// The stages themselves, one file each (stage_*.cpp).
StageSpec prepare_stage();
StageSpec tokenizer_stage();
StageSpec tokenize_stage();
StageSpec pretrain_stage();
StageSpec evaluate_stage();
StageSpec release_stage();

// The folder of an earlier stage as an input. Error when it is not there or not whole, naming the command
// that makes it.
format::FileRecord stage_input(const Workspace& workspace, config::Stage stage);

}  // namespace aurora::apps
