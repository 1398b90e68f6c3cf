#include "aurora/constrain/grammar.h"

#include <utility>

#include "aurora/constrain/automaton.h"
#include "aurora/constrain/json_parts.h"
#include "aurora/constrain/machine.h"
#include "aurora/constrain/regex.h"
#include "aurora/constrain/schema_compiler.h"
#include "aurora/constrain/schema_document.h"
#include "aurora/constrain/spell.h"

namespace aurora::constrain {

Grammar::Grammar(Machine machine, std::shared_ptr<const Vocabulary> vocabulary)
    : machine_(std::make_shared<Machine>(std::move(machine))),
      vocabulary_(std::move(vocabulary)),
      automaton_(std::make_shared<Automaton>(machine_, vocabulary_)) {}

Grammar::~Grammar() = default;

std::shared_ptr<Automaton> Grammar::automaton() const {
  const std::lock_guard lock(mutex_);
  if (automaton_->is_full()) automaton_ = std::make_shared<Automaton>(machine_, vocabulary_);
  return automaton_;
}

std::shared_ptr<const Grammar> Grammar::from_regex(std::string_view regex,
                                                   std::shared_ptr<const Vocabulary> vocabulary) {
  Work work;
  const TextDfa dfa = compile_regex(regex, RegexMatch::kWhole, work, "regex");
  MachineBuilder machine(*vocabulary, "regex");
  const RuleId root = machine.add_rule("regex");
  spell(machine, dfa, Spelling::kPlain, machine.start(root), machine.end(root));
  return std::make_shared<Grammar>(machine.build(), std::move(vocabulary));
}

std::shared_ptr<const Grammar> Grammar::from_json_schema(std::string_view schema,
                                                         std::shared_ptr<const Vocabulary> vocabulary,
                                                         Whitespace whitespace) {
  const SchemaDocument document(schema, "schema");
  MachineBuilder machine(*vocabulary, "schema#");
  const RuleId root = machine.add_rule("schema#");
  JsonParts parts(machine, whitespace);
  SchemaCompiler(parts, document).add_root(machine.start(root), machine.end(root));
  return std::make_shared<Grammar>(machine.build(), std::move(vocabulary));
}

std::shared_ptr<const Grammar> Grammar::json_object(std::shared_ptr<const Vocabulary> vocabulary,
                                                    Whitespace whitespace) {
  MachineBuilder machine(*vocabulary, "json_object");
  const RuleId root = machine.add_rule("json_object");
  JsonParts parts(machine, whitespace);
  machine.add_call(machine.start(root), parts.any_object(), machine.end(root));
  return std::make_shared<Grammar>(machine.build(), std::move(vocabulary));
}

}  // namespace aurora::constrain
