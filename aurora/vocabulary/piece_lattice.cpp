#include "aurora/vocabulary/piece_lattice.h"

#include "aurora/tokenizer/bpe/pair_map.h"

namespace aurora::vocabulary {
namespace {

constexpr size_t kPartChars = 1 << 18;

// Pieces as a tree of characters. Node 0 is the root.
class PieceTree {
 public:
  PieceTree(const CharStrip& strip, std::span<const LearnedPiece> pieces)
      : piece_of_(1, PieceLattice::kGone) {
    for (uint32_t piece = 0; piece < pieces.size(); ++piece) {
      uint32_t node = 0;
      for (uint32_t i = 0; i < pieces[piece].length; ++i) {
        const uint32_t fresh = static_cast<uint32_t>(piece_of_.size());
        const auto [next, added] = children_.insert(
            static_cast<int32_t>(node), static_cast<int32_t>(strip.chars[pieces[piece].at + i]), fresh);
        if (added) piece_of_.push_back(PieceLattice::kGone);
        node = next;
      }
      piece_of_[node] = piece;
    }
  }

  // use(piece) for all pieces that `chars` begins with, shortest first.
  template <typename Use>
  void for_prefixes(std::span<const CharId> chars, Use use) const {
    uint32_t node = 0;
    for (const CharId c : chars) {
      const uint32_t* next = children_.find(static_cast<int32_t>(node), static_cast<int32_t>(c));
      if (next == nullptr) return;
      node = *next;
      if (piece_of_[node] != PieceLattice::kGone) use(piece_of_[node]);
    }
  }

 private:
  tokenizer::PairMap<uint32_t> children_;
  std::vector<uint32_t> piece_of_;
};

}  // namespace

PieceLattice::PieceLattice(const CharStrip& strip, std::span<const LearnedPiece> pieces, Pool& pool)
    : strip_(strip) {
  const PieceTree tree(strip, pieces);
  const uint32_t words = static_cast<uint32_t>(strip.begins.size());
  for (uint32_t word = 0; word < words;) {
    Part& part = parts_.emplace_back();
    part.first_word = word;
    const size_t begin = strip.begins[word];
    while (word < words && strip.begins[word] - begin < kPartChars) ++word;
    part.end_word = word;
  }
  pool.for_each(parts_.size(), [&](size_t index) {
    Part& part = parts_[index];
    for (uint32_t word = part.first_word; word < part.end_word; ++word) {
      const std::span<const CharId> chars = chars_of(word);
      for (size_t at = 0; at < chars.size(); ++at) {
        const size_t before = part.pieces.size();
        tree.for_prefixes(chars.subspan(at), [&](uint32_t piece) { part.pieces.push_back(piece); });
        part.degrees.push_back(static_cast<uint8_t>(part.pieces.size() - before));
      }
    }
    part.pieces.shrink_to_fit();
  });
}

void PieceLattice::rename(std::span<const uint32_t> new_ids, Pool& pool) {
  pool.for_each(parts_.size(), [&](size_t index) {
    Part& part = parts_[index];
    size_t read = 0, written = 0;
    for (uint8_t& degree : part.degrees) {
      const size_t end = read + degree;
      degree = 0;
      for (; read < end; ++read) {
        const uint32_t id = new_ids[part.pieces[read]];
        if (id == kGone) continue;
        part.pieces[written++] = id;
        ++degree;
      }
    }
    part.pieces.resize(written);
  });
}

}  // namespace aurora::vocabulary
