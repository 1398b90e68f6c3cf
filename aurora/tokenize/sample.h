// The text that a tokenizer is trained on: train_bytes in all, shared among corpora by their weights in the
// blend, held-out documents left out.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "aurora/tokenize/held_out.h"
#include "aurora/vocabulary/train.h"

namespace aurora::tokenize {

struct SampleSettings {
  uint64_t train_bytes = 50'000'000;
  std::vector<std::pair<std::string, double>> weights;  // per corpus; one not named here gets nothing
  HeldOutRule held_out;
};
SampleSettings sample_settings(const config::Recipe& recipe);

// flags[i]: document i is in the sample. A corpus that has less text than its share gives all of it and the
// others share the rest by weight. Inside a corpus documents are taken in order of a hash of their id until
// the share is reached.
std::vector<bool> choose_sample(std::span<const DocumentInfo> documents, const SampleSettings& settings);

// Streams the chosen documents of a folder. The pool is used to choose them.
std::unique_ptr<vocabulary::TextSource> sample_documents(const Path& documents_folder,
                                                         const SampleSettings& settings,
                                                         Pool& pool = Pool::serial());

}  // namespace aurora::tokenize
