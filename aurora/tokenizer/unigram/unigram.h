// Unigram models (Kudo 2018, arXiv:1804.10959): a text becomes the pieces whose scores, log probabilities,
// have the largest sum (Viterbi). Two ways, which differ in rounding and in small print, as a Spec says:
//
// ModelKind::kUnigram, as `tokenizers` does it: one word at a time, sums in f64. Every token of the model is
// a piece, the unknown one and byte tokens too. Unknown characters in a row become one piece; if there is no
// token of just these characters, their byte tokens where byte_fallback is on, else the unknown token.
//
// ModelKind::kSentencePieceUnigram, as SentencePiece's EncodeOptimized: the whole text, sums kept in f32.
// Control, unknown and byte tokens are no pieces, unused ones are passed over, and the added tokens that are
// not special (user-defined symbols) have a score that makes them win. Unknown characters become byte tokens,
// or one unknown token a row.
//
// Time is linear in the text: at each character as many steps as the longest piece has bytes, at most.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/tokenizer/bpe/long_words.h"
#include "aurora/tokenizer/spec.h"
#include "aurora/tokenizer/unigram/piece_trie.h"

namespace aurora::tokenizer {

struct Piece {
  int32_t id = 0;
  size_t end = 0;  // where it ends in the text, in bytes. Byte tokens of one piece share its end
};

// Immutable after construction, thread-safe.
class UnigramModel {
 public:
  // Nothing of the Spec is needed afterwards. Error: no piece at all, a byte without token where
  // byte_fallback of SentencePiece asks for one; `where` names the source in it.
  explicit UnigramModel(const Spec& spec, const std::string& where = "vocabulary");

 private:
  friend class UnigramEncoder;

  bool sentencepiece_ = false;
  bool byte_fallback_ = false;
  int32_t unknown_ = -1;
  double unknown_score_ = 0;
  PieceTrie trie_;
  std::vector<double> scores_;     // by id; of a user-defined symbol what SentencePiece gives it
  std::vector<bool> unused_;       // by id
  std::vector<int32_t> byte_ids_;  // 256, -1: none
  size_t longest_ = 4;             // bytes of the longest piece, or of a character
};

// One per thread; remembers what words became, which never changes a result.
class UnigramEncoder {
 public:
  // The model must outlive it.
  explicit UnigramEncoder(const UnigramModel& model) : model_(model) {}

  // Appends what `text` becomes: a word, or of a kSentencePieceUnigram the whole text. Error: a character
  // without token, and no unknown token.
  void encode(std::string_view text, std::vector<int32_t>& out);
  void encode(std::string_view text, std::vector<Piece>& out);
  void forget() { words_.forget(); }

 private:
  struct Best {  // of the ways to a place in the text
    double score = 0;
    uint32_t length = 0;  // of its last piece
    int32_t id = -1;      // ... and which it is; -1: no way is known
  };
  void find_path(std::string_view text);
  template <class Sum>
  void viterbi(std::string_view text);
  void settle(size_t base, size_t at);
  template <class Out>
  void write_path(std::string_view text, Out& out) const;
  template <class Out>
  void write_unknown(std::string_view text, size_t begin, size_t end, Out& out) const;

  const UnigramModel& model_;
  BpeLongWords words_;
  std::vector<Best> best_;
  std::vector<Piece> path_;
};

}  // namespace aurora::tokenizer
