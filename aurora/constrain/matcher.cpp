#include <utility>

#include "aurora/constrain/automaton.h"
#include "aurora/constrain/grammar.h"

namespace aurora::constrain {

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
