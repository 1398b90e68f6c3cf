// The Spec of a byte-level BPE that this program learned (aurora/vocabulary), or of a file that looks like
// one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// The scheme that our own tokenizers cut by: GPT-4's pattern with digits one by one, as Qwen2 has it.
inline constexpr std::string_view kOwnScheme = "qwen2";

// tokens: bytes of every ordinary token, by id. merges: ids of two tokens that join to a token, by rank. The
// ids of the special tokens follow; the first ends documents. Two tokens that join to no token get the result
// -1, which check_spec() refuses.
Spec spec_of_trained_bpe(const std::vector<std::string>& tokens,
                         std::span<const std::pair<int32_t, int32_t>> merges,
                         const std::vector<std::string>& special_tokens,
                         std::string_view scheme = kOwnScheme);

// What cuts as the scheme of this name does (pretokenize::find_scheme), step by step where it is made of
// several. Error naming `where`: there is none.
std::vector<PretokenStep> steps_of_scheme(std::string_view name, const std::string& where);

// True of what spec_of_trained_bpe(..., kOwnScheme) makes: nothing but bytes, merges with ranks 0, 1 ... and
// special tokens behind all others, of which the first ends documents.
bool is_own_spec(const Spec& spec);

}  // namespace aurora::tokenizer
