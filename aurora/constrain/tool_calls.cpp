#include <algorithm>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/constrain/grammar.h"
#include "aurora/constrain/json_parts.h"
#include "aurora/constrain/machine.h"
#include "aurora/constrain/schema_compiler.h"
#include "aurora/constrain/spell.h"

namespace aurora::constrain {
namespace {

constexpr int32_t kMaxCalls = 64;
constexpr size_t kMaxChoices = 1024;

[[noreturn]] void refuse(const std::string& what) {
  throw Error(what, "tool calls", "mend the description of the calls");
}

void check(const ToolCalls& calls) {
  if (calls.choices.empty() || calls.choices.size() > kMaxChoices) refuse("no function, or too many");
  if (calls.min_calls < 0 || calls.max_calls < std::max(1, calls.min_calls) || calls.max_calls > kMaxCalls) {
    refuse("the number of calls is not within 0 .. 64");
  }
  if (!is_valid_utf8(calls.trigger)) refuse("the trigger is no UTF-8");
  for (const ToolCall& call : calls.choices) {
    if (!call.before.starts_with(calls.trigger))
      refuse("a call does not begin with the trigger: " + call.before);
  }
  if (calls.trigger.empty() && calls.min_calls == 0) refuse("calls that need not be, and no trigger");
}

// Texts that do not contain the word, and at its end for the first time (Knuth, Morris, Pratt 1977): state i
// has read the first i characters of it.
TextDfa until(const std::string& word) {
  std::vector<uint32_t> characters;
  for (size_t i = 0; i < word.size();) {
    const Decoded character = decode_utf8(word, i);
    characters.push_back(character.code_point);
    i += character.bytes;
  }
  const size_t length = characters.size();
  TextDfa dfa;
  dfa.states.resize(length + 1);
  dfa.states[length].final = true;
  std::vector<uint32_t> letters = characters;
  std::sort(letters.begin(), letters.end());
  letters.erase(std::unique(letters.begin(), letters.end()), letters.end());
  CodeSet others;
  for (const uint32_t letter : letters) others.add(letter, letter);
  others = others.complement();
  size_t fallback = 0;  // what is read if the first character had not been
  const auto next_of = [&](size_t state, uint32_t letter) {
    for (const TextDfa::Edge& edge : dfa.states[state].edges) {
      if (edge.low <= letter && letter <= edge.high) return edge.target;
    }
    return uint32_t{0};
  };
  for (size_t i = 0; i < length; ++i) {
    std::vector<TextDfa::Edge>& edges = dfa.states[i].edges;
    for (const uint32_t letter : letters) {
      const auto forward = static_cast<uint32_t>(i + 1);
      const uint32_t target = letter == characters[i] ? forward : (i == 0 ? 0 : next_of(fallback, letter));
      edges.push_back({letter, letter, target});
    }
    for (const CodeRange& range : others.ranges()) edges.push_back({range.low, range.high, 0});
    std::sort(edges.begin(), edges.end(), [](const auto& a, const auto& b) { return a.low < b.low; });
    if (i > 0) fallback = next_of(fallback, characters[i]);
  }
  return dfa;
}

class CallRules {
 public:
  CallRules(MachineBuilder& machine, JsonParts& parts, const ToolCalls& calls)
      : machine_(machine), parts_(parts), calls_(calls) {}

  // Arguments first: each document is compiled once.
  void compile() {
    for (size_t i = 0; i < calls_.choices.size(); ++i) {
      const std::string name = "tools[" + std::to_string(i) + "]";
      const RuleId rule = machine_.add_rule(name);
      arguments_.push_back(rule);
      if (calls_.choices[i].schema.empty()) {
        machine_.add_call(machine_.start(rule), parts_.any_object(), machine_.end(rule));
        continue;
      }
      const SchemaDocument document(calls_.choices[i].schema, name);
      SchemaCompiler(parts_, document).add_root(machine_.start(rule), machine_.end(rule));
    }
  }

  // A call, of whose text the first `known` bytes were read before.
  RuleId call(size_t known) {
    const RuleId rule = machine_.add_rule("call");
    for (size_t i = 0; i < calls_.choices.size(); ++i) {
      const ToolCall& choice = calls_.choices[i];
      const StateId before = machine_.add_text(machine_.start(rule), choice.before.substr(known));
      const StateId behind = machine_.add_state();
      machine_.add_call(before, arguments_[i], behind);
      machine_.add_free(machine_.add_text(behind, choice.after), machine_.end(rule));
    }
    return rule;
  }

 private:
  MachineBuilder& machine_;
  JsonParts& parts_;
  const ToolCalls& calls_;
  std::vector<RuleId> arguments_;
};

}  // namespace

std::shared_ptr<const Grammar> Grammar::from_tool_calls(const ToolCalls& calls,
                                                        std::shared_ptr<const Vocabulary> vocabulary,
                                                        Whitespace whitespace) {
  check(calls);
  MachineBuilder machine(*vocabulary, "tool calls");
  const RuleId root = machine.add_rule("tool calls");
  JsonParts parts(machine, whitespace);
  CallRules rules(machine, parts, calls);
  rules.compile();
  StateId at = machine.start(root);
  const RuleId first = rules.call(calls.trigger.size());
  const RuleId later = calls.max_calls > 1 && !calls.trigger.empty() ? rules.call(0) : first;
  if (!calls.trigger.empty()) {
    const StateId text = machine.add_state();
    machine.add_free(at, text);
    const std::vector<StateId> states = spell(machine, until(calls.trigger), Spelling::kPlain, text);
    for (size_t s = 0; calls.min_calls == 0 && s + 1 < states.size(); ++s) {
      machine.add_free(states[s], machine.end(root));
    }
    at = states.back();
  }
  for (int32_t i = 1; i <= calls.max_calls; ++i) {
    const StateId behind = machine.add_state();
    machine.add_call(at, i == 1 ? first : later, behind);
    if (i >= calls.min_calls) machine.add_free(behind, machine.end(root));
    if (i < calls.max_calls) at = machine.add_text(behind, calls.separator);
  }
  return std::make_shared<Grammar>(machine.build(), std::move(vocabulary));
}

}  // namespace aurora::constrain
