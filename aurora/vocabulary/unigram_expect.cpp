#include "aurora/vocabulary/unigram_expect.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "aurora/base/free_list.h"

namespace aurora::vocabulary {
namespace {

// Probabilities of beginnings and ends of a word shrink with its length: where one gets below kTiny, it is
// kept multiplied by 1 / kTiny from there on.
constexpr double kTiny = 1e-100;

struct Weighed {
  double probability;
  uint32_t length;
};

class ForwardBackward {
 public:
  ForwardBackward(std::span<const Weighed> pieces, double units)
      : pieces_(pieces), units_(units), sums_(pieces.size()) {}

  void add(const WordLattice& word) {
    const size_t size = word.chars.size();
    forward(word);
    backward(word);
    const double total = forward_[size];
    const int total_scale = forward_scale_[size];
    const double times = static_cast<double>(word.count) * units_ / total;
    const uint32_t* piece = word.pieces;
    for (size_t at = 0; at < size; ++at) {
      for (int i = 0; i < word.degrees[at]; ++i, ++piece) {
        const Weighed& weighed = pieces_[*piece];
        const size_t end = at + weighed.length;
        const double share = forward_[at] * weighed.probability * backward_[end] *
                             scaled(forward_scale_[at] + backward_scale_[end] - total_scale);
        sums_[*piece] += std::llrint(share * times);
      }
    }
  }

  const std::vector<int64_t>& sums() const { return sums_; }

 private:
  // kTiny to the power of what a product was multiplied by too often.
  static double scaled(int scale) {
    if (scale == 0) return 1;
    if (scale == 1) return kTiny;
    if (scale == -1) return 1 / kTiny;
    return scale > 0 ? 0 : 1 / kTiny / kTiny;
  }

  // forward_[i]: the probability of all segmentations of the first i characters; times
  // kTiny^forward_scale_[i].
  void forward(const WordLattice& word) {
    const size_t size = word.chars.size();
    forward_.assign(size + 1, 0);
    forward_scale_.assign(size + 1, 0);
    forward_[0] = 1;
    const uint32_t* piece = word.pieces;
    size_t reached = 0;  // no later place has been added to
    for (size_t at = 0; at < size; ++at) {
      if (at > 0) forward_scale_[at] = forward_scale_[at - 1];
      if (forward_[at] < kTiny) {
        ++forward_scale_[at];
        for (size_t i = at; i <= reached; ++i) forward_[i] /= kTiny;
      }
      for (int i = 0; i < word.degrees[at]; ++i, ++piece) {
        const Weighed& weighed = pieces_[*piece];
        forward_[at + weighed.length] += forward_[at] * weighed.probability;
        reached = std::max(reached, at + weighed.length);
      }
    }
    forward_scale_[size] = forward_scale_[size - 1];
  }

  // backward_[i]: of what is behind the first i characters.
  void backward(const WordLattice& word) {
    const size_t size = word.chars.size();
    backward_.assign(size + 1, 0);
    backward_scale_.assign(size + 1, 0);
    backward_[size] = 1;
    begins_.resize(size);
    uint32_t begin = 0;
    for (size_t at = 0; at < size; ++at) begins_[at] = begin, begin += word.degrees[at];
    for (size_t at = size; at-- > 0;) {
      const int scale = backward_scale_[at + 1];
      double sum = 0;
      for (uint32_t i = begins_[at]; i < begins_[at] + word.degrees[at]; ++i) {
        const Weighed& weighed = pieces_[word.pieces[i]];
        const size_t end = at + weighed.length;
        sum += weighed.probability * backward_[end] * scaled(backward_scale_[end] - scale);
      }
      const bool tiny = sum < kTiny;
      backward_[at] = tiny ? sum / kTiny : sum;
      backward_scale_[at] = tiny ? scale + 1 : scale;
    }
  }

  std::span<const Weighed> pieces_;
  const double units_;
  std::vector<int64_t> sums_;
  std::vector<double> forward_, backward_;
  std::vector<int> forward_scale_, backward_scale_;
  std::vector<uint32_t> begins_;
};

}  // namespace

std::vector<double> expected_counts(const PieceLattice& lattice, std::span<const LearnedPiece> pieces,
                                    uint64_t occurrences, Pool& pool) {
  std::vector<Weighed> weighed(pieces.size());
  for (size_t i = 0; i < pieces.size(); ++i) weighed[i] = {std::exp(pieces[i].score), pieces[i].length};
  const int bits = std::clamp(61 - static_cast<int>(std::bit_width(occurrences)), 0, 20);
  const double units = std::ldexp(1, bits);
  FreeList<ForwardBackward> lanes([&] { return std::make_unique<ForwardBackward>(weighed, units); });
  pool.for_each(lattice.parts(), [&](size_t part) {
    std::unique_ptr<ForwardBackward> lane = lanes.take();
    lattice.for_words(part, [&](const WordLattice& word) { lane->add(word); });
    lanes.give_back(std::move(lane));
  });
  std::vector<int64_t> sums(pieces.size());
  for (const std::unique_ptr<ForwardBackward>& lane : lanes.items()) {
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += lane->sums()[i];
  }
  std::vector<double> counts(pieces.size());
  for (size_t i = 0; i < sums.size(); ++i) counts[i] = static_cast<double>(sums[i]) / units;
  return counts;
}

const Segmentation& Viterbi::segment(const WordLattice& word, uint32_t without) {
  const size_t size = word.chars.size();
  constexpr double kNone = -std::numeric_limits<double>::infinity();
  best_.assign(size + 1, {kNone, PieceLattice::kGone});
  best_[0].score = 0;
  const uint32_t* piece = word.pieces;
  for (size_t at = 0; at < size; ++at) {
    for (int i = 0; i < word.degrees[at]; ++i, ++piece) {
      if (*piece == without || best_[at].score == kNone) continue;
      Best& end = best_[at + pieces_[*piece].length];
      const double score = best_[at].score + pieces_[*piece].score;
      if (score > end.score) end = {score, *piece};  // places come from the left, so the first is the longest
    }
  }
  result_.pieces.clear();
  result_.score = best_[size].score;
  if (result_.score == kNone) return result_;
  for (size_t at = size; at > 0; at -= pieces_[best_[at].piece].length)
    result_.pieces.push_back(best_[at].piece);
  std::reverse(result_.pieces.begin(), result_.pieces.end());
  return result_;
}

std::vector<uint64_t> viterbi_counts(const PieceLattice& lattice, std::span<const LearnedPiece> pieces,
                                     Pool& pool) {
  struct Lane {
    explicit Lane(std::span<const LearnedPiece> pieces) : viterbi(pieces), counts(pieces.size()) {}
    Viterbi viterbi;
    std::vector<uint64_t> counts;
  };
  FreeList<Lane> lanes([&] { return std::make_unique<Lane>(pieces); });
  pool.for_each(lattice.parts(), [&](size_t part) {
    std::unique_ptr<Lane> lane = lanes.take();
    lattice.for_words(part, [&](const WordLattice& word) {
      for (const uint32_t piece : lane->viterbi.segment(word).pieces) lane->counts[piece] += word.count;
    });
    lanes.give_back(std::move(lane));
  });
  std::vector<uint64_t> counts(pieces.size());
  for (const std::unique_ptr<Lane>& lane : lanes.items()) {
    for (size_t i = 0; i < counts.size(); ++i) counts[i] += lane->counts[i];
  }
  return counts;
}

}  // namespace aurora::vocabulary
