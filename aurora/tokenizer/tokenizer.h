// A byte-level BPE tokenizer: vocabulary, merges and special tokens, and Hugging Face's tokenizer.json
// (docs/formats/tokenizer.md). Any bytes encode and decode back to themselves.
//
// Ids: 0..255 are the single bytes, then the merges' results in order of training, then the special tokens,
// when we trained it; a loaded file may order them as it likes. Immutable after construction, thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/tokenizer/pair_map.h"

namespace aurora::tokenizer {

// What a tokenizer is made of. Merge k has rank k: lower ranks are applied first.
struct Vocabulary {
  std::vector<std::string> tokens;                  // bytes of every ordinary token, by id; no duplicates
  std::vector<std::pair<int32_t, int32_t>> merges;  // ids of the two parts; their joined bytes are a token
  std::vector<std::string> special_tokens;  // ids follow the ordinary tokens; the first ends documents
};

struct Merge {
  uint32_t rank = 0;
  int32_t result = 0;
};
using MergeTable = PairMap<Merge>;

class Tokenizer {
 public:
  // Error when the parts contradict each other (a byte without token, a merge whose result is no token ...);
  // `where` names the source in it.
  explicit Tokenizer(Vocabulary vocabulary, const std::string& where = "vocabulary");

  // FILE or FOLDER/tokenizer.json. Error: not BPE, not byte-level, another pre-tokenization than ours, ids
  // with holes, merges that name no token ..., each with the file and what is wrong.
  static Tokenizer load(const Path& path);
  // Writes tokenizer.json atomically, as `tokenizers` and `transformers` load it.
  void save(const Path& path) const;
  std::string to_json() const;
  static Tokenizer from_json(std::string_view json, const std::string& where);

  int32_t vocab_size() const;  // with special tokens
  const Vocabulary& vocabulary() const { return vocabulary_; }
  // Bytes of an ordinary token, text of a special one. id in [0, vocab_size) (checked).
  std::string_view token(int32_t id) const;
  bool is_special(int32_t id) const;
  int32_t special_id(std::string_view text) const;            // -1 when there is no such special token
  int32_t end_of_document() const { return special_begin_; }  // the first special token
  int32_t byte_id(uint8_t byte) const { return byte_ids_[byte]; }
  const MergeTable& merges() const { return merges_; }

  // 32 hex digits: hash of tokens, merges and special tokens. Two tokenizers with one fingerprint encode
  // alike.
  const std::string& fingerprint() const { return fingerprint_; }

  // Convenience for short texts; much text wants an Encoder (encoder.h), which remembers words. Special
  // tokens inside the text are text.
  std::vector<int32_t> encode(std::string_view text) const;
  // Bytes of the tokens, joined; special tokens give their text.
  std::string decode(std::span<const int32_t> ids) const;

 private:
  Vocabulary vocabulary_;
  int32_t special_begin_ = 0;
  int32_t byte_ids_[256];
  MergeTable merges_;
  std::string fingerprint_;
};

// Turns a stream of tokens into text piece by piece; never gives half a character. Bytes that are no UTF-8
// become U+FFFD. Special tokens are passed over.
class StreamDecoder {
 public:
  explicit StreamDecoder(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}
  std::string push(int32_t id);  // text that is complete now; may be empty
  std::string finish();          // what is left; ready for a new stream afterwards

 private:
  const Tokenizer& tokenizer_;
  std::string held_;
};

}  // namespace aurora::tokenizer
