#include "aurora/constrain/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/base/error.h"

namespace aurora::constrain {
namespace {

// States that can reach the end of their rule. A call can be passed when its rule can be.
class Productive {
 public:
  Productive(const std::vector<MachineBuilder::State>& states, const std::vector<MachineRule>& rules)
      : rules_(rules),
        good_(states.size()),
        sources_(states.size()),
        callers_(rules.size()),
        rules_at_(states.size()) {
    for (StateId s = 0; s < states.size(); ++s) {
      for (const MachineEdge& edge : states[s].edges) sources_[edge.target].push_back(s);
      for (const StateId target : states[s].free) sources_[target].push_back(s);
      for (const MachineCall& call : states[s].calls) {
        returns_.push_back({s, call});
        callers_[call.rule].push_back(returns_.size() - 1);
      }
    }
    returns_to_.resize(states.size());
    for (size_t i = 0; i < returns_.size(); ++i) returns_to_[returns_[i].second.target].push_back(i);
    for (RuleId rule = 0; rule < rules.size(); ++rule) rules_at_[rules[rule].start].push_back(rule);
  }

  void mark(StateId state) {
    if (good_[state]) return;
    good_[state] = true;
    work_.push_back(state);
  }

  std::vector<bool> run() {
    while (!work_.empty()) {
      const StateId s = work_.back();
      work_.pop_back();
      for (const StateId source : sources_[s]) mark(source);
      for (const size_t i : returns_to_[s]) mark_caller(i);
      for (const RuleId rule : rules_at_[s]) {
        for (const size_t i : callers_[rule]) mark_caller(i);
      }
    }
    return std::move(good_);
  }

 private:
  void mark_caller(size_t i) {
    const auto& [from, call] = returns_[i];
    if (good_[call.target] && good_[rules_[call.rule].start]) mark(from);
  }

  const std::vector<MachineRule>& rules_;
  std::vector<bool> good_;
  std::vector<std::vector<StateId>> sources_;
  std::vector<std::pair<StateId, MachineCall>> returns_;
  std::vector<std::vector<size_t>> callers_;     // by rule, into returns_
  std::vector<std::vector<size_t>> returns_to_;  // by state, into returns_
  std::vector<std::vector<RuleId>> rules_at_;    // by state: rules that start there
  std::vector<StateId> work_;
};

}  // namespace

MachineBuilder::MachineBuilder(const Vocabulary& vocabulary, std::string where)
    : vocabulary_(vocabulary), where_(std::move(where)) {}

RuleId MachineBuilder::add_rule(std::string name) {
  if (machine_.rules_.size() >= Machine::kMaxRules) {
    throw Error(fmt::format("more than {} different parts that refer to each other", Machine::kMaxRules),
                where_, "ask for something simpler");
  }
  MachineRule rule;
  rule.name = std::move(name);
  rule.start = add_state();
  rule.end = add_state();
  machine_.rules_.push_back(std::move(rule));
  return static_cast<RuleId>(machine_.rules_.size() - 1);
}

void MachineBuilder::expect(size_t more) const {
  if (states_.size() + more <= Machine::kMaxStates) return;
  throw Error(fmt::format("too large: more than {} states", Machine::kMaxStates), where_,
              "ask for something simpler, with smaller counts");
}

StateId MachineBuilder::add_state() {
  expect(1);
  states_.emplace_back();
  machine_.twin_.push_back(static_cast<StateId>(states_.size() - 1));
  return machine_.twin_.back();
}

void MachineBuilder::add_bytes(StateId from, uint8_t low, uint8_t high, StateId to) {
  states_[from].edges.push_back({low, high, to});
}

void MachineBuilder::add_free(StateId from, StateId to) {
  states_[from].free.push_back(to);
}

void MachineBuilder::add_call(StateId from, RuleId rule, StateId to) {
  states_[from].calls.push_back({rule, to});
}

StateId MachineBuilder::add_text(StateId from, std::string_view bytes) {
  for (const char c : bytes) {
    const StateId to = add_state();
    add_bytes(from, static_cast<uint8_t>(c), static_cast<uint8_t>(c), to);
    from = to;
  }
  return from;
}

void MachineBuilder::set_twin(StateId state, StateId twin) {
  machine_.twin_[state] = twin;
  twins_.push_back(twin);
}

Machine MachineBuilder::build() {
  drop_unspelled();
  drop_dead_ends();
  rank_rules();
  number_classes();
  machine_.is_end_.resize(states_.size());
  for (const MachineRule& rule : machine_.rules_) machine_.is_end_[rule.end] = true;
  for (const State& state : states_) {
    machine_.edges_.add(state.edges);
    machine_.free_.add(state.free);
    machine_.calls_.add(state.calls);
  }
  return std::move(machine_);
}

void MachineBuilder::drop_unspelled() {
  bool spells_all = true;
  for (int byte = 0; byte < 256; ++byte) spells_all &= vocabulary_.spells(static_cast<uint8_t>(byte));
  if (spells_all) return;
  for (State& state : states_) {
    std::vector<MachineEdge> kept;
    for (const MachineEdge& edge : state.edges) {
      for (int byte = edge.low; byte <= edge.high; ++byte) {
        if (!vocabulary_.spells(static_cast<uint8_t>(byte))) continue;
        const auto one = static_cast<uint8_t>(byte);
        if (!kept.empty() && kept.back().target == edge.target && kept.back().high + 1 == byte) {
          kept.back().high = one;
        } else {
          kept.push_back({one, one, edge.target});
        }
      }
    }
    state.edges = std::move(kept);
  }
}

void MachineBuilder::drop_dead_ends() {
  Productive productive(states_, machine_.rules_);
  for (const MachineRule& rule : machine_.rules_) productive.mark(rule.end);
  for (const StateId twin : twins_) productive.mark(twin);
  const std::vector<bool> good = productive.run();
  if (!good[machine_.rules_[Machine::kRoot].start]) {
    throw Error(
        "no text is possible: what is asked for contradicts itself, never ends, or needs bytes that the "
        "tokenizer cannot spell",
        where_, "look for a part that nothing can fulfil");
  }
  for (State& state : states_) {
    std::erase_if(state.edges, [&](const MachineEdge& edge) { return !good[edge.target]; });
    std::erase_if(state.free, [&](StateId target) { return !good[target]; });
    std::erase_if(state.calls, [&](const MachineCall& call) {
      return !good[call.target] || !good[machine_.rules_[call.rule].start];
    });
  }
}

void MachineBuilder::rank_rules() {
  // Which rules a rule calls before it takes a byte.
  const size_t count = machine_.rules_.size();
  std::vector<std::vector<RuleId>> first(count);
  std::vector<uint32_t> callers(count);
  std::vector<uint32_t> seen(states_.size(), UINT32_MAX);
  for (RuleId rule = 0; rule < count; ++rule) {
    std::vector<StateId> work = {machine_.rules_[rule].start};
    seen[work[0]] = rule;
    while (!work.empty()) {
      const StateId s = work.back();
      work.pop_back();
      // Only the root may be empty: nothing calls it.
      AURORA_CHECK(rule == Machine::kRoot || s != machine_.rules_[rule].end);
      for (const MachineCall& call : states_[s].calls) first[rule].push_back(call.rule);
      for (const StateId target : states_[s].free) {
        if (seen[target] != rule) work.push_back(target);
        seen[target] = rule;
      }
    }
    for (const RuleId called : first[rule]) ++callers[called];
  }
  std::vector<RuleId> order;
  for (RuleId rule = 0; rule < count; ++rule) {
    if (callers[rule] == 0) order.push_back(rule);
  }
  for (size_t i = 0; i < order.size(); ++i) {
    machine_.rules_[order[i]].rank = static_cast<uint32_t>(i);
    for (const RuleId called : first[order[i]]) {
      if (--callers[called] == 0) order.push_back(called);
    }
  }
  for (RuleId rule = 0; rule < count; ++rule) {
    if (callers[rule] == 0) continue;
    throw Error("refers to itself with nothing between", machine_.rules_[rule].name,
                "take the reference out");
  }
}

void MachineBuilder::number_classes() {
  std::array<bool, 257> begins{};
  for (const State& state : states_) {
    for (const MachineEdge& edge : state.edges) begins[edge.low] = begins[edge.high + size_t{1}] = true;
  }
  int number = 0;
  for (size_t byte = 0; byte < 256; ++byte) {
    if (byte > 0 && begins[byte]) ++number;
    machine_.class_of_[byte] = static_cast<uint8_t>(number);
  }
  machine_.classes_ = number + 1;
}

}  // namespace aurora::constrain
