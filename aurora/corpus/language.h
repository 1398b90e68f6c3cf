// Which language a document is in, by CLD2 (Compact Language Detector 2, Sites 2013).
#pragma once

#include <string>
#include <string_view>

namespace aurora::corpus {

struct LanguageGuess {
  std::string code = "und";  // ISO 639 ("en", "zh-Hant" for traditional Chinese); "und": could not be told
  double confidence = 0;     // share of the text that is in this language, 0..1
  bool reliable = false;     // CLD2 is sure, or at least half of the text is in this language
};

// text: valid UTF-8. hint: a language code that the file's path or metadata gives, or ""; it tips the scales
// and decides where CLD2 is not sure. Of texts above 4 KiB, four slices of 1 KiB are looked at. Thread-safe.
LanguageGuess identify_language(std::string_view text, std::string_view hint = "");

}  // namespace aurora::corpus
