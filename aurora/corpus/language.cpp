#include "aurora/corpus/language.h"

// CLD2's header uses FILE without including it.
#include <cstdio>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#include <algorithm>

namespace aurora::corpus {
namespace {

constexpr size_t kSliceBytes = 1024;
constexpr size_t kSlices = 4;

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// kSlices evenly spaced slices, cut at characters.
std::string sample(std::string_view text) {
  std::string slices;
  for (size_t i = 0; i < kSlices; ++i) {
    size_t begin = (text.size() - kSliceBytes) / (kSlices - 1) * i;
    size_t end = begin + kSliceBytes;
    while (begin < text.size() && continues_character(text[begin])) ++begin;
    while (end < text.size() && continues_character(text[end])) ++end;
    slices.append(text, begin, end - begin);
    slices += '\n';
  }
  return slices;
}

std::string iso_code(CLD2::Language language) {
  const std::string code = CLD2::LanguageCode(language);
  if (code == "un" || language == CLD2::UNKNOWN_LANGUAGE) return "und";
  if (code == "iw") return "he";
  return code;
}

}  // namespace

LanguageGuess identify_language(std::string_view text, std::string_view hint) {
  std::string slices;
  if (text.size() > kSliceBytes * kSlices) text = slices = sample(text);

  CLD2::CLDHints hints = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
  if (!hint.empty()) hints.language_hint = CLD2::GetLanguageFromName(std::string(hint).c_str());
  CLD2::Language languages[3];
  int percents[3];
  double scores[3];
  int text_bytes = 0;
  int valid_bytes = 0;
  bool reliable = false;
  CLD2::ExtDetectLanguageSummaryCheckUTF8(text.data(), static_cast<int>(text.size()), /*is_plain_text=*/true,
                                          &hints, /*flags=*/0, languages, percents, scores, nullptr,
                                          &text_bytes, &reliable, &valid_bytes);
  LanguageGuess guess;
  guess.code = iso_code(languages[0]);
  guess.confidence = guess.code == "und" ? 0 : percents[0] / 100.0;
  // CLD2 calls most technical texts unsure, for the commands and names among their words.
  guess.reliable = guess.code != "und" && (reliable || guess.confidence >= 0.5);
  if (!guess.reliable) {
    guess.code = hint.empty() ? "und" : std::string(hint);
    guess.confidence = 0;
    for (int i = 0; i < 3; ++i) {
      if (iso_code(languages[i]) == guess.code) guess.confidence = percents[i] / 100.0;
    }
  }
  return guess;
}

}  // namespace aurora::corpus
