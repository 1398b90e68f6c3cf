// One pass over an AlignedText that makes a new one of it (normalize.h).
#pragma once

#include <string_view>

#include "aurora/tokenizer/steps/normalize.h"

namespace aurora::tokenizer {

class Rewrite {
 public:
  explicit Rewrite(AlignedText& text) : text_(text) {
    text_.spare_text.clear();
    text_.spare_source.clear();
    text_.spare_text.reserve(text_.text.size() + text_.text.size() / 4);
  }

  std::string_view old() const { return text_.text; }
  const std::string& made() const { return text_.spare_text; }
  // Bytes [begin, end) of the old text as they are.
  void copy(size_t begin, size_t end) {
    text_.spare_text.append(text_.text, begin, end - begin);
    if (text_.aligned) {
      text_.spare_source.insert(text_.spare_source.end(),
                                text_.source.begin() + static_cast<ptrdiff_t>(begin),
                                text_.source.begin() + static_cast<ptrdiff_t>(end));
    }
  }
  // New bytes, which stand for the old bytes [begin, end); begin == end: for nothing, at that place.
  void put(std::string_view bytes, size_t begin, size_t end) {
    text_.spare_text += bytes;
    if (text_.aligned) text_.spare_source.insert(text_.spare_source.end(), bytes.size(), range(begin, end));
  }
  void drop_last(size_t bytes) {
    text_.spare_text.resize(text_.spare_text.size() - bytes);
    if (text_.aligned) text_.spare_source.resize(text_.spare_text.size());
  }
  void finish() {
    text_.text.swap(text_.spare_text);
    text_.source.swap(text_.spare_source);
  }

 private:
  SourceRange range(size_t begin, size_t end) const {
    if (begin < end) return text_.range(begin, end);
    if (begin < text_.source.size()) return {text_.source[begin].begin, text_.source[begin].begin};
    return {text_.source[begin - 1].end, text_.source[begin - 1].end};
  }

  AlignedText& text_;
};

}  // namespace aurora::tokenizer
