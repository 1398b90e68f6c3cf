// Deterministic automata over characters: what a regular expression, a format or a range of numbers becomes
// before it is spelled in bytes. Every state but the start of an empty one can reach a final state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/constrain/code_set.h"

namespace aurora::constrain {

// What may still be done to make one grammar ready, in steps of a few nanoseconds: hostile ones run out of
// it.
class Work {
 public:
  explicit Work(size_t steps = size_t{1} << 24) : left_(steps) {}
  // Error, naming `where`: nothing is left.
  void spend(size_t steps, const std::string& where);

 private:
  size_t left_;
};

struct TextDfa {
  static constexpr size_t kMaxStates = 1 << 14;
  static constexpr size_t kMaxEdges = 1 << 20;

  struct Edge {
    uint32_t low;
    uint32_t high;  // the last character
    uint32_t target;
    bool operator==(const Edge&) const = default;
  };
  struct State {
    std::vector<Edge> edges;  // sorted, disjoint
    bool final = false;
  };

  std::vector<State> states;  // states[0] is the start

  bool accepts_nothing() const { return !states[0].final && states[0].edges.empty(); }
  bool accepts(std::string_view utf8) const;
};

// Error, naming `where`, when the result is larger than kMaxStates or kMaxEdges.
TextDfa intersection(const TextDfa& a, const TextDfa& b, Work& work, const std::string& where);
// Texts of min .. max characters; max < 0: any number of them.
TextDfa text_of_length(int64_t min, int64_t max, const std::string& where);
// Exactly these texts (UTF-8).
TextDfa one_of(std::span<const std::string> words, const std::string& where);
// Every text but these.
TextDfa none_of(std::span<const std::string> words, const std::string& where);

// Removes states from which no final state can be reached, and those that the start cannot reach.
void remove_dead_ends(TextDfa& dfa);
[[noreturn]] void refuse_size(const std::string& what, const std::string& where);

}  // namespace aurora::constrain
