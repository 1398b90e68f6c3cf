// Whole pages of keys and values by the tokens they stand for, so that equal beginnings are computed once. A
// tree: a node is one page of tokens behind its parent's. Tokens are compared, hashes only find them: two
// texts never share by accident.
//
// A node in use keeps its page and its ancestors'. Nodes that nobody uses are idle: they stay, up to a limit,
// the least recently used going first. Not thread-safe. The model must outlive it.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "aurora/infer/step_model.h"

namespace aurora::infer {

class PrefixCache {
 public:
  struct Node;

  // idle_limit: pages that may be kept for nobody.
  PrefixCache(StepModel& model, int64_t idle_limit);
  ~PrefixCache();  // gives back idle pages; nothing may be in use
  PrefixCache(const PrefixCache&) = delete;

  // The node of these page_tokens() tokens behind `parent` (null: the beginning), now used once more by the
  // caller, who uses the parent. Null when there is none.
  Node* use(Node* parent, std::span<const int32_t> tokens);

  // Makes the caller's page, which holds these tokens, the cache's, used by the caller. When there is such a
  // node already, that one is used and `page` is given back.
  Node* add(Node* parent, std::span<const int32_t> tokens, int32_t page);

  // The caller uses `last` and its ancestors no more. Null: nothing.
  void leave(Node* last);

  static int32_t page(const Node* node);

  // Gives one idle page back to the model; false when there is none.
  bool evict();
  int64_t idle_pages() const { return static_cast<int64_t>(idle_.size()); }

 private:
  using Nodes = std::unordered_multimap<uint64_t, std::unique_ptr<Node>>;
  uint64_t key(const Node* parent, std::span<const int32_t> tokens) const;

  StepModel& model_;
  int64_t idle_limit_;
  uint64_t next_id_ = 1;
  Nodes nodes_;
  std::list<Node*> idle_;  // most recently used first; a node always before its descendants
};

}  // namespace aurora::infer
