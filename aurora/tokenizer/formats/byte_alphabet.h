// GPT-2's alphabet, in which files spell bytes: each byte is one visible character, itself where it is one,
// else U+0100 on (a space is U+0120, a line end U+010A).
#pragma once

#include <string>
#include <string_view>

namespace aurora::tokenizer {

std::string write_byte_alphabet(std::string_view bytes);
// false when the text is not spelled in the alphabet.
bool read_byte_alphabet(std::string_view text, std::string& bytes);

}  // namespace aurora::tokenizer
