// SentencePiece's own normalizer of a .model: the longest rule of its character map at each place, spaces at
// the ends and in rows taken out (remove_extra_whitespaces), one put before the text (add_dummy_prefix), and
// all of them written as U+2581. Bytes that are no UTF-8 become U+FFFD. User-defined symbols, the added
// tokens that are not special, pass through as they are.
#pragma once

#include <memory>
#include <string>

#include "aurora/tokenizer/steps/normalize.h"

namespace aurora::tokenizer {

std::unique_ptr<NormalizerStep> make_sentencepiece_step(const Spec& spec, const std::string& where);

}  // namespace aurora::tokenizer
