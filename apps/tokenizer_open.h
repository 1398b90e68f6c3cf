// What the `aurora tokenizer` commands share: which vocabulary, and which texts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "apps/command.h"
#include "aurora/base/file.h"
#include "aurora/tokenizer/encoder.h"

namespace aurora::apps {

struct VocabularyFlags {
  std::string vocab;    // --vocab: tokenizer.json, a folder with one, SentencePiece's .model, a rank file
  std::string pattern;  // --pattern: of a rank file, which does not hold its own

  void declare(Arguments& arguments);
  tokenizer::Tokenizer open() const;
};

// A rank file with `pattern` (or that of its name: cl100k_base.tiktoken), or anything that holds its own.
tokenizer::Tokenizer open_vocabulary(const std::string& path, const std::string& pattern);

struct SpecialFlags {
  std::string specials = "text";     // --special text|parse|refuse
  std::vector<std::string> allowed;  // --allow TOKEN
  bool add_template = false;         // --template

  void declare(Arguments& arguments);
  tokenizer::EncodeOptions options() const;
};

struct NamedText {
  std::string name;
  std::string text;
};

// Each word is FILE or NAME=FILE; "-" and no word at all mean standard input. Compressed files are unpacked.
std::vector<NamedText> read_texts(const std::vector<std::string>& words);

// Pieces of about so many bytes, each ended by a line end: what benchmarks call documents. A line longer than
// that is one piece.
std::vector<std::string_view> cut_at_lines(std::string_view text, size_t bytes);

}  // namespace aurora::apps
