#include "aurora/release/model_card.h"

#include <fmt/format.h>

#include "aurora/base/progress.h"

namespace aurora::release {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out.empty() ? "-" : out;
}

std::string head(const ModelCard& card) {
  std::string out = "---\nlibrary_name: transformers\npipeline_tag: text-generation\n";
  out += fmt::format("license: {}\n", card.licence);
  if (!card.languages.empty()) {
    out += "language:\n";
    for (const std::string& language : card.languages) out += fmt::format("- {}\n", language);
  }
  return out + "tags:\n- auroragpt\n---\n\n";
}

std::string data_table(const ModelCard& card) {
  std::string out =
      "| corpus | languages | documents | text | tokens | share of training | licence "
      "|\n|---|---|---|---|---|---|---|\n";
  for (const CorpusSummary& corpus : card.corpora)
    out += fmt::format("| {} | {} | {} | {} | {} | {:.1f} % | {} |\n", corpus.name, joined(corpus.languages),
                       corpus.documents, human_bytes(static_cast<double>(corpus.bytes)),
                       human_count(static_cast<double>(corpus.tokens)), 100 * corpus.share,
                       corpus.licence.empty() ? "not stated in the recipe" : corpus.licence);
  return out;
}

}  // namespace

std::string write_model_card(const ModelCard& card) {
  std::string out = head(card) + fmt::format("# {}\n\n", card.title);
  out += fmt::format(
      "A decoder-only language model (Llama architecture) of {} parameters, trained from random weights on "
      "{} tokens "
      "by AuroraGPT. It is a base model: it continues text.\n\n",
      human_count(static_cast<double>(card.parameters)),
      human_count(static_cast<double>(card.trained_tokens)));
  for (const auto& [key, value] : card.facts) out += fmt::format("- {}: {}\n", key, value);
  out += fmt::format("- weights hash (xxh3-128 over names, shapes and f32 masters): `{}`\n\n",
                     card.weights_hash);
  out += "## What it was made of\n\n" + data_table(card) + "\n";
  if (!card.results_markdown.empty()) out += "## How well it predicts\n\n" + card.results_markdown + "\n";
  out +=
      "## Use\n\n```python\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n"
      "model = AutoModelForCausalLM.from_pretrained(\".\")\ntokenizer = "
      "AutoTokenizer.from_pretrained(\".\")\n```\n\n"
      "`sha256sum -c SHA256SUMS` checks the files.\n\n"
      "## Limits\n\nNothing was done to make its answers true, safe or polite. It repeats what its training "
      "text says, "
      "and makes up what it does not.\n";
  return out;
}

}  // namespace aurora::release
