// LaTeX commands that stand for characters, and accents.
#pragma once

#include <string>
#include <string_view>

namespace aurora::corpus {

// What the command prints in text; nullptr if it is no symbol.
const char* latex_symbol(std::string_view command);
// Whether the command is an accent over its argument: ' ` ^ " ~ = . u v H c d b r k.
bool is_latex_accent(std::string_view command);
// The first letter of `base` (text, or \i and \j as ı and ȷ) with the accent, composed (NFC); then the rest.
std::string with_latex_accent(std::string_view command, std::string_view base);

}  // namespace aurora::corpus
