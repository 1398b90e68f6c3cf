#include "aurora/vocabulary/metaspace_words.h"

#include <string>

#include "aurora/base/utf8.h"

namespace aurora::vocabulary {

void count_metaspace_words(std::string_view text, uint64_t weight, WordLane& lane) {
  if (text.empty()) return;
  std::string repaired;
  if (!is_valid_utf8(text)) {
    repaired = repair_utf8(text);
    text = repaired;
  }
  std::string word;
  const auto end_word = [&] {
    if (!word.empty()) lane.add_word(word, weight, word.data() + word.size());
    word.clear();
  };
  if (!text.starts_with(' ') && !text.starts_with(kMetaspace)) word = kMetaspace;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ' ') {
      end_word();
      word = kMetaspace;
    } else if (text[at] == '\n') {
      end_word();
      word = '\n';
      end_word();
    } else {
      if (text.substr(at).starts_with(kMetaspace)) end_word();
      word += text[at];
    }
  }
  end_word();
}

}  // namespace aurora::vocabulary
