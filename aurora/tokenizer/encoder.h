// Text to token ids. An Encoder remembers the words it has seen (tables of bounded size, up to about 20 MB),
// so that common text costs one look-up a word; what it remembers never changes a result. One per thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "aurora/tokenizer/tokenizer.h"

namespace aurora::tokenizer {

// kText: "<|endoftext|>" in a text is eleven characters of text. kParse: it becomes the special token (for
// prompts that a program builds; never for documents or what a user typed).
enum class Specials { kText, kParse };

class Encoder {
 public:
  // The tokenizer must outlive the encoder.
  explicit Encoder(const Tokenizer& tokenizer);
  ~Encoder();
  Encoder(Encoder&&) noexcept;
  Encoder(const Encoder&) = delete;

  // Appends the ids of `text` (any bytes) to `out`.
  void encode(std::string_view text, std::vector<int32_t>& out, Specials specials = Specials::kText);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aurora::tokenizer
