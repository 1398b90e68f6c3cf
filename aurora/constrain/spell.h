// Characters as bytes: lays automata over characters into a Machine, as plain UTF-8 or as the inside of a
// JSON string (RFC 8259), where a character may be itself, a short escape or \u with hexadecimal digits (a
// surrogate pair beyond U+FFFF) and control characters, " and \ must be escaped.
#pragma once

#include <cstdint>
#include <vector>

#include "aurora/constrain/machine.h"
#include "aurora/constrain/text_dfa.h"

namespace aurora::constrain {

enum class Spelling { kPlain, kJsonString };

// Gives the state of each state of the automaton; [0] is `from`. Final states are left to the caller.
std::vector<StateId> spell(MachineBuilder& machine, const TextDfa& dfa, Spelling spelling, StateId from);
// A path from `from` to `to` for all texts of the automaton.
void spell(MachineBuilder& machine, const TextDfa& dfa, Spelling spelling, StateId from, StateId to);
// Any text of min .. max characters in a JSON string (max < 0: any number). Like the automaton of
// text_of_length(), but tokens far from the bounds share their masks.
void spell_any(MachineBuilder& machine, int64_t min, int64_t max, StateId from, StateId to);

}  // namespace aurora::constrain
