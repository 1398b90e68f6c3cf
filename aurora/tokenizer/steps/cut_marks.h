// A text whose spaces are written as U+2581 and which is one word to its tokenizer (Llama 2, Gemma) falls
// into small words all the same, if no token of the vocabulary has anything but U+2581 before a U+2581: no
// merge then crosses the place before a row of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// Whether it is so in this BPE model.
bool marks_begin_words(const Spec& spec);

// A pretokenize::CutFunction: a word ends before each row of U+2581.
size_t cut_before_marks(std::string_view text, size_t at, std::span<uint32_t> ends);

}  // namespace aurora::tokenizer
