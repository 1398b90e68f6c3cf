// `aurora tokenize`: documents to token files; the recipe's stage, or files of JSON lines without a recipe.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/stages.h"
#include "apps/tokenizer_open.h"
#include "aurora/base/error.h"
#include "aurora/base/progress.h"
#include "aurora/tokenize/tokenize_files.h"

namespace aurora::apps {
namespace {

struct TokenizeFlags {
  WorkspaceFlags workspace;
  std::vector<std::string> inputs;
  std::string vocab;
  std::string pattern;
  std::string output;
  tokenize::FilesSettings settings;
  bool no_eod = false;

  void declare(Arguments& arguments) {
    workspace.recipe_required = false;
    workspace.declare(arguments);
    arguments.list("--input", inputs,
                   "instead of a recipe: files or folders of JSON lines, .gz and .zst too");
    arguments.option("--tokenizer", vocab,
                     "with --input: tokenizer.json, a folder with one, a .model, a rank file");
    arguments.option("--pattern", pattern, "of a rank file");
    arguments.option("--output", output, "with --input: PREFIX of PREFIX.bin and PREFIX.idx");
    arguments.option("--text-key", settings.text_key, "with --input: the field of a line that is its text");
    arguments.flag("--no-eod", no_eod, "with --input: no end token behind each document");
  }
};

int tokenize_plain_files(const TokenizeFlags& flags) {
  if (flags.vocab.empty()) throw UsageError("a vocabulary is needed", "--tokenizer", "give --tokenizer FILE");
  if (flags.output.empty())
    throw UsageError("a place for the tokens is needed", "--output", "give --output PREFIX");
  tokenize::FilesSettings settings = flags.settings;
  settings.append_eod = !flags.no_eod;
  Workspace workspace = open_bare_workspace(flags.workspace);
  return on_all_ranks(workspace, [&] {
    const tokenizer::Tokenizer tokenizer = open_vocabulary(flags.vocab, flags.pattern);
    std::vector<Path> inputs(flags.inputs.begin(), flags.inputs.end());
    const tokenize::FilesSummary summary = tokenize::tokenize_files(
        inputs, tokenizer, flags.output, settings, {*workspace.group, *workspace.pool, *workspace.log});
    if (!workspace.is_root()) return 0;
    const nlohmann::ordered_json json = {{"prefix", flags.output},
                                         {"documents", summary.counts.documents},
                                         {"text_bytes", summary.counts.bytes},
                                         {"tokens", summary.counts.tokens},
                                         {"rejected", summary.rejected},
                                         {"units", summary.units},
                                         {"units_kept", summary.units_kept}};
    if (workspace.json) {
      fmt::print("{}\n", json.dump(2));
    } else {
      fmt::print("{0}.bin, {0}.idx: {1} documents, {2} of text, {3} tokens, {4} rejected lines\n",
                 flags.output, summary.counts.documents,
                 human_bytes(static_cast<double>(summary.counts.bytes)), summary.counts.tokens,
                 summary.rejected);
    }
    return 0;
  });
}

int tokenize(const TokenizeFlags& flags) {
  if (!flags.inputs.empty()) return tokenize_plain_files(flags);
  if (flags.workspace.recipe.empty())
    throw UsageError("nothing to encode", "aurora tokenize", "give a recipe, or --input FILES");
  return run_stage_command(flags.workspace, config::Stage::kTokenize);
}

}  // namespace

Command tokenize_command() {
  return {"tokenize", "encode documents, or files of JSON lines, into .bin/.idx files",
          [](Arguments& arguments) { return with_flags<TokenizeFlags>(arguments, tokenize); }};
}

}  // namespace aurora::apps
