// All that turning a text into ids, and back, needs of a Spec, worked out once. A Tokenizer owns one, its
// encoders and decoders share it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aurora/tokenizer/bpe/model.h"
#include "aurora/tokenizer/decode.h"
#include "aurora/tokenizer/spec.h"
#include "aurora/tokenizer/steps/added_tokens.h"
#include "aurora/tokenizer/steps/cut_marks.h"
#include "aurora/tokenizer/steps/normalize.h"
#include "aurora/tokenizer/steps/split_words.h"
#include "aurora/tokenizer/unigram/unigram.h"

namespace aurora::tokenizer {

// Immutable after construction, thread-safe.
class EncodingModel {
 public:
  // Nothing of the Spec is needed afterwards; takes about 0.1 s for 100,000 tokens. Error: a step of it that
  // is not known; `where` names the source in it.
  explicit EncodingModel(const Spec& spec, const std::string& where = "vocabulary")
      : normalizer_(spec, where),
        added_(spec, normalizer_),
        words_(spec, where),
        decoding_(spec, normalizer_),
        single_(spec.single) {
    if (spec.model == ModelKind::kBpe) {
      bpe_.emplace(spec, where);
      bpe_cut_ = words_.keeps_whole() && marks_begin_words(spec) ? cut_before_marks : words_.cut();
    } else {
      unigram_.emplace(spec, where);
    }
  }

  const TextNormalizer& normalizer() const { return normalizer_; }
  const AddedTokens& added() const { return added_; }
  const WordSplitter& words() const { return words_; }
  const DecodeTables& decoding() const { return decoding_; }
  const std::vector<TemplatePiece>& single() const { return single_; }
  const std::optional<BpeModel>& bpe() const { return bpe_; }  // one of the two
  // What a BpeEncoder cuts by; nullptr: each of its texts is one word.
  pretokenize::CutFunction bpe_cut() const { return bpe_cut_; }
  const std::optional<UnigramModel>& unigram() const { return unigram_; }

 private:
  TextNormalizer normalizer_;
  AddedTokens added_;
  WordSplitter words_;
  DecodeTables decoding_;
  std::vector<TemplatePiece> single_;
  std::optional<BpeModel> bpe_;
  pretokenize::CutFunction bpe_cut_ = nullptr;
  std::optional<UnigramModel> unigram_;
};

}  // namespace aurora::tokenizer
