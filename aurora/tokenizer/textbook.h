// BPE as the textbook has it: the reference scanners, then the lowest pair merged again and again in a plain
// list. No cache, no SIMD, nothing shared with the fast way but the vocabulary: what the fast way is held
// against.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "aurora/pretokenize/pretokenizer.h"
#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

class Textbook {
 public:
  // The spec must outlive it. Error: not byte-level BPE, normalizers, or a pre-tokenizer that is no scheme:
  // those have other references (tests/oracle).
  explicit Textbook(const Spec& spec);
  // Appends the ids; special tokens in the text are text.
  void encode(std::string_view text, std::vector<int32_t>& out) const;

 private:
  void encode_word(std::string_view word, std::vector<int32_t>& out) const;

  const Spec& spec_;
  pretokenize::Pretokenizer words_;
  std::map<std::string_view, int32_t> tokens_;
  std::map<std::pair<int32_t, int32_t>, std::pair<uint32_t, int32_t>> merges_;  // to rank and result
};

}  // namespace aurora::tokenizer
