// What a run trains on: token files and their order, from the tokens folder of the recipe or from a run of
// Megatron's.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "aurora/base/threads.h"
#include "aurora/config/recipe.h"
#include "aurora/dataset/token_files.h"
#include "aurora/dataset/tokens_folder.h"
#include "aurora/order/order.h"
#include "aurora/order/piece.h"
#include "aurora/plan/steps.h"

namespace aurora::train {

struct TrainingData {
  std::shared_ptr<const dataset::TokenFiles> files;
  std::shared_ptr<const order::SampleOrder> order;
  int64_t vocab_size = 0;
  int32_t end_of_document = -1;  // token id; -1: documents have none
  std::string tokenizer;         // fingerprint; empty: not known
  std::string place;             // for messages
  std::string summary;           // lines for people: shares and epochs of the corpora
};

// The recipe's own order (dataset/run_order.h).
TrainingData folder_data(const config::Recipe& recipe, const dataset::TokensFolder& tokens,
                         const plan::StepPlan& plan, Pool& pool);

// [tokens]: the files of a collection in the order of [blend]; or, with tokens.megatron_cache, the list's
// files in the order of the cache's train split, from first_sample on ([blend] skip counts from there).
// Errors: those of list, files and cache; a cache of fewer samples than the run takes.
TrainingData listed_data(const config::Recipe& recipe, const plan::StepPlan& plan, Pool& pool);

// Paths of [tokens], from the recipe's folder.
Path tokens_list(const config::Recipe& recipe);
Path megatron_cache(const config::Recipe& recipe);

}  // namespace aurora::train
