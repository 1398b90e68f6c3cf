// From a checkpoint to what others see: the evaluate and release stages.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "apps/checkpoints.h"
#include "apps/stages.h"
#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/base/progress.h"
#include "aurora/evaluate/held_out.h"
#include "aurora/infer/generate.h"
#include "aurora/release/hugging_face.h"
#include "aurora/tokenize/tokenize.h"

namespace aurora::apps {
namespace {

format::Notes evaluate(Workspace& workspace) {
  const config::Recipe& recipe = workspace.recipe;
  const Path checkpoint = find_model_checkpoint(workspace.checkpoints(), *workspace.log);
  const infer::Model model = load_model(checkpoint, recipe.train.dtype, *workspace.pool);
  const train::CheckpointState state = train::read_checkpoint_state(checkpoint);

  evaluate::Results results;
  results.step = state.loop.step;
  results.weights_hash = state.weights_hash;
  results.rows = evaluate::evaluate_held_out(model, workspace.tokens(), *workspace.pool, *workspace.log);
  fault_point("evaluate.scored");
  infer::GenerateSettings settings;
  settings.max_tokens = recipe.evaluate.sample_tokens;
  settings.sampling = {.temperature = recipe.generate.temperature,
                       .top_k = recipe.generate.top_k,
                       .top_p = recipe.generate.top_p,
                       .seed = recipe.run.seed};
  for (const std::string& prompt : recipe.evaluate.prompts)
    results.samples.push_back({prompt, infer::generate(model, prompt, settings, *workspace.pool).text});
  evaluate::write_results(workspace.evaluation() / "results.json", results);
  write_file_atomic(workspace.evaluation() / "results.txt", evaluate::results_table(results));
  fault_point("evaluate.written");

  format::Notes notes;
  for (const evaluate::HeldOutRow& row : results.rows)
    if (row.group == "language")
      notes.emplace_back(row.name + " bits/byte",
                         fmt::format("{:.3f} (gzip {:.3f})", row.bits_per_byte(), row.gzip_bits_per_byte()));
  return notes;
}

std::vector<release::CorpusSummary> corpus_summaries(const Workspace& workspace) {
  const tokenize::TokenizeSummary summary =
      tokenize::summary_of_notes(format::read_manifest(workspace.tokens()).notes);
  double total_weight = 0;
  std::vector<release::CorpusSummary> out;
  for (const config::Corpus& corpus : workspace.recipe.corpora) {
    release::CorpusSummary one;
    one.name = corpus.name;
    one.licence = corpus.licence;
    for (const tokenize::TokenizedPart& part : summary.parts) {
      if (part.corpus != corpus.name) continue;
      one.languages.push_back(part.language);
      one.documents += part.training.documents;
      one.bytes += part.training.bytes;
      one.tokens += part.training.tokens;
    }
    one.share = one.tokens > 0 ? corpus.weight : 0;
    total_weight += one.share;
    out.push_back(std::move(one));
  }
  for (release::CorpusSummary& one : out) one.share /= total_weight;
  return out;
}

std::string results_markdown(const Workspace& workspace) {
  const evaluate::Results results = evaluate::read_results(workspace.evaluation() / "results.json");
  std::string out =
      "| held-out text | bytes | bits per byte | gzip -9 | xz -9 | zstd -19 |\n|---|---|---|---|---|---|\n";
  for (const evaluate::HeldOutRow& row : results.rows)
    out += fmt::format("| {} {} | {} | {:.3f} | {:.3f} | {:.3f} | {:.3f} |\n", row.group, row.name, row.bytes,
                       row.bits_per_byte(), row.gzip_bits_per_byte(), row.xz_bits_per_byte(),
                       row.zstd_bits_per_byte());
  return out;
}

release::ModelCard model_card(const Workspace& workspace, const train::TrainedModel& trained) {
  const config::Recipe& recipe = workspace.recipe;
  release::ModelCard card;
  card.title = recipe.release.title.empty() ? recipe.run.name : recipe.release.title;
  card.licence = recipe.release.licence;
  card.parameters = plan::parameter_count(trained.model.shape());
  card.trained_tokens = trained.state.loop.tokens;
  card.weights_hash = trained.state.weights_hash;
  card.corpora = corpus_summaries(workspace);
  card.results_markdown = results_markdown(workspace);
  std::set<std::string> languages;
  for (const release::CorpusSummary& corpus : card.corpora)
    for (const std::string& language : corpus.languages)
      if (language.size() == 2) languages.insert(language);
  card.languages.assign(languages.begin(), languages.end());
  const plan::ModelShape& shape = trained.model.shape();
  card.facts = {{"layers, width, heads, key/value heads, hidden, vocabulary",
                 fmt::format("{}, {}, {}, {}, {}, {}", shape.layers, shape.width, shape.heads, shape.kv_heads,
                             shape.hidden, shape.vocab)},
                {"sequence length", fmt::format("{}", trained.sequence_length)},
                {"recipe fingerprint (pretrain)", config::fingerprint(recipe, config::Stage::kPretrain)},
                {"numerics", trained.state.numerics}};
  return card;
}

format::Notes release_model(Workspace& workspace) {
  const Path checkpoint = find_model_checkpoint(workspace.checkpoints(), *workspace.log);
  const tokenizer::Tokenizer tokenizer = checkpoint_tokenizer(checkpoint);
  const train::TrainedModel trained = train::load_trained_model(checkpoint);
  const config::Release& wanted = workspace.recipe.release;
  fault_point("release.begin");
  const std::vector<std::string> files = release::write_hugging_face(
      workspace.release(),
      {trained.model, trained.master.flat(), tokenizer, trained.sequence_length, wanted.dtype,
       static_cast<uint64_t>(wanted.shard_bytes), model_card(workspace, trained)});
  fault_point("release.written");
  return {{"files", fmt::format("{}", files.size())}, {"weights", wanted.dtype}};
}

}  // namespace

StageSpec evaluate_stage() {
  return {.stage = config::Stage::kEvaluate,
          .verb = "measuring held-out text",
          .inputs = [](Workspace& workspace) -> std::vector<format::FileRecord> {
            return {stage_input(workspace, config::Stage::kTokenize),
                    stage_input(workspace, config::Stage::kPretrain)};
          },
          .run = evaluate,
          .all_ranks = false,
          .resumes = false};
}

StageSpec release_stage() {
  return {.stage = config::Stage::kRelease,
          .verb = "writing Hugging Face's layout",
          .inputs = [](Workspace& workspace) -> std::vector<format::FileRecord> {
            return {stage_input(workspace, config::Stage::kTokenize),
                    stage_input(workspace, config::Stage::kPretrain),
                    stage_input(workspace, config::Stage::kEvaluate)};
          },
          .run = release_model,
          .all_ranks = false,
          .resumes = false};
}

}  // namespace aurora::apps
