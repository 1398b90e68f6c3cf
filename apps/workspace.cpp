#include "apps/workspace.h"

#include <fmt/format.h>

#include <filesystem>

#include "aurora/base/error.h"
#include "aurora/comm/world.h"

namespace aurora::apps {

namespace {

// Relative corpus paths are relative to the recipe's folder, so that a recipe works from anywhere; the stored
// recipe names them in full.
void resolve_paths(config::Recipe& recipe) {
  const Path folder = std::filesystem::absolute(recipe.file).lexically_normal().parent_path();
  for (config::Corpus& corpus : recipe.corpora)
    for (std::string& path : corpus.paths)
      if (Path(path).is_relative()) path = (folder / path).lexically_normal().string();
}

}  // namespace

void WorkspaceFlags::declare(Arguments& arguments) {
  arguments.positional("recipe", recipe, "recipe file (TOML)", recipe_required);
  arguments.option("--out", out, "run folder; default runs/<run.name>");
  arguments.option("--threads", threads, "threads of this process; 0 = all cores");
  arguments.option("--set", set, "override a recipe key: section.key=value (repeatable)");
  arguments.flag("--json", json, "print the result as JSON");
  arguments.flag("--quiet", quiet, "only warnings and errors on stderr");
}

Path Workspace::folder(config::Stage stage) const {
  switch (stage) {
    case config::Stage::kPrepare:
      return documents();
    case config::Stage::kTokenizer:
      return tokenizer();
    case config::Stage::kTokenize:
      return tokens();
    case config::Stage::kPretrain:
      return checkpoints();
    case config::Stage::kEvaluate:
      return evaluation();
    case config::Stage::kRelease:
      return release();
  }
  return out;
}

Workspace open_bare_workspace(const WorkspaceFlags& flags) {
  Workspace workspace;
  workspace.group = comm::world_group();
  workspace.pool = std::make_unique<Pool>(flags.threads >= 0 ? static_cast<int>(flags.threads) : 0);
  workspace.log = std::make_unique<Log>(2, flags.quiet || !workspace.is_root());
  workspace.json = flags.json;
  return workspace;
}

Workspace open_workspace(const WorkspaceFlags& flags) {
  Workspace workspace;
  workspace.recipe = config::load_recipe(flags.recipe, flags.set);
  if (!flags.out.empty()) workspace.recipe.run.out = flags.out;
  if (flags.threads >= 0) workspace.recipe.run.threads = static_cast<int>(flags.threads);
  resolve_paths(workspace.recipe);
  workspace.out = workspace.recipe.run.out;
  workspace.group = comm::world_group();
  workspace.pool = std::make_unique<Pool>(workspace.recipe.run.threads);
  workspace.log = std::make_unique<Log>(2, flags.quiet || !workspace.is_root());
  workspace.json = flags.json;
  if (workspace.is_root()) {
    remove_partials(workspace.out);
    write_file_atomic(workspace.out / "recipe.toml", config::print_recipe(workspace.recipe));
  }
  return workspace;
}

int on_all_ranks(Workspace& workspace, const std::function<int()>& action) {
  if (workspace.group->size() == 1) return action();
  try {
    return action();
  } catch (const Error& error) {
    // The others wait in a collective that this rank will never join. MPI ends this process too, without a
    // word.
    const std::string message = fmt::format("{} ({}): {}", error.happened(), error.where(), error.remedy());
    fmt::print(stderr, "aurora: error on rank {}: {}\n", workspace.group->rank(), message);
    workspace.group->abort(message);
    throw;
  }
}

}  // namespace aurora::apps
