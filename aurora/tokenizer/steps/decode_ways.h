// The ways of decoding (decode.h), token by token.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "aurora/tokenizer/decode.h"

namespace aurora::tokenizer {

class StreamDecoder::Way {
 public:
  virtual ~Way() = default;
  // Appends to `out` what is certain.
  virtual void push(int32_t id, std::string& out) = 0;
  virtual void finish(std::string& out) = 0;  // and begins anew
};

std::unique_ptr<StreamDecoder::Way> make_step_way(const DecodeTables& tables);
std::unique_ptr<StreamDecoder::Way> make_sentencepiece_way(const DecodeTables& tables);

// "<0x0A>" -> 10; -1: it is no byte's token.
int byte_of_piece(std::string_view piece);
// A text that is written in GPT-2's byte alphabet (docs/formats/tokenizer.md) as bytes; false: it is not.
bool bytes_of_alphabet(std::string_view text, std::string& bytes);

}  // namespace aurora::tokenizer
