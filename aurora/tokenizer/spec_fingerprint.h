// A hash of all that decides which ids a text becomes.
#pragma once

#include <string>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// 32 hex digits. Chat template, decoders and begin_of_document do not count. end_of_document counts: it
// stands behind every document of a token file.
std::string fingerprint_of(const Spec& spec);

}  // namespace aurora::tokenizer
