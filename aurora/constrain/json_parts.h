// JSON (RFC 8259) in a Machine: white space, and values of which nothing is known.
#pragma once

#include <optional>
#include <string>

#include "aurora/constrain/grammar.h"
#include "aurora/constrain/machine.h"

namespace aurora::constrain {

class JsonParts {
 public:
  JsonParts(MachineBuilder& machine, Whitespace whitespace) : machine_(machine), whitespace_(whitespace) {}

  MachineBuilder& machine() { return machine_; }
  // Each gives where it ends.
  StateId add_break(StateId from);  // behind { [ , and before } ]
  StateId add_colon(StateId from);
  StateId add_comma(StateId from);
  StateId add_string(StateId from, int64_t min_length = 0, int64_t max_length = -1);
  StateId add_number(StateId from);

  // Rules, made when first asked for.
  RuleId any_value();
  RuleId any_object();
  RuleId any_array();

 private:
  MachineBuilder& machine_;
  const Whitespace whitespace_;
  std::optional<RuleId> value_;
  std::optional<RuleId> object_;
  std::optional<RuleId> array_;
};

}  // namespace aurora::constrain
