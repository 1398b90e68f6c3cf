// The proof that an order is what it says, by walking it: every unit of every file comes once per epoch,
// never twice, in stages and around skipped ranges too; and after every prefix each corpus has had its share.
//
// Samples are walked in parallel, in any order; each sets one bit. Memory: one bit per unit of every epoch
// touched, in several rounds where that is more than allowed (finished epochs are then checked and dropped).
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "aurora/base/progress.h"
#include "aurora/base/threads.h"
#include "aurora/order/order.h"

namespace aurora::dataset {

// Fills out[i] with the unit of sample first + i, as training counts them. Thread-safe.
using UnitRange = std::function<void(uint64_t first, std::span<order::Unit> out)>;

struct ProofSettings {
  uint64_t samples = 0;                       // the first so many, as training counts them; >= 1
  uint64_t memory_bytes = uint64_t{1} << 30;  // of bitmaps, at most
  bool bitmap = true;                         // false: only the shares
};

struct CorpusProof {
  std::string name;
  uint64_t units = 0;  // drawn from it, skipped ones too
  double epochs = 0;
  // Units drawn less those due (share * samples), lowest and highest after any number of samples; in each
  // stage from its beginning, skipped samples counted.
  double prefix_error_min = 0;
  double prefix_error_max = 0;
};

struct OrderProof {
  uint64_t samples = 0;       // walked, as training counts them
  uint64_t skipped = 0;       // between them
  uint64_t duplicates = 0;    // samples whose unit another one has too
  uint64_t missing = 0;       // units that should have come and did not
  uint64_t strays = 0;        // samples whose unit is not one of its file, epoch or stage
  uint64_t miscounts = 0;     // corpora at places where Order::corpus_counts is not what was walked
  uint64_t bitmap_bytes = 0;  // the most that were held at once
  uint64_t rounds = 0;
  std::vector<CorpusProof> corpora;
  std::vector<std::string> troubles;  // the first of each kind, in words; the same on any number of threads

  // Exactly once, and counted right. Shares are for the caller to judge.
  bool exact() const { return duplicates + missing + strays + miscounts == 0; }
  double prefix_error_min() const;
  double prefix_error_max() const;
};

// Error: the bitmaps of a single round are more than allowed; fewer samples in the order than asked for.
OrderProof prove_order(const order::Order& order, const ProofSettings& settings, Pool& pool,
                       Progress* progress = nullptr);
// The same of any function that claims to be `order`: how tests show that a wrong one is found.
OrderProof prove_order(const order::Order& order, const UnitRange& range, const ProofSettings& settings,
                       Pool& pool, Progress* progress = nullptr);

}  // namespace aurora::dataset
