// The pre-tokenizers of a Spec: a normalized text falls into words, and no token crosses from one into the
// next. Some steps change the text too (spaces become U+2581, a space is put before it).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/pretokenize/pretokenizer.h"
#include "aurora/tokenizer/spec.h"
#include "aurora/tokenizer/steps/normalize.h"

namespace aurora::tokenizer {

// Immutable, thread-safe.
class WordSplitter {
 public:
  // Error: a scheme of a name that pretokenize does not know; `where` names the source in it.
  explicit WordSplitter(const Spec& spec, const std::string& where = "vocabulary");

  // No step: a text is one word.
  bool keeps_whole() const { return steps_.empty(); }
  // One scheme does it all and changes nothing; nullptr: it does not.
  pretokenize::CutFunction cut() const { return cut_; }
  // Whether it matters what stands at the very begin of the source (Metaspace that prepends there only).
  bool asks_for_begin() const { return asks_for_begin_; }

  // Changes the text as the steps say and writes the ends of its words over `ends`. at_begin: the text's
  // first byte is the source's first; an aligned text says so itself. Error: 4 GiB or more.
  void split(AlignedText& text, bool at_begin, std::vector<uint32_t>& ends) const;

 private:
  enum class Kind { kCut, kMetaspace, kPrefixSpace };
  struct Step {
    Kind kind;
    pretokenize::Pretokenizer schemes{{}};  // kCut
    PretokenStep spec;                      // kMetaspace
  };
  struct Work;
  static void cut_pieces(const Step& step, Work& work);
  static void write_spaces(const PretokenStep& step, bool at_begin, Work& work);
  static void put_prefix_space(Work& work);

  std::vector<Step> steps_;
  pretokenize::CutFunction cut_ = nullptr;
  bool asks_for_begin_ = false;
};

}  // namespace aurora::tokenizer
