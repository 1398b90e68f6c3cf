// The order of training as a function (docs/formats/order.md): global sample number -> a stretch of one
// corpus's token stream. Nothing is built or stored; any rank asks for any sample; a run resumes from one
// integer.
//
// Windows: epoch e of a corpus of N tokens is cut into W = floor((N-1)/T) windows; window w covers tokens
// s + w*T .. s + w*T + T (T+1 of them: the last is a target here and the first input of its neighbour). The
// start s, below (N-1) mod T + 1, is drawn per epoch, so that no token at the end is left out for good. The
// windows of an epoch come in the order of a keyed permutation, and corpora are mixed by the blend tree. So
// every window of a corpus is seen once before any is seen twice.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/base/random.h"
#include "aurora/dataset/blend_tree.h"

namespace aurora::dataset {

struct CorpusSize {
  std::string name;     // unique; the key of its shuffle, so that adding a corpus does not reshuffle another
  uint64_t tokens = 0;  // 0: left out, and the weights of the others count for it
  double weight = 1.0;  // > 0; share of the samples after normalisation
};

struct Piece {
  uint32_t corpus = 0;  // index in the list given to Order
  uint64_t epoch = 0;   // of this corpus, from 0
  uint64_t begin = 0;   // first token of the flat stream
  uint64_t count = 0;   // T+1
  bool operator==(const Piece&) const = default;
};

class Order {
 public:
  // sequence_length: T >= 1. Error: a corpus that is neither empty nor T+1 tokens long; no corpus with
  // tokens; a weight that is not a positive number; a name twice.
  Order(uint64_t seed, int64_t sequence_length, std::vector<CorpusSize> corpora);

  // Thread-safe; sample < 2^62.
  Piece operator()(uint64_t sample) const;

  // Passes over `corpus` after the first `samples` samples, e.g. 2.5; 0 for an empty corpus.
  double epochs(uint32_t corpus, uint64_t samples) const;
  // How many of the first `samples` samples come from each corpus.
  std::vector<uint64_t> counts(uint64_t samples) const { return blend_.counts(samples); }
  int64_t sequence_length() const { return static_cast<int64_t>(length_); }
  const std::vector<CorpusSize>& corpora() const { return corpora_; }

 private:
  struct Shuffle {
    uint64_t windows = 0;  // W
    uint64_t starts = 0;   // (N-1) mod T + 1
    uint64_t name_hash = 0;
  };
  uint64_t seed_;
  uint64_t length_;  // T
  std::vector<CorpusSize> corpora_;
  std::vector<Shuffle> shuffles_;
  BlendTree blend_;
};

}  // namespace aurora::dataset
