// What a unigram model expects of words: how often each piece occurs, on average over all segmentations
// weighted by their probability (forward-backward, the E step of Kudo 2018), and in the most probable one
// (Viterbi).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aurora/base/threads.h"
#include "aurora/vocabulary/piece_lattice.h"

namespace aurora::vocabulary {

// By piece. Expectations are summed in integers, in units that leave room for `occurrences` characters, so
// that the sums are the same for any order of words and any threads. Rounding: at most 0.5 units a place,
// where one unit is 2^-20 up to 10^12 occurrences.
std::vector<double> expected_counts(const PieceLattice& lattice, std::span<const LearnedPiece> pieces,
                                    uint64_t occurrences, Pool& pool);

// Of equally probable segmentations the one whose last piece is the longest, and so on from the end.
std::vector<uint64_t> viterbi_counts(const PieceLattice& lattice, std::span<const LearnedPiece> pieces,
                                     Pool& pool);

// The most probable segmentation of one word; `without`: a piece it must not use (PieceLattice::kGone: none).
// Empty when there is none.
struct Segmentation {
  std::vector<uint32_t> pieces;
  double score = 0;
};
class Viterbi {
 public:
  explicit Viterbi(std::span<const LearnedPiece> pieces) : pieces_(pieces) {}
  const Segmentation& segment(const WordLattice& word, uint32_t without = PieceLattice::kGone);

 private:
  struct Best {
    double score;
    uint32_t piece;  // the last one
  };
  std::span<const LearnedPiece> pieces_;
  std::vector<Best> best_;
  Segmentation result_;
};

}  // namespace aurora::vocabulary
