// The order of a recipe's run over its tokens: [[corpus]], [blend] and [[stage]] as an order::OrderSpec.
#pragma once

#include <memory>

#include "aurora/base/threads.h"
#include "aurora/config/recipe.h"
#include "aurora/dataset/stored_order.h"
#include "aurora/dataset/tokens_folder.h"
#include "aurora/order/order.h"
#include "aurora/plan/steps.h"

namespace aurora::dataset {

// Stages of the order begin where the plan's phases do; the last has no end, so a longer run goes on in the
// same order. A corpus without tokens is left out, and the shares of the others count for it. Packed
// documents are counted here, from the .idx of every file. Errors: those of order::Order; a mix in which no
// corpus has tokens.
order::OrderSpec run_order_spec(const config::Recipe& recipe, const TokensFolder& tokens,
                                const plan::StepPlan& steps, Pool& pool);

// Stages, borders and skipped samples of a recipe over the corpora of `spec`; weights: of the start. Errors:
// a mix that names a corpus of none, or in which no corpus has tokens.
void set_stages(const config::Recipe& recipe, const plan::StepPlan& steps, std::vector<double> weights,
                order::OrderSpec& spec);

// The same, ready to be asked for pieces, and the files that it is of.
struct RunOrder {
  std::shared_ptr<const TokenFiles> files;
  std::shared_ptr<const StoredOrder> order;
};
RunOrder run_order(const config::Recipe& recipe, const TokensFolder& tokens, const plan::StepPlan& steps,
                   Pool& pool);

// Over a collection's files, with [blend]'s order and, at the start, the collection's weights: those of its
// list, or by tokens where it has none. Errors: also those of the manifest.
RunOrder collection_order(const config::Recipe& recipe, const Path& manifest, const plan::StepPlan& steps,
                          Pool& pool);

}  // namespace aurora::dataset
