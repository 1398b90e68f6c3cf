// Trains a byte-level BPE vocabulary (Sennrich et al. 2016, arXiv:1508.07909, over bytes).
//
// Exactly the textbook's merges: the most frequent pair of neighbours in all words is merged, again and
// again; of equally frequent pairs the one with the smaller left id, then the smaller right id. When the
// joined bytes are a token already, that token's id is used again. Pair counts are kept up to date
// through an inverted index and a lazy heap, so the cost is about the text once plus the merged occurrences.
// The result depends on the texts' words and weights only, not on their order, their cuts into documents or
// threads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/log.h"
#include "aurora/base/threads.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::vocabulary {

struct TrainSettings {
  int32_t vocab_size = 8192;  // with the 256 bytes and the special tokens
  std::vector<std::string> special_tokens = {"<|endoftext|>"};
  uint64_t min_frequency = 2;  // a pair rarer than this is not merged
};

// Texts to train on, streamed. Called from one thread.
class TextSource {
 public:
  virtual ~TextSource() = default;
  // Replaces `text`; false at the end. The text counts `weight` times (1 when untouched).
  virtual bool next(std::string& text, uint64_t& weight) = 0;
};

struct TrainResult {
  tokenizer::Spec spec;  // smaller than asked for when the text has no more pairs of min_frequency
  uint64_t text_bytes = 0;
  uint64_t unique_words = 0;
};

// UsageError: vocab_size too small for the bytes and special tokens, or special tokens empty or doubled.
TrainResult train_bpe(const TrainSettings& settings, TextSource& source, Pool& pool);

}  // namespace aurora::vocabulary
