// The automaton of a grammar over bytes: rules, each a small automaton whose edges take bytes, take nothing,
// or call a rule and go on where it ends. Calls are what recursion needs; without them it is a plain finite
// automaton. Immutable once built; found sound: every state that a text can reach can be completed to a whole
// text with bytes that the vocabulary spells, no rule calls itself before it took a byte, and no rule that is
// called accepts nothing at all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/constrain/vocabulary.h"

namespace aurora::constrain {

using StateId = uint32_t;
using RuleId = uint32_t;

struct MachineEdge {
  uint8_t low;
  uint8_t high;  // the last byte
  StateId target;
};

struct MachineCall {
  RuleId rule;
  StateId target;  // where it goes on
};

struct MachineRule {
  std::string name;  // for errors: where the rule comes from
  StateId start;
  StateId end;
  uint32_t rank = 0;  // above the ranks of the rules that call it first
};

class Machine {
 public:
  static constexpr size_t kMaxStates = 1 << 18;
  static constexpr size_t kMaxRules = 1 << 14;
  static constexpr RuleId kRoot = 0;

  std::span<const MachineEdge> edges(StateId state) const { return edges_.of(state); }
  std::span<const StateId> free(StateId state) const { return free_.of(state); }
  std::span<const MachineCall> calls(StateId state) const { return calls_.of(state); }
  const std::vector<MachineRule>& rules() const { return rules_; }
  bool is_end(StateId state) const { return is_end_[state]; }
  // A state from which the same tokens are possible (the counts of a long string matter near its bounds
  // only); the state itself where there is none better.
  StateId twin(StateId state) const { return twin_[state]; }
  // Bytes that no edge tells apart have one number, below classes().
  uint8_t class_of(uint8_t byte) const { return class_of_[byte]; }
  int classes() const { return classes_; }

 private:
  friend class MachineBuilder;

  template <class T>
  struct Lists {  // one for each state, end to end
    std::vector<T> all{};
    std::vector<uint32_t> begins = {0};
    std::span<const T> of(StateId state) const {
      return std::span<const T>(all).subspan(begins[state], begins[state + 1] - begins[state]);
    }
    void add(const std::vector<T>& list) {
      all.insert(all.end(), list.begin(), list.end());
      begins.push_back(static_cast<uint32_t>(all.size()));
    }
  };
  Lists<MachineEdge> edges_;
  Lists<StateId> free_;
  Lists<MachineCall> calls_;
  std::vector<MachineRule> rules_;
  std::vector<bool> is_end_;
  std::vector<StateId> twin_;
  std::array<uint8_t, 256> class_of_{};
  int classes_ = 1;
};

class MachineBuilder {
 public:
  struct State {
    std::vector<MachineEdge> edges{};
    std::vector<StateId> free{};
    std::vector<MachineCall> calls{};
  };

  // Error: in `where` when the machine becomes too large.
  MachineBuilder(const Vocabulary& vocabulary, std::string where);

  // The first one is the root.
  RuleId add_rule(std::string name);
  StateId start(RuleId rule) const { return machine_.rules_[rule].start; }
  StateId end(RuleId rule) const { return machine_.rules_[rule].end; }

  StateId add_state();
  // Error at once where so many more states will be too many.
  void expect(size_t more) const;
  void add_bytes(StateId from, uint8_t low, uint8_t high, StateId to);
  void add_free(StateId from, StateId to);
  void add_call(StateId from, RuleId rule, StateId to);
  StateId add_text(StateId from, std::string_view bytes);  // gives the end of its path
  // `state` behaves like `twin` as far as a token reaches; twins are not states of a text themselves.
  void set_twin(StateId state, StateId twin);
  size_t states() const { return states_.size(); }
  size_t longest_token() const { return vocabulary_.trie().longest(); }

  // Error: no text is possible; a rule calls itself before it took a byte.
  Machine build();

 private:
  void drop_unspelled();
  void drop_dead_ends();
  void rank_rules();
  void number_classes();

  const Vocabulary& vocabulary_;
  std::string where_;
  std::vector<State> states_;
  Machine machine_;
  std::vector<StateId> twins_;
};

}  // namespace aurora::constrain
