// Documents to tokens: the tokenizer and tokenize stages.

#include <fmt/format.h>

#include "apps/stages.h"
#include "aurora/base/fault.h"
#include "aurora/base/progress.h"
#include "aurora/tokenize/sample.h"
#include "aurora/tokenize/tokenize.h"
#include "aurora/vocabulary/train_unigram.h"

namespace aurora::apps {
namespace {

format::Notes train_tokenizer(Workspace& workspace) {
  const config::Tokenizer& wanted = workspace.recipe.tokenizer;
  vocabulary::UnigramSettings unigram;
  vocabulary::TrainSettings& settings = unigram.common;
  settings.vocab_size = wanted.vocab_size;
  settings.special_tokens = wanted.special_tokens;
  settings.reserved_tokens = wanted.reserved_tokens;
  settings.round_up_to = wanted.round_to;
  settings.min_frequency = static_cast<uint64_t>(wanted.min_frequency);
  settings.scheme = wanted.pattern;
  const auto source = tokenize::sample_documents(
      workspace.documents(), tokenize::sample_settings(workspace.recipe), *workspace.pool);
  const vocabulary::TrainResult result = wanted.model == "unigram"
                                             ? vocabulary::train_unigram(unigram, *source, *workspace.pool)
                                             : vocabulary::train_bpe(settings, *source, *workspace.pool);
  const tokenizer::Tokenizer trained(result.spec);
  fault_point("tokenizer.trained");
  trained.save(workspace.tokenizer() / "tokenizer.json");
  fault_point("tokenizer.saved");
  if (trained.vocab_size() < wanted.vocab_size)
    workspace.log->warn("the text has only {} tokens to learn; tokenizer.vocab_size asks for {}",
                        trained.vocab_size(), wanted.vocab_size);
  return {{"vocabulary", fmt::format("{}", trained.vocab_size())},
          {"trained on", human_bytes(static_cast<double>(result.text_bytes))},
          {"fingerprint", trained.fingerprint()}};
}

format::Notes tokenize(Workspace& workspace) {
  const tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::load(workspace.tokenizer());
  const tokenize::TokenizeSummary summary = tokenize::tokenize_documents(
      workspace.documents(), tokenizer, tokenize::held_out_rule(workspace.recipe), workspace.tokens(),
      {*workspace.group, *workspace.pool, *workspace.log});
  if (summary.units_kept > 0)
    workspace.log->info("tokenize: {} of {} units were there from before", summary.units_kept, summary.units);
  const tokenize::TokenCounts training = summary.training();
  const tokenize::TokenCounts held_out = summary.held_out();
  format::Notes notes = {{"training tokens", human_count(static_cast<double>(training.tokens))},
                         {"held-out tokens", human_count(static_cast<double>(held_out.tokens))},
                         {"bytes per token", fmt::format("{:.2f}", training.bytes_per_token())}};
  const format::Notes parts = tokenize::summary_notes(summary);
  notes.insert(notes.end(), parts.begin(), parts.end());
  return notes;
}

}  // namespace

StageSpec tokenizer_stage() {
  return {.stage = config::Stage::kTokenizer,
          .verb = "training the tokenizer",
          .inputs = [](Workspace& workspace) -> std::vector<format::FileRecord> {
            return {stage_input(workspace, config::Stage::kPrepare)};
          },
          .run = train_tokenizer,
          .all_ranks = false,
          .resumes = false};
}

StageSpec tokenize_stage() {
  return {.stage = config::Stage::kTokenize,
          .verb = "encoding the documents",
          .inputs = [](Workspace& workspace) -> std::vector<format::FileRecord> {
            return {stage_input(workspace, config::Stage::kPrepare),
                    stage_input(workspace, config::Stage::kTokenizer)};
          },
          .run = tokenize,
          .all_ranks = true,
          .resumes = true};
}

}  // namespace aurora::apps
