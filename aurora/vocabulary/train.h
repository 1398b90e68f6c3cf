// Trains a byte-level BPE vocabulary (Sennrich et al. 2016, arXiv:1508.07909, over bytes).
//
// Exactly the textbook's merges: the most frequent pair of neighbours in all words is merged, again and
// again; of equally frequent pairs the one with the smaller left id, then the smaller right id. Ids begin
// with the 256 bytes in the order of GPT-2's byte characters ('!' is 0), as HF tokenizers' trainer has them,
// so that ties fall alike. When the joined bytes are a token already, that token's id is used again, and a
// pair that is merged a second time is not listed twice.
//
// The result depends on the texts' words and weights only: not on their order, on threads, ranks or memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/base/threads.h"
#include "aurora/tokenizer/spec.h"

namespace aurora::comm {
class Group;
}

namespace aurora::vocabulary {

// Texts to train on, streamed. Called by one thread at a time, not always the same.
class TextSource {
 public:
  virtual ~TextSource() = default;
  // Replaces `text` (at most 4 GB); false at the end. The text counts `weight` times (1 when untouched; 0:
  // not at all).
  virtual bool next(std::string& text, uint64_t& weight) = 0;
};

struct TrainSettings {
  int32_t vocab_size = 8192;  // with the 256 bytes, special and reserved tokens
  std::vector<std::string> special_tokens = {"<|endoftext|>"};  // the first ends documents
  uint64_t min_frequency = 2;                                   // a pair rarer than this is not merged
  uint64_t weight_unit = 1;      // a text of this weight counts once: min_frequency is in this unit
  int32_t reserved_tokens = 0;   // at least so many special tokens <|reserved_0|> ... at the end
  int32_t round_up_to = 1;       // vocab_size becomes a multiple of this; reserved tokens fill it up
  std::string scheme = "qwen2";  // how text is cut into words (aurora/pretokenize)
  uint32_t longest_token = 0;    // bytes; 0: no limit
  uint64_t memory_bytes = uint64_t{2} << 30;  // of word tables; beyond it words are spilled to disk
  Path spill_folder = {};                     // empty: the system's folder for temporary files
};

struct TrainResult {
  tokenizer::Spec spec;
  uint64_t text_bytes = 0;
  uint64_t unique_words = 0;  // of two bytes or more
  uint64_t unique_word_bytes = 0;
  uint64_t table_bytes = 0;    // the word tables' peak
  uint64_t spilled_bytes = 0;  // written to disk
  double seconds_counting = 0;
  double seconds_learning = 0;
};

// The vocabulary is smaller than asked for when the text has no more pairs of min_frequency. Words longer
// than 1,000,000 bytes count as pieces of that length (word_lane.h). Memory: memory_bytes, then about 5 bytes
// per byte of unique words and 8 per place of a frequent pair.
//
// group: every rank calls this with the same settings and a source of its own share of the texts, and gets
// the same result; rank 0 does the merges. nullptr: one rank. text_bytes are of all ranks, memory and seconds
// of this one.
//
// UsageError: vocab_size too small for the bytes and special tokens, or too large; special tokens empty or
// doubled; an unknown scheme; a rounding that is not positive. Error: trouble of the source; no space for
// spilled words; more than 4 GB of unique words.
TrainResult train_bpe(const TrainSettings& settings, TextSource& source, Pool& pool,
                      comm::Group* group = nullptr);

}  // namespace aurora::vocabulary
