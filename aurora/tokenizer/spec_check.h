// Whether the parts of a Spec fit each other. Readers rely on it: they need not check what stands here.
#pragma once

#include <string>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

inline constexpr size_t kMaxVocabulary = size_t{1} << 24;

// Error naming the first contradiction: an id outside the vocabulary, two tokens of one text, a merge whose
// parts do not join to its result, a byte without token where bytes are needed ...
void check_spec(const Spec& spec, const std::string& where);

// The byte that the token stands for: of a byte-level model a token of one byte, else "<0x0A>" of byte
// fallback; -1: none.
int byte_of(const Spec& spec, const Token& token);

}  // namespace aurora::tokenizer
