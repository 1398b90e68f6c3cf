// Trains a unigram vocabulary (Kudo 2018, arXiv:1804.10959) over words as Metaspace makes them: spaces become
// U+2581, one is put before a text that does not begin with it, and a word begins at each. learn_pieces.h
// says how pieces are learned. A line end is a word of its own when learning, so no piece holds one and
// anything else.
//
// Text should be UTF-8; what is not becomes U+FFFD (as repair_utf8 does it).
#pragma once

#include "aurora/vocabulary/train.h"

namespace aurora::vocabulary {

struct UnigramSettings {
  // vocab_size, special and reserved tokens, rounding, weights and memory as for train_bpe. scheme,
  // min_frequency and longest_token are not used.
  TrainSettings common;
  bool byte_fallback = true;  // 256 byte tokens; characters without piece become these, not the unknown token
  double coverage = 0.9995;   // of all characters' occurrences: the rarest are left out as pieces
  uint32_t longest_piece = 16;  // characters
  uint64_t seeds = 1'000'000;   // substrings that learning begins with
};

// Ids: the unknown token "<unk>", the byte tokens, the pieces by falling score, special tokens, reserved
// ones. UsageError: as train_bpe; coverage outside (0, 1]; longest_piece outside [1, 255]; fewer pieces than
// characters are to be covered. Ranks as train_bpe. Memory: memory_bytes, then about 60 bytes per character
// of unique words.
TrainResult train_unigram(const UnigramSettings& settings, TextSource& source, Pool& pool,
                          comm::Group* group = nullptr);

}  // namespace aurora::vocabulary
