// SentencePiece's .model files (Kudo and Richardson 2018, arXiv:1808.06226; sentencepiece_model.proto).
#pragma once

#include <string>
#include <string_view>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// Models of type BPE and unigram. Pieces merge when their joined text is a piece, the best score first: the
// merges are derived (effective_merges.h). Control symbols stand in Spec::added as special ones, user-defined
// symbols as others. Error: no such file, or what a Spec cannot say: models of words or characters, white
// space as a suffix, unused pieces in BPE ...
Spec read_sentencepiece_model(std::string_view bytes, const std::string& where);

// What read_sentencepiece_model() reads back as the equal Spec (but for the chat template and a template
// around texts) and `sentencepiece` loads. Error: a Spec that no .model says, such as one of a
// tokenizer.json.
std::string write_sentencepiece_model(const Spec& spec);

}  // namespace aurora::tokenizer
