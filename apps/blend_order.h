// What the subcommands of `aurora blend` share: the order of a run, from its recipe and run folder or from a
// list, and how long it took to know its first batch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "apps/workspace.h"
#include "aurora/dataset/listed_order.h"
#include "aurora/dataset/stored_order.h"
#include "aurora/order/order.h"
#include "aurora/plan/steps.h"

namespace aurora::apps {

struct OrderFlags {
  WorkspaceFlags workspace;  // its recipe may be missing
  std::string list;
  double tokens = 0;
  int64_t sequence_length = 0;
  int64_t seed = -1;
  std::string mode;
  int64_t block_windows = 0;
  int64_t batch = 0;

  void declare(Arguments& arguments);
  // UsageError: neither or both of recipe and list; flags of a list with a recipe; a mode that is none.
  void check() const;
  dataset::ListSettings list_settings() const;
};

struct TimeZero {
  double first_batch_ms =
      0;               // from opening the recipe's tokens or the list until the units of step 0 are known
  uint64_t bytes = 0;  // of heap held then
};

struct BlendOrder {
  std::shared_ptr<const dataset::StoredOrder> stored;  // null: the order is made of a list's shares alone
  std::shared_ptr<const dataset::TokenFiles> files;    //
  std::unique_ptr<const order::Order> alone;           // then this is it
  std::vector<std::string> names;                      // per file
  uint64_t samples = 0;                                // of the run, skipped ones left out
  uint64_t batch = 0;                                  // samples in a step of a list
  TimeZero zero;
  std::unique_ptr<Workspace> workspace;  // null: from a list
  std::unique_ptr<plan::StepPlan> plan;  //
  std::unique_ptr<Pool> list_pool;       // null: from a recipe

  const order::Order& order() const { return stored ? stored->order() : *alone; }
  Pool& pool() const { return workspace ? *workspace->pool : *list_pool; }
  bool speaks() const { return !workspace || workspace->is_root(); }  // of several ranks one tells the result
  uint64_t sequence_length() const { return order().spec().sequence_length; }
  uint64_t steps() const;
  // Samples that the first `steps` steps take.
  uint64_t samples_before(uint64_t steps) const;
};

// Errors: see OrderFlags::check and dataset::read_list_order; for a recipe those of its stages and of the
// order.
BlendOrder open_blend_order(const OrderFlags& flags);
// The same for a run folder whose recipe is open; `run` gets no workspace.
void open_recipe_order(const Workspace& workspace, BlendOrder& run);

// Bytes of heap that this thread's arena holds and blocks that were mapped on their own.
uint64_t heap_bytes();

}  // namespace aurora::apps
