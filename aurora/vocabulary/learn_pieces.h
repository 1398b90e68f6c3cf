// The pieces of a unigram model and their log probabilities, from words with counts (Kudo 2018,
// arXiv:1804.10959), step by step as SentencePiece's and HF tokenizers' trainers do it: seeds, then again and
// again two iterations of EM (with the digamma function of a sparse prior; pieces expected less than 0.5
// times go) and pruning to `shrink` of the pieces by how much the likelihood loses without each, until there
// are at most 1.1 times as many as wanted; then those whose loss would cost most are kept. It differs in
// three places: single characters never go, so that every word can always be cut; seeds count words as often
// as they occur; and a substring that always ends its word is a seed too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/base/threads.h"
#include "aurora/vocabulary/char_strip.h"
#include "aurora/vocabulary/piece_lattice.h"

namespace aurora::vocabulary {

struct PieceSettings {
  size_t pieces = 8000;      // with the single characters
  uint32_t longest = 16;     // characters of a piece, 1 .. 255
  size_t seeds = 1'000'000;  // substrings to begin with, besides the characters
  double shrink = 0.75;      // of the pieces stay at each pruning
  int sub_iterations = 2;    // of EM between two prunings
};

// Sorted by score, of equals by characters. Fewer than settings.pieces where the words have no more. The
// result is the same for any order of words and any threads. `strip` must not have more characters than
// settings.pieces.
std::vector<LearnedPiece> learn_pieces(const CharStrip& strip, const PieceSettings& settings, Pool& pool);

// The parts of it, for tests. Scores of `pieces` become log probabilities by one E and one M step; pieces
// that are not kept go, and the lattice is renamed.
void em_step(PieceLattice& lattice, std::vector<LearnedPiece>& pieces, uint64_t occurrences, Pool& pool);
// The digamma function for x > 0.
double digamma(double x);

}  // namespace aurora::vocabulary
