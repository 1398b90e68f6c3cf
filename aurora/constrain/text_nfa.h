// Automata over characters as they are put together, and their way to a TextDfa (subset construction).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aurora/constrain/code_set.h"
#include "aurora/constrain/text_dfa.h"

namespace aurora::constrain {

class TextNfa {
 public:
  static constexpr size_t kMaxStates = 1 << 16;

  // `where` stands in the Error when it becomes too large.
  explicit TextNfa(std::string where) : where_(std::move(where)) { add_state(); }

  enum class Step : int32_t { kFree = -1, kAtBegin = -2, kAtEnd = -3 };  // takes no character

  uint32_t add_state();
  void add_edge(uint32_t from, const CodeSet& characters, uint32_t to);
  void add_step(uint32_t from, Step step, uint32_t to);
  // A path of the characters of a text (UTF-8); gives its end.
  uint32_t add_text(uint32_t from, std::string_view text);

  static constexpr uint32_t kStart = 0;
  // Texts that lead from kStart to `accept`. Error: the result, or the work for it, is too large.
  TextDfa to_dfa(uint32_t accept, Work& work) const;

  struct Edge {
    int32_t set;  // index into sets(), or a Step
    uint32_t target;
  };
  const std::vector<std::vector<Edge>>& states() const { return states_; }
  const std::vector<CodeSet>& sets() const { return sets_; }
  const std::string& where() const { return where_; }

 private:
  std::string where_;
  std::vector<std::vector<Edge>> states_;
  std::vector<CodeSet> sets_;
  std::map<CodeSet, int32_t> set_numbers_;
};

}  // namespace aurora::constrain
