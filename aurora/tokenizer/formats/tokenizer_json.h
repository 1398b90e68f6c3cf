// Hugging Face's tokenizer.json (docs/formats/tokenizer.md): what `tokenizers` and `transformers` load.
#pragma once

#include <string>
#include <string_view>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// Error: no JSON, or anything that a Spec cannot say, with `where`, the path inside the document and a
// remedy. The Spec is not checked as a whole (check_spec).
//
// The file does not say which token ends documents: -1, except in a file that looks as we write them (first
// special token).
Spec read_tokenizer_json(std::string_view text, const std::string& where);

// Error naming what the format cannot say. read_tokenizer_json() of it gives the equal Spec, except that
// begin_of_document, end_of_document and chat_template are not in this file, and that a SentencePiece model
// becomes what hugging_face_spec() makes of it.
std::string write_tokenizer_json(const Spec& spec);

}  // namespace aurora::tokenizer
