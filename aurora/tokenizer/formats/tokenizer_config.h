// What stands beside a tokenizer.json in a folder of transformers: tokenizer_config.json (which tokens begin
// and end documents, whether they stand around a text, the chat template), chat_template.jinja,
// special_tokens_map.json and generation_config.json.
#pragma once

#include <string>

#include "aurora/base/file.h"
#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// Fills begin_of_document, end_of_document, chat_template, and the template where add_bos_token or
// add_eos_token is given, from those files that are there. A key that is missing in one is looked for in the
// next. Error: a token that the tokenizer does not have, or a file that is not what it should be.
void read_tokenizer_config(const Path& folder, Spec& spec);

// The class that tokenizer_config.json names, "" if none.
std::string tokenizer_class(const Path& folder);

// tokenizer_config.json for the Spec.
std::string write_tokenizer_config(const Spec& spec);

}  // namespace aurora::tokenizer
