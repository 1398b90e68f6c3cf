#include "aurora/constrain/text_dfa.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"

namespace aurora::constrain {
namespace {

constexpr uint32_t kNone = UINT32_MAX;

struct Trie {
  struct Node {
    std::map<uint32_t, uint32_t> next;
    bool word = false;
  };
  std::vector<Node> nodes = std::vector<Node>(1);

  Trie(std::span<const std::string> words, const std::string& where) {
    for (const std::string& word : words) {
      uint32_t at = 0;
      for (size_t i = 0; i < word.size();) {
        const Decoded character = decode_utf8(word, i);
        i += character.bytes;
        const auto [edge, is_new] = nodes[at].next.emplace(character.code_point, nodes.size());
        at = edge->second;
        if (is_new) nodes.emplace_back();
        if (nodes.size() > TextDfa::kMaxStates) refuse_size("the words are", where);
      }
      nodes[at].word = true;
    }
  }
};

std::vector<bool> reaches_final(const TextDfa& dfa) {
  std::vector<std::vector<uint32_t>> sources(dfa.states.size());
  std::vector<bool> good(dfa.states.size());
  std::vector<uint32_t> work;
  for (uint32_t s = 0; s < dfa.states.size(); ++s) {
    for (const TextDfa::Edge& edge : dfa.states[s].edges) sources[edge.target].push_back(s);
    if (!dfa.states[s].final) continue;
    good[s] = true;
    work.push_back(s);
  }
  while (!work.empty()) {
    const uint32_t s = work.back();
    work.pop_back();
    for (const uint32_t source : sources[s]) {
      if (good[source]) continue;
      good[source] = true;
      work.push_back(source);
    }
  }
  return good;
}

}  // namespace

void Work::spend(size_t steps, const std::string& where) {
  if (steps > left_) {
    throw Error("takes too long to be made ready", where, "ask for something simpler, with smaller counts");
  }
  left_ -= steps;
}

void refuse_size(const std::string& what, const std::string& where) {
  throw Error(fmt::format("{} too large: more than {} states", what, TextDfa::kMaxStates), where,
              "ask for something simpler, with smaller counts");
}

bool TextDfa::accepts(std::string_view utf8) const {
  uint32_t at = 0;
  for (size_t i = 0; i < utf8.size();) {
    const Decoded character = decode_utf8(utf8, i);
    if (!character.valid) return false;
    i += character.bytes;
    const std::vector<Edge>& edges = states[at].edges;
    const auto edge = std::partition_point(
        edges.begin(), edges.end(), [&](const Edge& each) { return each.high < character.code_point; });
    if (edge == edges.end() || edge->low > character.code_point) return false;
    at = edge->target;
  }
  return states[at].final;
}

void remove_dead_ends(TextDfa& dfa) {
  const std::vector<bool> good = reaches_final(dfa);
  std::vector<uint32_t> number(dfa.states.size(), kNone);
  std::vector<uint32_t> order = {0};
  number[0] = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    std::vector<TextDfa::Edge>& edges = dfa.states[order[i]].edges;
    std::erase_if(edges, [&](const TextDfa::Edge& edge) { return !good[edge.target]; });
    for (TextDfa::Edge& edge : edges) {
      if (number[edge.target] == kNone) {
        number[edge.target] = static_cast<uint32_t>(order.size());
        order.push_back(edge.target);
      }
      edge.target = number[edge.target];
    }
  }
  std::vector<TextDfa::State> kept;
  kept.reserve(order.size());
  for (const uint32_t s : order) kept.push_back(std::move(dfa.states[s]));
  dfa.states = std::move(kept);
}

TextDfa intersection(const TextDfa& a, const TextDfa& b, Work& work, const std::string& where) {
  TextDfa both;
  std::map<std::pair<uint32_t, uint32_t>, uint32_t> numbers = {{{0, 0}, 0}};
  std::vector<std::pair<uint32_t, uint32_t>> pairs = {{0, 0}};
  size_t edges = 0;
  for (size_t i = 0; i < pairs.size(); ++i) {
    const TextDfa::State& left = a.states[pairs[i].first];
    const TextDfa::State& right = b.states[pairs[i].second];
    TextDfa::State& state = both.states.emplace_back();
    state.final = left.final && right.final;
    for (size_t l = 0, r = 0; l < left.edges.size() && r < right.edges.size();) {
      const uint32_t low = std::max(left.edges[l].low, right.edges[r].low);
      const uint32_t high = std::min(left.edges[l].high, right.edges[r].high);
      if (low <= high) {
        const std::pair<uint32_t, uint32_t> targets(left.edges[l].target, right.edges[r].target);
        const auto [entry, is_new] = numbers.emplace(targets, pairs.size());
        if (is_new) pairs.push_back(targets);
        state.edges.push_back({low, high, entry->second});
      }
      if (left.edges[l].high < right.edges[r].high) {
        ++l;
      } else {
        ++r;
      }
    }
    edges += state.edges.size();
    work.spend(10 + left.edges.size() + right.edges.size(), where);
    if (pairs.size() > TextDfa::kMaxStates || edges > TextDfa::kMaxEdges) {
      refuse_size("what must hold at once is", where);
    }
  }
  remove_dead_ends(both);
  return both;
}

TextDfa text_of_length(int64_t min, int64_t max, const std::string& where) {
  const int64_t last = max < 0 ? min : max;
  if (last >= static_cast<int64_t>(TextDfa::kMaxStates)) refuse_size("the length is", where);
  TextDfa dfa;
  dfa.states.resize(static_cast<size_t>(last) + 1);
  for (int64_t i = 0; i <= last; ++i) {
    TextDfa::State& state = dfa.states[static_cast<size_t>(i)];
    state.final = i >= min && (max < 0 || min <= max);
    if (i == last && max >= 0) break;
    const auto next = static_cast<uint32_t>(std::min(i + 1, last));
    for (const CodeRange& range : CodeSet::all().ranges())
      state.edges.push_back({range.low, range.high, next});
  }
  return dfa;
}

TextDfa one_of(std::span<const std::string> words, const std::string& where) {
  const Trie trie(words, where);
  TextDfa dfa;
  for (const Trie::Node& node : trie.nodes) {
    TextDfa::State& state = dfa.states.emplace_back();
    state.final = node.word;
    for (const auto& [c, next] : node.next) state.edges.push_back({c, c, next});
  }
  return dfa;
}

TextDfa none_of(std::span<const std::string> words, const std::string& where) {
  const Trie trie(words, where);
  const auto anything = static_cast<uint32_t>(trie.nodes.size());
  TextDfa dfa;
  for (const Trie::Node& node : trie.nodes) {
    TextDfa::State& state = dfa.states.emplace_back();
    state.final = !node.word;
    CodeSet known;
    for (const auto& [c, next] : node.next) {
      state.edges.push_back({c, c, next});
      known.add(c, c);
    }
    for (const CodeRange& range : known.complement().ranges()) {
      state.edges.push_back({range.low, range.high, anything});
    }
    std::sort(state.edges.begin(), state.edges.end(),
              [](const TextDfa::Edge& x, const TextDfa::Edge& y) { return x.low < y.low; });
  }
  TextDfa::State& state = dfa.states.emplace_back();
  state.final = true;
  for (const CodeRange& range : CodeSet::all().ranges())
    state.edges.push_back({range.low, range.high, anything});
  return dfa;
}

}  // namespace aurora::constrain
