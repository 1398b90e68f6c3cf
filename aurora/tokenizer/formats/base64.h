// Base64 (RFC 4648, with padding): rank files and character maps hold bytes in it.
#pragma once

#include <string>
#include <string_view>

namespace aurora::tokenizer {

// Appends the bytes to `bytes`; false when the text is no Base64 (a wrong character, length or padding).
bool read_base64(std::string_view text, std::string& bytes);
std::string write_base64(std::string_view bytes);

}  // namespace aurora::tokenizer
