#include "aurora/corpus/clean.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "aurora/base/check.h"
#include "aurora/base/utf8.h"
#include "aurora/corpus/characters.h"

namespace aurora::corpus {
namespace {

bool is_ascii_only(std::string_view text) {
  return find_non_ascii(text, 0) == text.size();
}

// Format characters that mean nothing in a training text or only serve to deceive: soft hyphen, zero-width
// space and no-break space, word joiner, direction marks, embeddings and isolates, invisible operators,
// interlinear annotation, tag characters, and the code points that are no characters.
bool is_dropped(uint32_t c) {
  if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return c != '\t';
  return c == 0xAD || c == 0x061C || c == 0x180E || c == 0x200B || c == 0x200E || c == 0x200F ||
         (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xFDD0 && c <= 0xFDEF) || (c & 0xFFFE) == 0xFFFE ||
         (c >= 0xE0000 && c <= 0xE007F);
}

// Zero-width joiner and non-joiner shape Arabic, Indic scripts and emoji; behind Latin, Greek, Cyrillic or
// nothing they are dirt.
bool is_idle_joiner(uint32_t c, uint32_t previous) {
  return (c == 0x200C || c == 0x200D) && previous < 0x600;
}

// The second step of cleaning, one scan: appends characters and ends lines.
class Scanner {
 public:
  explicit Scanner(size_t size) { out_.reserve(size); }

  void append(std::string_view bytes, uint32_t last_character) {
    out_ += bytes;
    previous_ = last_character;
  }
  void end_line() {
    trim();
    previous_ = '\n';
    const bool blank_before = out_.size() >= 2 && out_.ends_with("\n\n");
    if (!out_.empty() && !blank_before) out_ += '\n';
  }
  std::string finish() {
    trim();
    while (out_.ends_with('\n')) out_.pop_back();
    return std::move(out_);
  }
  uint32_t previous() const { return previous_; }

 private:
  // Removes white space before the end of the line.
  void trim() {
    while (!out_.empty()) {
      size_t begin = out_.size() - 1;
      while (begin > 0 && (static_cast<unsigned char>(out_[begin]) & 0xC0) == 0x80) --begin;
      const uint32_t c = character_at(out_.data() + begin).code;
      if (c == '\n' || !is_space(c)) return;
      out_.resize(begin);
    }
  }

  std::string out_;
  uint32_t previous_ = 0;
};

// From `at` on, the first byte that is not ' ' .. '~', or the size. Eight bytes at a time: the top bit of a
// byte of `special` is set where the byte is below ' ', 0x7F or above; borrows and carries only spoil bytes
// behind it.
size_t find_special(std::string_view text, size_t at) {
  uint64_t eight;
  for (; at + 8 <= text.size(); at += 8) {
    std::memcpy(&eight, text.data() + at, 8);
    const uint64_t special =
        (eight | (eight - 0x2020202020202020) | (eight + 0x0101010101010101)) & 0x8080808080808080;
    if (special != 0) return at + static_cast<size_t>(std::countr_zero(special)) / 8;
  }
  while (at < text.size() && text[at] >= ' ' && text[at] <= '~') ++at;
  return at;
}

std::string scan(std::string_view text) {
  Scanner scanner(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t end = find_special(text, at);
    if (end > at) {
      scanner.append(text.substr(at, end - at), static_cast<unsigned char>(text[end - 1]));
      at = end;
      continue;
    }
    const Character character = character_at(text.data() + at);
    const uint32_t c = character.code;
    const std::string_view bytes = text.substr(at, character.bytes);
    at += character.bytes;
    if (c == '\r' && at < text.size() && text[at] == '\n') continue;
    if (c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == 0x85 || c == 0x2028) {
      scanner.end_line();
    } else if (c == 0x2029) {
      scanner.end_line();
      scanner.end_line();
    } else if (!is_dropped(c) && !is_idle_joiner(c, scanner.previous())) {
      scanner.append(bytes, c);
    }
  }
  return scanner.finish();
}

// Returns whether anything changed.
bool normalise(std::string& text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  AURORA_CHECK(U_SUCCESS(status), "ICU has no NFC data: {}", u_errorName(status));
  if (is_ascii_only(text) || nfc->isNormalizedUTF8(text, status)) return false;
  std::string out;
  out.reserve(text.size());
  icu::StringByteSink<std::string> sink(&out);
  nfc->normalizeUTF8(0, text, sink, nullptr, status);
  AURORA_CHECK(U_SUCCESS(status), "NFC: {}", u_errorName(status));
  text = std::move(out);
  return true;
}

// Windows-1252's bytes 0x80..0x9F; 0 where the code page has none (there the byte is a C1 control).
constexpr std::array<uint16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

// The byte that was misread as `c`, or -1.
int misread_byte(uint32_t c) {
  if (c >= 0x80 && c <= 0xFF) return static_cast<int>(c);
  const auto found = std::find(kWindows1252.begin(), kWindows1252.end(), c);
  return found == kWindows1252.end() || c == 0 ? -1 : 0x80 + static_cast<int>(found - kWindows1252.begin());
}

// Appends the text that `bytes` (all above 0x7F) stand for and counts evidence; false if they are not UTF-8
// of common characters. Leads 0xC6..0xCB are left out: their rare results (U+0180..U+02FF) are how a capital
// with an accent and a closing quotation mark look.
bool append_mended(std::string& out, std::string_view bytes, int& evidence) {
  for (size_t at = 0; at < bytes.size();) {
    const Decoded decoded = decode_utf8(bytes, at);
    const auto lead = static_cast<unsigned char>(bytes[at]);
    if (!decoded.valid || (lead >= 0xC6 && lead <= 0xCB)) return false;
    evidence += static_cast<int>(decoded.bytes) - 1;
    out.append(bytes, at, decoded.bytes);
    at += decoded.bytes;
  }
  return true;
}

}  // namespace

bool mend_mojibake(std::string& text) {
  std::string out;
  std::string bytes;
  int evidence = 0;
  for (size_t at = 0; at < text.size();) {
    size_t end = find_non_ascii(text, at);
    out.append(text, at, end - at);
    bytes.clear();
    while (end < text.size() && static_cast<signed char>(text[end]) < 0) {
      const Character character = character_at(text.data() + end);
      const int byte = misread_byte(character.code);
      if (byte < 0) return false;  // the usual way out: the first honest character outside Windows-1252
      bytes += static_cast<char>(byte);
      end += character.bytes;
    }
    if (!append_mended(out, bytes, evidence)) return false;
    at = end;
  }
  if (evidence < 2) return false;
  text = std::move(out);
  return true;
}

Cleaned clean(std::string_view text) {
  Cleaned cleaned;
  if (is_valid_utf8(text)) {
    cleaned.text = text;
  } else {
    size_t replaced = 0;
    cleaned.text = repair_utf8(text, &replaced);
    cleaned.replaced = static_cast<int64_t>(replaced);
  }
  while (mend_mojibake(cleaned.text)) cleaned.mojibake = true;
  // Mending and normalising may uncover more to do (a mended byte-order mark, a joiner whose neighbour
  // changed); each round after the first shortens the text or leaves it as it is.
  for (bool again = true; again;) {
    cleaned.text = scan(cleaned.text);
    again = normalise(cleaned.text);
    if (mend_mojibake(cleaned.text)) again = cleaned.mojibake = true;
  }
  return cleaned;
}

}  // namespace aurora::corpus
