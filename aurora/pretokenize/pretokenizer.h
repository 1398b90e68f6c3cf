// Several schemes, each inside the words of the one before: what a Sequence of tokenizer.json says. Where the
// sequence is one that a scheme is made of (Scheme::steps), that scheme does it in one pass.
//
// Immutable and safe to share between threads.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "aurora/pretokenize/scheme.h"

namespace aurora::pretokenize {

class Pretokenizer {
 public:
  // The schemes live as long as the program does (find_scheme). No step: the whole text is one word.
  explicit Pretokenizer(std::vector<const Scheme*> steps);

  // The one scheme that does it all; nullptr: there is none, cut() is the only way.
  const Scheme* fused() const { return fused_; }

  // Writes over `ends` the ends of all words of `text` (none if it is empty). text.size() <= 0xffffffff.
  void cut(std::string_view text, std::vector<uint32_t>& ends) const;
  // The same, step after step, fused or not: what the fused scanners are held against.
  void cut_stepwise(std::string_view text, std::vector<uint32_t>& ends) const;
  // The same, step after step, character by character.
  void cut_reference(std::string_view text, std::vector<uint32_t>& ends) const;

 private:
  void cut_by(CutFunction Scheme::*cut, std::string_view text, std::vector<uint32_t>& ends) const;

  std::vector<const Scheme*> steps_;
  const Scheme* fused_ = nullptr;
};

// Writes behind `ends` the ends of all words of `piece`, which begins `begin` bytes into the text.
void append_cuts(CutFunction cut, std::string_view piece, uint32_t begin, std::vector<uint32_t>& ends);

}  // namespace aurora::pretokenize
