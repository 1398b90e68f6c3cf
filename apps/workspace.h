// What every stage command needs: the recipe, the run folder, threads, ranks and where to speak.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/command.h"
#include "aurora/base/log.h"
#include "aurora/base/threads.h"
#include "aurora/comm/group.h"
#include "aurora/config/recipe.h"

namespace aurora::apps {

// The flags that all stage commands share.
struct WorkspaceFlags {
  std::string recipe;
  std::string out;               // --out: run.out
  int64_t threads = -1;          // --threads: run.threads; 0 = all cores
  std::vector<std::string> set;  // --set section.key=value
  bool json = false;
  bool quiet = false;
  bool recipe_required = true;  // set before declare()

  void declare(Arguments& arguments);
};

struct Workspace {
  config::Recipe recipe;
  Path out;
  std::unique_ptr<comm::Group> group;
  std::unique_ptr<Pool> pool;
  std::unique_ptr<Log> log;  // quiet on all ranks but 0
  bool json = false;

  bool is_root() const { return group->rank() == 0; }
  Path folder(config::Stage stage) const;

  Path documents() const { return out / "documents"; }
  Path tokenizer() const { return out / "tokenizer"; }
  Path tokens() const { return out / "tokens"; }
  Path checkpoints() const { return out / "checkpoints"; }
  Path metrics() const { return out / "metrics"; }
  Path evaluation() const { return out / "evaluation"; }
  Path release() const { return out / "release"; }
};

// Loads the recipe, applies the flags, joins the ranks, makes the run folder and stores the effective recipe
// in it. Errors: the recipe's; a run folder that cannot be written.
Workspace open_workspace(const WorkspaceFlags& flags);

// For a command on plain files: ranks, threads and log, without recipe or run folder.
Workspace open_bare_workspace(const WorkspaceFlags& flags);

// Runs `action`; an Error on one of several ranks is printed and stops them all.
int on_all_ranks(Workspace& workspace, const std::function<int()>& action);

}  // namespace aurora::apps
