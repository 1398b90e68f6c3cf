// tiktoken's rank files: a line for each token, its bytes in Base64, a space, its rank, which is its id. Two
// neighbours merge when their joined bytes are a token, the lowest rank first; a word that is a token is that
// token. The pattern and the special tokens are not in the file: their names are known here
// (docs/formats/tokenizer.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

using NamedIds = std::vector<std::pair<std::string, int32_t>>;

// Of a file with `ranks` lines for `name` ("cl100k", "p50k_edit", "o200k_harmony" ...): the special tokens
// that OpenAI gives it. Empty where the number of ranks is not the one that they belong to.
NamedIds known_special_tokens(std::string_view name, size_t ranks);

// `scheme`: a name of pretokenize::find_scheme, or of an encoding. Ids without token are holes. The token
// <|endoftext|>, where it is known, ends documents. Error: a line that is no token with its rank, a rank or
// token twice, no such scheme.
Spec read_rank_file(std::string_view text, std::string_view scheme, const std::string& where);
Spec read_rank_file(std::string_view text, std::string_view scheme, const NamedIds& special_tokens,
                    const std::string& where);

// Lines by id. Error where a rank file would give a text other ids: a model that is not byte-level BPE,
// merges in another order than their tokens' ids, tokens that no merges make while words are not looked up
// whole, a normalizer. Cuts and special tokens are not written.
std::string write_rank_file(const Spec& spec);

}  // namespace aurora::tokenizer
