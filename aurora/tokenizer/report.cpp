#include "aurora/tokenizer/report.h"

#include <algorithm>

#include "aurora/base/utf8.h"
#include "aurora/unicode/words.h"

namespace aurora::tokenizer {

void Reporter::add(std::string_view text) {
  spans_.clear();
  encoder_.encode_with_offsets(text, spans_, {});
  report_.bytes += text.size();
  for (size_t at = 0; at < text.size(); at += decode_utf8(text, at).bytes) ++report_.characters;
  count_tokens(text);
  count_words(text);
}

void Reporter::count_tokens(std::string_view text) {
  report_.tokens += spans_.size();
  for (const TokenSpan& span : spans_) {
    seen_[static_cast<size_t>(span.id)] = true;
    if (span.end - span.begin != 1) continue;
    ++report_.single_byte_tokens;
    report_.split_characters += static_cast<uint8_t>(text[span.begin]) >= 0x80;
  }
}

void Reporter::count_words(std::string_view text) {
  size_t next = 0;  // the first token that ends behind the last word's begin
  unicode::for_each_word(text, [&](size_t begin, size_t end) {
    while (next < spans_.size() && spans_[next].end <= begin) ++next;
    uint64_t tokens = 0;
    for (size_t i = next; i < spans_.size() && spans_[i].begin < end; ++i) ++tokens;
    ++report_.words;
    report_.word_tokens += tokens;
    Word& word = words_[std::string(text.substr(begin, end - begin))];
    ++word.count;
    word.tokens += tokens;
  });
}

TextReport Reporter::finish() {
  report_.distinct_tokens = static_cast<uint64_t>(std::count(seen_.begin(), seen_.end(), true));
  for (const auto& [text, word] : words_) {
    if (word.tokens > word.count) report_.wasteful.push_back({text, word.count, word.tokens});
  }
  const auto worse = [](const WastefulWord& a, const WastefulWord& b) {
    return a.waste() != b.waste() ? a.waste() > b.waste() : a.word < b.word;
  };
  const size_t kept = std::min(report_.wasteful.size(), kMostWasteful);
  std::partial_sort(report_.wasteful.begin(), report_.wasteful.begin() + static_cast<ptrdiff_t>(kept),
                    report_.wasteful.end(), worse);
  report_.wasteful.resize(kept);
  return std::move(report_);
}

}  // namespace aurora::tokenizer
