// Raw files to documents: the prepare stage.

#include <fmt/format.h>

#include "apps/stages.h"
#include "aurora/base/progress.h"
#include "aurora/corpus/inputs.h"
#include "aurora/corpus/prepare.h"

namespace aurora::apps {
namespace {

std::vector<format::FileRecord> raw_files(Workspace& workspace) {
  std::vector<format::FileRecord> records;
  for (const corpus::InputDigest& digest : corpus::digest_inputs(workspace.recipe, *workspace.pool))
    records.push_back({digest.corpus, digest.bytes, digest.hash});
  return records;
}

format::Notes prepare(Workspace& workspace) {
  const corpus::PrepareSummary summary =
      corpus::prepare(workspace.recipe, workspace.documents(), *workspace.pool, *workspace.log);
  if (workspace.is_root() && !workspace.log->quiet())
    workspace.log->info("{}", corpus::summary_text(summary));
  return {{"documents", fmt::format("{}", summary.kept().documents)},
          {"text", human_bytes(static_cast<double>(summary.kept().bytes))},
          {"dropped", fmt::format("{}", summary.dropped().documents)}};
}

}  // namespace

StageSpec prepare_stage() {
  return {.stage = config::Stage::kPrepare,
          .verb = "reading, cleaning and filtering documents",
          .inputs = raw_files,
          .run = prepare,
          .all_ranks = false,
          .resumes = false};
}

}  // namespace aurora::apps
