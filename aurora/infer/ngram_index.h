// Guesses how a text goes on: as it did after the last place where its latest three tokens stood (prompt
// lookup, Saxena 2023). A guess costs speed when it is wrong and never decides anything.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace aurora::infer {

class NgramIndex {
 public:
  static constexpr int64_t kLength = 3;

  // Takes note of tokens [known(), tokens.size()); those before must be the ones it knows.
  void extend(std::span<const int32_t> tokens);
  int64_t known() const { return known_; }

  // What followed the latest kLength tokens the last time; at most `count`, a view into tokens. Empty when
  // they are new. tokens: the ones that extend() was given last.
  std::span<const int32_t> guess(std::span<const int32_t> tokens, int64_t count) const;

 private:
  size_t slot(const int32_t* ngram) const;

  std::vector<int32_t> places_;  // by hash: where the n-gram's successor stands; 0: none. The last one wins
  int64_t known_ = 0;
};

}  // namespace aurora::infer
