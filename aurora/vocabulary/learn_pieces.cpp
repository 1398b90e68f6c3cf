#include "aurora/vocabulary/learn_pieces.h"

#include <algorithm>
#include <cmath>

#include "aurora/base/check.h"
#include "aurora/vocabulary/seed_pieces.h"
#include "aurora/vocabulary/unigram_expect.h"

namespace aurora::vocabulary {
namespace {

constexpr double kLeastExpected = 0.5;

std::vector<LearnedPiece> first_pieces(const CharStrip& strip, const PieceSettings& settings, Pool& pool) {
  std::vector<uint32_t> place(strip.code_points.size());
  for (uint32_t at = 0; at < strip.chars.size(); ++at) place[strip.chars[at]] = at;
  std::vector<LearnedPiece> pieces;
  for (CharId c = 1; c < strip.code_points.size(); ++c)
    pieces.push_back({place[c], 1, static_cast<double>(strip.char_counts[c])});
  for (const SeedPiece& seed : seed_pieces(strip, settings.longest, settings.seeds, pool))
    pieces.push_back({seed.at, seed.length, static_cast<double>(seed.count * seed.length)});
  double sum = 0;
  for (const LearnedPiece& piece : pieces) sum += piece.score;
  for (LearnedPiece& piece : pieces) piece.score = std::log(piece.score) - std::log(sum);
  return pieces;
}

// Keeps the pieces of keep[i] = true, in order, here and in the lattice.
void keep_pieces(const std::vector<bool>& keep, PieceLattice& lattice, std::vector<LearnedPiece>& pieces,
                 Pool& pool) {
  std::vector<uint32_t> new_ids(pieces.size(), PieceLattice::kGone);
  uint32_t kept = 0;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (!keep[i]) continue;
    new_ids[i] = kept;
    pieces[kept++] = pieces[i];
  }
  pieces.resize(kept);
  lattice.rename(new_ids, pool);
}

// A piece and what it would cost to be without it.
struct Candidate {
  uint32_t piece;
  double loss;
};

// The second best segmentation of every piece; empty where the piece is not its own best.
std::vector<std::vector<uint32_t>> alternatives(const CharStrip& strip, std::span<const LearnedPiece> pieces,
                                                Pool& pool) {
  // A strip of the pieces themselves.
  CharStrip words;
  for (const LearnedPiece& piece : pieces) {
    words.begins.push_back(static_cast<uint32_t>(words.chars.size()));
    words.counts.push_back(1);
    for (uint32_t i = 0; i < piece.length; ++i) words.chars.push_back(strip.chars[piece.at + i]);
    words.chars.push_back(0);
  }
  std::vector<LearnedPiece> own(pieces.begin(), pieces.end());
  for (size_t i = 0; i < own.size(); ++i) own[i].at = words.begins[i];
  const PieceLattice lattice(words, own, pool);
  std::vector<std::vector<uint32_t>> found(pieces.size());
  pool.for_each(lattice.parts(), [&](size_t part) {
    Viterbi viterbi(pieces);
    size_t piece = lattice.first_word(part);
    lattice.for_words(part, [&](const WordLattice& word) {
      const Segmentation& other = viterbi.segment(word, static_cast<uint32_t>(piece));
      if (!other.pieces.empty() && pieces[piece].score >= other.score) found[piece] = other.pieces;
      ++piece;
    });
  });
  return found;
}

class Pruner {
 public:
  Pruner(const CharStrip& strip, const PieceLattice& lattice, std::span<const LearnedPiece> pieces,
         Pool& pool)
      : pieces_(pieces),
        alternatives_(alternatives(strip, pieces, pool)),
        counts_(viterbi_counts(lattice, pieces, pool)) {
    for (const uint64_t count : counts_) sum_ += static_cast<double>(count);
    for (const uint64_t count : strip.counts) words_ += static_cast<double>(count);
  }

  // Which of them stay, about `most`.
  std::vector<bool> choose(size_t most) const {
    std::vector<bool> keep(pieces_.size(), false);
    std::vector<Candidate> candidates;
    size_t kept = 0;
    for (uint32_t i = 0; i < pieces_.size(); ++i) {
      if (pieces_[i].length == 1) {
        keep[i] = true;
        ++kept;
      } else if (counts_[i] > 0 && !alternatives_[i].empty()) {
        candidates.push_back({i, loss(i)});
      } else if (counts_[i] > 0) {
        keep[i] = true;  // in use though another way would be as good: nothing is known against it
        ++kept;
      }
    }
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
      return a.loss != b.loss ? a.loss > b.loss : a.piece < b.piece;
    });
    for (size_t i = 0; i < candidates.size() && kept < most; ++i, ++kept) keep[candidates[i].piece] = true;
    return keep;
  }

  // Log likelihood per word that goes with a piece when its alternative stands for it everywhere.
  double loss(uint32_t piece) const {
    const double count = static_cast<double>(counts_[piece]);
    const double with = std::log(count) - std::log(sum_);
    const std::vector<uint32_t>& others = alternatives_[piece];
    const double sum = std::log(sum_ + count * (static_cast<double>(others.size()) - 1));
    double without = 0;
    for (const uint32_t other : others)
      without += std::log(static_cast<double>(counts_[other]) + count) - sum;
    return count / words_ * (with - without);
  }

 private:
  std::span<const LearnedPiece> pieces_;
  std::vector<std::vector<uint32_t>> alternatives_;
  std::vector<uint64_t> counts_;
  double sum_ = 0;
  double words_ = 0;
};

}  // namespace

double digamma(double x) {
  double result = 0;
  for (; x < 7; x += 1) result -= 1 / x;
  x -= 0.5;
  const double square = 1 / (x * x);
  const double fourth = square * square;
  return result + std::log(x) + square / 24 - fourth * 7 / 960 + fourth * square * 31 / 8064 -
         fourth * fourth * 127 / 30720;
}

void em_step(PieceLattice& lattice, std::vector<LearnedPiece>& pieces, uint64_t occurrences, Pool& pool) {
  const std::vector<double> expected = expected_counts(lattice, pieces, occurrences, pool);
  std::vector<bool> keep(pieces.size());
  double sum = 0;
  for (size_t i = 0; i < pieces.size(); ++i) {
    keep[i] = pieces[i].length == 1 || expected[i] >= kLeastExpected;
    pieces[i].score = std::max(expected[i], kLeastExpected);
    if (keep[i]) sum += pieces[i].score;
  }
  for (LearnedPiece& piece : pieces) piece.score = digamma(piece.score) - digamma(sum);
  keep_pieces(keep, lattice, pieces, pool);
}

std::vector<LearnedPiece> learn_pieces(const CharStrip& strip, const PieceSettings& settings, Pool& pool) {
  AURORA_CHECK(settings.longest >= 1 && settings.longest <= 255);
  AURORA_CHECK(settings.pieces >= strip.code_points.size() - 1);
  std::vector<LearnedPiece> pieces = first_pieces(strip, settings, pool);
  PieceLattice lattice(strip, pieces, pool);
  const size_t enough = settings.pieces + settings.pieces / 10;
  for (;;) {
    for (int i = 0; i < settings.sub_iterations; ++i) em_step(lattice, pieces, strip.occurrences, pool);
    if (pieces.size() <= enough) break;
    const auto shrunk = static_cast<size_t>(static_cast<double>(pieces.size()) * settings.shrink);
    const size_t before = pieces.size();
    const Pruner pruner(strip, lattice, pieces, pool);
    keep_pieces(pruner.choose(std::max(enough, shrunk)), lattice, pieces, pool);
    if (pieces.size() == before) break;
  }
  if (pieces.size() > settings.pieces) {
    const Pruner pruner(strip, lattice, pieces, pool);
    keep_pieces(pruner.choose(settings.pieces), lattice, pieces, pool);
  }
  std::sort(pieces.begin(), pieces.end(), [&strip](const LearnedPiece& a, const LearnedPiece& b) {
    if (a.score != b.score) return a.score > b.score;
    const auto begin = strip.chars.begin();
    return std::lexicographical_compare(begin + a.at, begin + a.at + a.length, begin + b.at,
                                        begin + b.at + b.length);
  });
  return pieces;
}

}  // namespace aurora::vocabulary
