// For every place in the words, the pieces that begin there. Kept as lists, so that no iteration of the
// training looks a piece up again; pieces that go are struck off.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aurora/base/threads.h"
#include "aurora/vocabulary/char_strip.h"

namespace aurora::vocabulary {

struct LearnedPiece {
  uint32_t at = 0;      // in the strip: one place where it stands
  uint32_t length = 0;  // characters, at most 255
  double score = 0;     // log probability; while counting, its count
};

// A word and its pieces, in order of places: degrees[i] of them begin at character i.
struct WordLattice {
  std::span<const CharId> chars;
  uint64_t count = 0;
  const uint8_t* degrees = nullptr;
  const uint32_t* pieces = nullptr;
};

class PieceLattice {
 public:
  // The strip must outlive it. Every character must be a piece. Memory: 1 byte per character and 4 per place
  // of a piece.
  PieceLattice(const CharStrip& strip, std::span<const LearnedPiece> pieces, Pool& pool);

  size_t parts() const { return parts_.size(); }
  uint32_t first_word(size_t part) const { return parts_[part].first_word; }
  // use(WordLattice) for the words of a part. Thread-safe.
  template <typename Use>
  void for_words(size_t part, Use use) const {
    const Part& mine = parts_[part];
    const uint8_t* degrees = mine.degrees.data();
    const uint32_t* pieces = mine.pieces.data();
    for (uint32_t word = mine.first_word; word < mine.end_word; ++word) {
      const WordLattice lattice = {chars_of(word), strip_.counts[word], degrees, pieces};
      for (size_t i = 0; i < lattice.chars.size(); ++i) pieces += degrees[i];
      degrees += lattice.chars.size();
      use(lattice);
    }
  }
  // new_ids[p]: what piece p is called from now on; kGone: nothing. Order must be kept at each place, which
  // it is when longer pieces that begin alike come in any order.
  static constexpr uint32_t kGone = 0xffffffff;
  void rename(std::span<const uint32_t> new_ids, Pool& pool);

 private:
  struct Part {
    uint32_t first_word = 0;
    uint32_t end_word = 0;
    std::vector<uint8_t> degrees;
    std::vector<uint32_t> pieces;
  };
  std::span<const CharId> chars_of(uint32_t word) const {
    const size_t end = word + 1 < strip_.begins.size() ? strip_.begins[word + 1] : strip_.chars.size();
    return std::span(strip_.chars).subspan(strip_.begins[word], end - 1 - strip_.begins[word]);
  }

  const CharStrip& strip_;
  std::vector<Part> parts_;
};

}  // namespace aurora::vocabulary
