#include "aurora/corpus/read_bytes.h"

#include <unicode/ucnv.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "aurora/base/utf8.h"

namespace aurora::corpus {
namespace {

bool has_binary_signature(std::string_view bytes) {
  static constexpr std::string_view kSignatures[] = {"%PDF-",
                                                     "\x7f"
                                                     "ELF",
                                                     "\x89PNG",
                                                     "PK\x03\x04",
                                                     "\xff\xd8\xff",
                                                     "GIF8",
                                                     "BZh9",
                                                     "\xfd"
                                                     "7zXZ",
                                                     "\x89HDF",
                                                     "%!PS-Adobe",
                                                     "\xca\xfe\xba\xbe"};
  return std::any_of(std::begin(kSignatures), std::end(kSignatures),
                     [&](std::string_view signature) { return bytes.starts_with(signature); });
}

// Control characters other than tab, line ends, form feed, backspace and escape (terminal captures).
size_t count_controls(std::string_view bytes) {
  size_t count = 0;
  for (const unsigned char c : bytes) count += c < 7 || (c > 13 && c < 32 && c != 27) || c == 127;
  return count;
}

struct Mark {
  std::string_view bytes;
  const char* encoding;
};
// The UTF-32 marks come first: the little-endian one starts with that of UTF-16.
constexpr Mark kMarks[] = {{{"\xff\xfe\0\0", 4}, "utf-32le"},
                           {{"\0\0\xfe\xff", 4}, "utf-32be"},
                           {{"\xef\xbb\xbf", 3}, "utf-8"},
                           {{"\xff\xfe", 2}, "utf-16le"},
                           {{"\xfe\xff", 2}, "utf-16be"}};

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c += 32;
  return result;
}

// CR LF and lone CR become LF; NUL bytes go. In place.
size_t normalise_lines(std::string& text) {
  if (std::memchr(text.data(), '\r', text.size()) == nullptr &&
      std::memchr(text.data(), '\0', text.size()) == nullptr)
    return 0;
  size_t to = 0, nuls = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\0') {
      ++nuls;
    } else if (c == '\r') {
      if (i + 1 == text.size() || text[i + 1] != '\n') text[to++] = '\n';
    } else {
      text[to++] = c;
    }
  }
  text.resize(to);
  return nuls;
}

std::string decode_unmarked(std::string&& bytes, const EncodingGuess& guess, DecodedText& result) {
  result.encoding = "utf-8";
  if (is_valid_utf8(bytes)) return std::move(bytes);
  const std::string declared = lower(guess.declared);
  const bool says_utf8 = declared == "utf-8" || declared == "utf8";
  if (!declared.empty() && !says_utf8) {
    if (auto text = convert_to_utf8(bytes, declared, &result.invalid_bytes)) {
      result.encoding = declared;
      return std::move(*text);
    }
  }
  // Mostly UTF-8 with a few broken characters, or another encoding? Count what repairing would cost.
  size_t broken = 0;
  std::string repaired = repair_utf8(bytes, &broken);
  size_t high = 0;
  for (const unsigned char c : bytes) high += c >= 0x80;
  if (says_utf8 || broken * 8 < high) {
    result.invalid_bytes = broken;
    return repaired;
  }
  size_t invalid = 0;
  if (auto text = convert_to_utf8(bytes, std::string(guess.fallback), &invalid)) {
    result.encoding = guess.fallback;
    result.invalid_bytes = invalid;
    return std::move(*text);
  }
  result.invalid_bytes = broken;
  return repaired;
}

}  // namespace

RawDocument decoded_document(const char* format, const DecodedText& decoded, const ReadContext& context) {
  RawDocument document;
  document.source = context.source;
  auto& attributes = document.attributes;
  attributes.emplace_back("format", format);
  if (decoded.encoding != "utf-8") attributes.emplace_back("encoding", decoded.encoding);
  if (decoded.invalid_bytes > 0)
    attributes.emplace_back("invalid_bytes", std::to_string(decoded.invalid_bytes));
  if (decoded.nul_bytes > 0) attributes.emplace_back("nul_bytes", std::to_string(decoded.nul_bytes));
  return document;
}

std::optional<std::string> convert_to_utf8(std::string_view bytes, const std::string& encoding,
                                           size_t* invalid) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, void (*)(UConverter*)> converter(ucnv_open(encoding.c_str(), &status),
                                                                     ucnv_close);
  if (U_FAILURE(status)) return std::nullopt;
  std::string result;
  result.reserve(bytes.size() + bytes.size() / 2);
  UChar units[4096];
  const char* from = bytes.data();
  const char* const end = from + bytes.size();
  do {
    status = U_ZERO_ERROR;
    UChar* to = units;
    ucnv_toUnicode(converter.get(), &to, units + std::size(units), &from, end, nullptr, true, &status);
    icu::UnicodeString(false, units, static_cast<int32_t>(to - units)).toUTF8String(result);
  } while (status == U_BUFFER_OVERFLOW_ERROR);
  for (size_t at = result.find("\xef\xbf\xbd"); at != std::string::npos;
       at = result.find("\xef\xbf\xbd", at + 3))
    ++*invalid;
  return result;
}

std::optional<DecodedText> decode_text(std::string&& bytes, const EncodingGuess& guess,
                                       const ReadContext& context) {
  if (bytes.empty()) {
    context.problem("empty");
    return std::nullopt;
  }
  DecodedText result;
  const Mark* mark = std::find_if(std::begin(kMarks), std::end(kMarks),
                                  [&](const Mark& m) { return bytes.starts_with(m.bytes); });
  if (mark != std::end(kMarks) && mark->encoding != std::string_view("utf-8")) {
    result.encoding = mark->encoding;
    result.text = *convert_to_utf8(std::string_view(bytes).substr(mark->bytes.size()), mark->encoding,
                                   &result.invalid_bytes);
  } else {
    if (has_binary_signature(bytes) || count_controls(bytes) * 128 > bytes.size()) {
      context.problem("binary");
      return std::nullopt;
    }
    if (mark != std::end(kMarks)) bytes.erase(0, mark->bytes.size());
    result.text = decode_unmarked(std::move(bytes), guess, result);
  }
  if (result.invalid_bytes * 20 > result.text.size()) {
    context.problem("invalid_encoding",
                    std::to_string(result.invalid_bytes) + " undecodable parts as " + result.encoding);
    return std::nullopt;
  }
  result.nul_bytes = normalise_lines(result.text);
  return result;
}

}  // namespace aurora::corpus
