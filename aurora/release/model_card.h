// The model card: what the model is, what it was made of, how well it predicts, under which licences.
// Markdown with Hugging Face's YAML head. Only facts that the run knows.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace aurora::release {

struct CorpusSummary {
  std::string name;
  std::string licence;
  std::vector<std::string> languages;
  uint64_t documents = 0;
  uint64_t bytes = 0;  // of text
  uint64_t tokens = 0;
  double share = 0;  // of the trained tokens
};

struct ModelCard {
  std::string title;
  std::string licence;  // of the weights
  std::vector<std::string> languages;
  int64_t parameters = 0;
  uint64_t trained_tokens = 0;
  std::string weights_hash;
  std::vector<CorpusSummary> corpora;
  std::string results_markdown;  // table of held-out results; may be empty
  std::vector<std::pair<std::string, std::string>>
      facts;  // further lines: architecture, recipe fingerprint ...
};

std::string write_model_card(const ModelCard& card);

}  // namespace aurora::release
