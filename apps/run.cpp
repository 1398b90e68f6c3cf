// `aurora run RECIPE`: every stage in order, each skipped when it is up to date; then the report and the
// table.

#include <fmt/format.h>

#include <memory>

#include "apps/report.h"
#include "apps/stages.h"

namespace aurora::apps {
namespace {

int run(Workspace& workspace) {
  for (const StageSpec& spec : stage_specs()) run_stage(workspace, spec);
  if (!workspace.is_root()) return 0;
  const Path report = write_report(workspace);
  if (workspace.json) {
    fmt::print("{}\n", results_json(workspace));
  } else {
    fmt::print("{}\n", results_text(workspace));
    fmt::print("report: {}\n", report.string());
  }
  return 0;
}

}  // namespace

Command run_command() {
  return {"run", "every stage that the recipe names, in order; skips what is up to date",
          [](Arguments& arguments) {
            auto flags = std::make_shared<WorkspaceFlags>();
            flags->declare(arguments);
            return std::function<int()>([flags] {
              Workspace workspace = open_workspace(*flags);
              return on_all_ranks(workspace, [&] { return run(workspace); });
            });
          }};
}

}  // namespace aurora::apps
