#include "aurora/infer/prefix_cache.h"

#include <algorithm>

#include "aurora/base/check.h"
#include "aurora/base/hash.h"

namespace aurora::infer {

struct PrefixCache::Node {
  uint64_t id = 0;
  uint64_t key = 0;
  Node* parent = nullptr;
  std::vector<int32_t> tokens;
  int32_t page = -1;
  int64_t users = 0;
  std::list<Node*>::iterator idle;  // valid when users == 0
};

PrefixCache::PrefixCache(StepModel& model, int64_t idle_limit) : model_(model), idle_limit_(idle_limit) {}

PrefixCache::~PrefixCache() {
  while (evict()) {
  }
  AURORA_CHECK(nodes_.empty(), "a prefix is still in use");
}

uint64_t PrefixCache::key(const Node* parent, std::span<const int32_t> tokens) const {
  return xxh3_64(tokens.data(), tokens.size_bytes(), parent == nullptr ? 0 : parent->id);
}

PrefixCache::Node* PrefixCache::use(Node* parent, std::span<const int32_t> tokens) {
  const auto [begin, end] = nodes_.equal_range(key(parent, tokens));
  for (auto at = begin; at != end; ++at) {
    Node* node = at->second.get();
    if (node->parent != parent || !std::equal(tokens.begin(), tokens.end(), node->tokens.begin())) continue;
    if (node->users++ == 0) idle_.erase(node->idle);
    return node;
  }
  return nullptr;
}

PrefixCache::Node* PrefixCache::add(Node* parent, std::span<const int32_t> tokens, int32_t page) {
  AURORA_CHECK_EQ(static_cast<int64_t>(tokens.size()), model_.page_tokens());
  if (Node* node = use(parent, tokens)) {
    model_.release_page(page);
    return node;
  }
  auto node = std::make_unique<Node>();
  node->id = next_id_++;
  node->key = key(parent, tokens);
  node->parent = parent;
  node->tokens.assign(tokens.begin(), tokens.end());
  node->page = page;
  node->users = 1;
  return nodes_.emplace(node->key, std::move(node))->second.get();
}

void PrefixCache::leave(Node* last) {
  // Ancestors come to the front after their descendants, so the last of all idle ones has none.
  for (Node* node = last; node != nullptr; node = node->parent) {
    AURORA_CHECK(node->users > 0, "left twice");
    if (--node->users > 0) continue;
    idle_.push_front(node);
    node->idle = idle_.begin();
  }
  while (idle_pages() > idle_limit_) evict();
}

int32_t PrefixCache::page(const Node* node) {
  return node->page;
}

bool PrefixCache::evict() {
  if (idle_.empty()) return false;
  const Node* node = idle_.back();
  idle_.pop_back();
  model_.release_page(node->page);
  const auto [begin, end] = nodes_.equal_range(node->key);
  nodes_.erase(std::find_if(begin, end, [&](const auto& entry) { return entry.second.get() == node; }));
  return true;
}

}  // namespace aurora::infer
