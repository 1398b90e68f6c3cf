// A tokenizer: a Spec that was found to be sound, with what look-ups need. Built of a Spec, or of the files
// of the field: Hugging Face's tokenizer.json (docs/formats/tokenizer.md). Immutable after construction,
// thread-safe; encoders (encoder.h) share it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

class EncodingModel;

class Tokenizer {
 public:
  // Error when the parts contradict each other (a byte without token, a merge whose result is no token ...);
  // `where` names the source in it.
  explicit Tokenizer(Spec spec, const std::string& where = "vocabulary");

  // By content: a tokenizer.json, a SentencePiece .model, a rank file whose name tells its pattern
  // (cl100k_base.tiktoken); or a folder with tokenizer.json, vocab.json and merges.txt, or tokenizer.model,
  // and what transformers keeps beside it (tokenizer_config.h). A file tokenizer.json stands for its folder.
  // Error: what a Spec cannot say, with the file and what is wrong.
  static Tokenizer load(const Path& path);
  // tiktoken's rank file (rank_file.h) with the special tokens that are known of it.
  static Tokenizer load_rank_file(const Path& path, std::string_view scheme);
  // Writes tokenizer.json atomically, as `tokenizers` and `transformers` load it, to a FILE of any name. To a
  // FOLDER, or a file tokenizer.json in it: what load() reads back as the same, which is tokenizer.model for
  // a SentencePiece model, and tokenizer_config.json beside it where there is more to say. Error: what the
  // format cannot say.
  void save(const Path& path) const;
  std::string to_json() const;
  static Tokenizer from_json(std::string_view json, const std::string& where);

  const Spec& spec() const { return spec_; }
  int32_t vocab_size() const { return static_cast<int32_t>(spec_.tokens.size()); }  // with special tokens
  // Bytes of an ordinary token, text of a special one, nothing of a hole. id in [0, vocab_size) (checked).
  std::string_view token(int32_t id) const;
  bool is_special(int32_t id) const;                                 // false outside [0, vocab_size)
  int32_t special_id(std::string_view text) const;                   // -1 when there is no such special token
  int32_t end_of_document() const { return spec_.end_of_document; }  // -1: the tokenizer names none

  // 32 hex digits: hash of all that decides which ids a text becomes. Two tokenizers with one fingerprint
  // encode alike.
  const std::string& fingerprint() const { return fingerprint_; }

  // Convenience for short texts; much text wants an Encoder (encoder.h), which remembers words. Special
  // tokens inside the text are text.
  std::vector<int32_t> encode(std::string_view text) const;
  // The text of the ids as decode() of decode.h gives it (bytes of the tokens, joined, where the tokenizer is
  // plain byte-level); special tokens give their text, or nothing. Error: an id that no token has.
  std::string decode(std::span<const int32_t> ids, bool skip_special = false) const;

  // What encoders and decoders share.
  const EncodingModel& encoding() const { return *encoding_; }

 private:
  Spec spec_;
  std::shared_ptr<const EncodingModel> encoding_;
  std::vector<bool> special_;  // by id
  std::unordered_map<std::string, int32_t> special_ids_;
  std::string fingerprint_;
};

}  // namespace aurora::tokenizer
