// Random strings of the kinds that break tokenizers: characters of every Unicode block, broken UTF-8, long
// runs, white space of all sorts, contractions, digits, and ordinary words among them.
#pragma once

#include <cstdint>
#include <string>

namespace aurora::tokenizer {

struct RandomTextSettings {
  uint32_t most_pieces = 24;  // a string is 1 to so many pieces
  bool broken_utf8 = true;    // some strings have bytes that are no UTF-8
  uint32_t last_code_point = 0x10ffff;
};

// A pure function of its arguments.
std::string random_text(uint64_t seed, uint64_t number, const RandomTextSettings& settings = {});

}  // namespace aurora::tokenizer
