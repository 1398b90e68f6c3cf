// The normalizers of a Spec: what is done to a text before words are cut out of it, as Hugging Face
// `tokenizers` and SentencePiece do it, with the way back to the source kept for every byte if wanted.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// Bytes [begin, end) of the source. May be empty: a prefix that was added stands for nothing there.
struct SourceRange {
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const SourceRange&) const = default;
};

// A text under way.
struct AlignedText {
  std::string text;
  bool aligned = false;             // is `source` kept?
  std::vector<SourceRange> source;  // aligned: for each byte of `text` what it stands for; begins ascend

  // Becomes a copy of `from`, which begins at byte `begin` of the source. A byte stands for itself.
  void assign(std::string_view from, size_t begin, bool keep_alignment);
  // Becomes bytes [from, to) of another text.
  void assign_part(const AlignedText& other, size_t from, size_t to);
  // What the bytes [from, to) of `text` stand for; aligned, from < to.
  SourceRange range(size_t from, size_t to) const { return {source[from].begin, source[to - 1].end}; }

  std::string spare_text;  // memory that the next rewriting takes
  std::vector<SourceRange> spare_source;
};

// One step; changes the text and what its bytes stand for. Immutable, thread-safe.
class NormalizerStep {
 public:
  virtual ~NormalizerStep() = default;
  virtual void apply(AlignedText& text) const = 0;
  // True when the step certainly leaves this text as it is.
  virtual bool keeps(std::string_view) const { return false; }
};

// All steps of a Spec, in order. Immutable, thread-safe.
class TextNormalizer {
 public:
  // Error: a regex that we do not know by heart, a broken character map; `where` names the source in it.
  explicit TextNormalizer(const Spec& spec, const std::string& where = "vocabulary");
  ~TextNormalizer();

  bool empty() const { return steps_.empty(); }
  bool keeps(std::string_view text) const;
  void apply(AlignedText& text) const;
  std::string normalized(std::string_view text) const;  // of a short text

 private:
  std::vector<std::unique_ptr<NormalizerStep>> steps_;
};

// Replaces every `from` (not empty) by `to`; what stands in its place stands for the last byte of it.
void replace_all(AlignedText& text, std::string_view from, std::string_view to);
// Puts `prefix` before a text that is not empty; it stands for what the first character stands for.
void prepend(AlignedText& text, std::string_view prefix);

}  // namespace aurora::tokenizer
