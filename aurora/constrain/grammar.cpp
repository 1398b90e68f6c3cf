#include "aurora/constrain/grammar.h"

#include <utility>

#include "aurora/constrain/automaton.h"
#include "aurora/constrain/machine.h"
#include "aurora/constrain/regex.h"
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
  const TextDfa dfa = compile_regex(regex, RegexMatch::kWhole, "regex");
  MachineBuilder machine(*vocabulary, "regex");
  const RuleId root = machine.add_rule("regex");
  spell(machine, dfa, Spelling::kPlain, machine.start(root), machine.end(root));
  return std::make_shared<Grammar>(machine.build(), std::move(vocabulary));
}

Matcher::Matcher(std::shared_ptr<const Grammar> grammar)
    : grammar_(std::move(grammar)), automaton_(grammar_->automaton()), place_(automaton_->start()) {}

void Matcher::move_over() {
  if (!automaton_->is_full()) return;
  std::shared_ptr<Automaton> next = grammar_->automaton();
  if (next == automaton_) return;
  place_ = next->adopt(*automaton_, place_);
  automaton_ = std::move(next);
}

const TokenMask& Matcher::allowed() {
  move_over();
  if (ended_) {
    mask_ = std::make_shared<TokenMask>(grammar_->vocabulary().size());
  } else if (!mask_) {
    mask_ = automaton_->mask(place_);
  }
  return *mask_;
}

bool Matcher::advance(int32_t token) {
  const Vocabulary& vocabulary = grammar_->vocabulary();
  if (ended_ || token < 0 || token >= vocabulary.size()) return false;
  if (vocabulary.is_end(token)) {
    if (!may_end()) return false;
    ended_ = true;
    mask_.reset();
    return true;
  }
  const std::string_view bytes = vocabulary.trie().text(token);
  return !bytes.empty() && advance_text(bytes);
}

bool Matcher::advance_text(std::string_view bytes) {
  if (ended_) return false;
  move_over();
  const PlaceId next = automaton_->advance(place_, bytes);
  if (next == Automaton::kDead) return false;
  place_ = next;
  mask_.reset();
  return true;
}

bool Matcher::may_end() const {
  return !ended_ && automaton_->may_end(place_);
}

bool Matcher::finished() const {
  return ended_ || automaton_->must_end(place_);
}

}  // namespace aurora::constrain
