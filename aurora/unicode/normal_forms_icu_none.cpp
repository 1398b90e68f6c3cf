// The build without ICU: ASCII has every normal form; other text is refused.
#include <algorithm>

#include "aurora/base/error.h"
#include "aurora/unicode/normal_forms.h"

namespace aurora::unicode {
namespace {

void require_ascii(uint32_t code_point) {
  if (code_point < 0x80) return;
  throw Error("normal forms and classes of characters need ICU, which this build leaves out", "",
              "build with the preset `release`, or use a tokenizer without a normalizer");
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
}

}  // namespace

bool surely_normal(NormalForm, std::string_view text) {
  return is_ascii(text);
}

void normalize(NormalForm, std::string_view text, std::string& out, std::vector<Change>*) {
  if (!is_ascii(text)) require_ascii(0x80);
  out += text;
}

size_t cluster_end(std::string_view text, size_t at) {
  require_ascii(static_cast<uint8_t>(text[at]));
  const bool line_end = text.substr(at, 2) == "\r\n";
  const size_t end = at + (line_end ? 2 : 1);
  if (end < text.size()) require_ascii(static_cast<uint8_t>(text[end]));
  return end;
}

bool joins_clusters(uint32_t code_point) {
  return code_point == '\r' || code_point >= 0x80;
}

bool is_word_character(uint32_t code_point) {
  require_ascii(code_point);
  const auto between = [&](char low, char high) {
    return code_point >= static_cast<uint32_t>(low) && code_point <= static_cast<uint32_t>(high);
  };
  return between('a', 'z') || between('A', 'Z') || between('0', '9') || code_point == '_';
}

void append_lowercase(std::string& out, uint32_t code_point) {
  require_ascii(code_point);
  const bool upper = code_point >= 'A' && code_point <= 'Z';
  out += static_cast<char>(upper ? code_point + ('a' - 'A') : code_point);
}

}  // namespace aurora::unicode
