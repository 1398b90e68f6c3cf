// What a vocabulary makes of a text: the numbers by which vocabularies are chosen. Terms as in Petrov et al.
// 2023 (arXiv:2305.15425, parity) and Rust et al. 2021 (arXiv:2012.15613, fertility).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aurora/tokenizer/encoder.h"

namespace aurora::tokenizer {

struct WastefulWord {
  std::string word;
  uint64_t count = 0;
  uint64_t tokens = 0;                               // that touch it, over all its occurrences
  uint64_t waste() const { return tokens - count; }  // one token a time would do
};

struct TextReport {
  uint64_t bytes = 0;
  uint64_t characters = 0;   // code points; a broken byte counts as one
  uint64_t words = 0;        // as unicode::for_each_word tells them
  uint64_t word_tokens = 0;  // tokens that touch a word
  uint64_t tokens = 0;
  uint64_t single_byte_tokens = 0;
  uint64_t split_characters = 0;  // of them those that are a part of a longer character
  uint64_t distinct_tokens = 0;
  std::vector<WastefulWord> wasteful;  // most wasteful first, at most `kMostWasteful`

  double bytes_per_token() const { return ratio(bytes, tokens); }
  double tokens_per_character() const { return ratio(tokens, characters); }
  double fertility() const { return ratio(word_tokens, words); }  // tokens a word
  double single_byte_share() const { return ratio(single_byte_tokens, tokens); }
  double split_character_share() const { return ratio(split_characters, tokens); }

 private:
  static double ratio(uint64_t a, uint64_t b) {
    return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b);
  }
};

// Gathers over the pieces of a text. One thread; the tokenizer must outlive it.
class Reporter {
 public:
  static constexpr size_t kMostWasteful = 20;

  explicit Reporter(const Tokenizer& tokenizer)
      : encoder_(tokenizer), seen_(static_cast<size_t>(tokenizer.vocab_size())) {}
  void add(std::string_view text);
  TextReport finish();

 private:
  struct Word {
    uint64_t count = 0;
    uint64_t tokens = 0;
  };
  void count_tokens(std::string_view text);
  void count_words(std::string_view text);

  Encoder encoder_;
  std::vector<TokenSpan> spans_;
  std::vector<bool> seen_;
  std::unordered_map<std::string, Word> words_;
  TextReport report_;
};

}  // namespace aurora::tokenizer
