// A SentencePiece model in the terms of Hugging Face's `tokenizers`, as transformers' converter turns it.
#pragma once

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// Read from a .model: only SentencePiece itself normalizes or computes so.
bool is_sentencepiece(const Spec& spec);

// Normalizers that say the same (spaces at the ends: any white space there), sums of a unigram in f64. A text
// gets the same ids, but for sums that differ in the last bits. Error: user-defined symbols together with
// add_dummy_prefix or remove_extra_whitespaces, as `tokenizers` would put and take spaces beside each symbol.
Spec hugging_face_spec(const Spec& spec);

}  // namespace aurora::tokenizer
