#include "aurora/constrain/text_nfa.h"

#include <algorithm>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"

namespace aurora::constrain {
namespace {

using StateSet = std::vector<uint32_t>;

// Characters that no set tells apart are one symbol.
struct Symbols {
  struct Interval {
    CodeRange range;
    uint32_t symbol;
  };
  std::vector<Interval> intervals;            // sorted
  std::vector<std::vector<uint32_t>> by_set;  // the symbols of each set
  size_t count = 0;

  Symbols(const std::vector<CodeSet>& sets, Work& work, const std::string& where) {
    std::vector<uint32_t> starts;
    for (const CodeSet& set : sets) {
      for (const CodeRange& range : set.ranges()) {
        starts.push_back(range.low);
        starts.push_back(range.high + 1);
      }
    }
    std::sort(starts.begin(), starts.end());
    starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
    std::vector<std::vector<uint32_t>> members(starts.size());  // sets that hold the interval from a start
    for (uint32_t s = 0; s < sets.size(); ++s) {
      for (const CodeRange& range : sets[s].ranges()) {
        auto at = std::lower_bound(starts.begin(), starts.end(), range.low) - starts.begin();
        for (; starts[static_cast<size_t>(at)] <= range.high; ++at) {
          members[static_cast<size_t>(at)].push_back(s);
          work.spend(1, where);
        }
      }
    }
    std::map<std::vector<uint32_t>, uint32_t> numbers;
    by_set.resize(sets.size());
    for (size_t i = 0; i + 1 < starts.size(); ++i) {
      if (members[i].empty()) continue;
      const auto [entry, is_new] = numbers.emplace(members[i], numbers.size());
      intervals.push_back({{starts[i], starts[i + 1] - 1}, entry->second});
      if (!is_new) continue;
      for (const uint32_t set : members[i]) by_set[set].push_back(entry->second);
    }
    count = numbers.size();
  }
};

class Subsets {
 public:
  Subsets(const TextNfa& nfa, uint32_t accept, Work& work)
      : nfa_(nfa),
        accept_(accept),
        work_(work),
        symbols_(nfa.sets(), work, nfa.where()),
        seen_(nfa.states().size()) {}

  TextDfa run() {
    add(closure({TextNfa::kStart}, true, false), true);
    std::vector<StateSet> targets(symbols_.count);
    for (size_t i = 0; i < subsets_.size(); ++i) {
      for (StateSet& each : targets) each.clear();
      for (const uint32_t s : subsets_[i]) {
        for (const TextNfa::Edge& edge : nfa_.states()[s]) {
          if (edge.set < 0) continue;
          for (const uint32_t symbol : symbols_.by_set[static_cast<size_t>(edge.set)]) {
            targets[symbol].push_back(edge.target);
            spend(1);
          }
        }
      }
      connect(i, targets);
    }
    remove_dead_ends(dfa_);
    return std::move(dfa_);
  }

 private:
  void spend(size_t steps) { work_.spend(steps, nfa_.where()); }

  // States that are reached without a character, sorted.
  StateSet closure(StateSet set, bool at_begin, bool at_end) {
    ++mark_;
    StateSet reached;
    for (const uint32_t s : set) {
      if (seen_[s] != mark_) reached.push_back(s);
      seen_[s] = mark_;
    }
    for (size_t i = 0; i < reached.size(); ++i) {
      for (const TextNfa::Edge& edge : nfa_.states()[reached[i]]) {
        const auto step = static_cast<TextNfa::Step>(edge.set);
        const bool free = step == TextNfa::Step::kFree || (step == TextNfa::Step::kAtBegin && at_begin) ||
                          (step == TextNfa::Step::kAtEnd && at_end);
        if (edge.set >= 0 || !free || seen_[edge.target] == mark_) continue;
        seen_[edge.target] = mark_;
        reached.push_back(edge.target);
      }
    }
    spend(reached.size());
    std::sort(reached.begin(), reached.end());
    return reached;
  }

  uint32_t add(StateSet set, bool at_begin) {
    const auto number = static_cast<uint32_t>(subsets_.size());
    if (!at_begin) {
      const auto [entry, is_new] = numbers_.emplace(set, number);
      if (!is_new) return entry->second;
    }
    if (number >= TextDfa::kMaxStates) refuse_size("the automaton is", nfa_.where());
    const StateSet at_end = closure(set, at_begin, true);
    dfa_.states.emplace_back().final = std::binary_search(at_end.begin(), at_end.end(), accept_);
    subsets_.push_back(std::move(set));
    return number;
  }

  void connect(size_t from, const std::vector<StateSet>& targets) {
    std::map<StateSet, uint32_t> known;  // many symbols lead to the same place
    std::vector<int64_t> state_of(symbols_.count, -1);
    for (size_t symbol = 0; symbol < targets.size(); ++symbol) {
      if (targets[symbol].empty()) continue;
      const auto [entry, is_new] = known.emplace(targets[symbol], 0);
      if (is_new) entry->second = add(closure(targets[symbol], false, false), false);
      state_of[symbol] = entry->second;
    }
    std::vector<TextDfa::Edge>& edges = dfa_.states[from].edges;
    for (const Symbols::Interval& interval : symbols_.intervals) {
      const int64_t target = state_of[interval.symbol];
      if (target < 0) continue;
      const auto [low, high] = interval.range;
      if (!edges.empty() && edges.back().target == target && edges.back().high + 1 == low) {
        edges.back().high = high;
      } else {
        edges.push_back({low, high, static_cast<uint32_t>(target)});
      }
    }
    spend(symbols_.intervals.size());
    edges_ += edges.size();
    if (edges_ > TextDfa::kMaxEdges) refuse_size("the automaton is", nfa_.where());
  }

  const TextNfa& nfa_;
  const uint32_t accept_;
  Work& work_;
  const Symbols symbols_;
  std::vector<uint32_t> seen_;
  uint32_t mark_ = 0;
  std::vector<StateSet> subsets_;
  std::map<StateSet, uint32_t> numbers_;
  TextDfa dfa_;
  size_t edges_ = 0;
};

}  // namespace

uint32_t TextNfa::add_state() {
  if (states_.size() >= kMaxStates) refuse_size("the expression is", where_);
  states_.emplace_back();
  return static_cast<uint32_t>(states_.size() - 1);
}

void TextNfa::add_edge(uint32_t from, const CodeSet& characters, uint32_t to) {
  const auto [entry, is_new] = set_numbers_.emplace(characters, static_cast<int32_t>(sets_.size()));
  if (is_new) sets_.push_back(characters);
  states_[from].push_back({entry->second, to});
}

void TextNfa::add_step(uint32_t from, Step step, uint32_t to) {
  states_[from].push_back({static_cast<int32_t>(step), to});
}

uint32_t TextNfa::add_text(uint32_t from, std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const Decoded character = decode_utf8(text, i);
    i += character.bytes;
    const uint32_t next = add_state();
    add_edge(from, CodeSet(character.code_point, character.code_point), next);
    from = next;
  }
  return from;
}

TextDfa TextNfa::to_dfa(uint32_t accept, Work& work) const {
  return Subsets(*this, accept, work).run();
}

}  // namespace aurora::constrain
