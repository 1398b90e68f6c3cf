// GPT-2's pair of files: vocab.json (token to id) and merges.txt ("left right" by rank), in its byte
// alphabet.
#pragma once

#include <string>
#include <string_view>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// Cut by GPT-2's pattern; <|endoftext|> is the special token where the vocabulary has it, and ends documents.
// Error: what is refused of a tokenizer.json, too. `where` names the folder.
Spec read_gpt2_files(std::string_view vocab_json, std::string_view merges_txt, const std::string& where);

}  // namespace aurora::tokenizer
