// From a file's bytes to UTF-8 text: byte order marks, declared and guessed encodings, line ends, NUL bytes,
// binary files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aurora/corpus/read_format.h"

namespace aurora::corpus {

struct DecodedText {
  std::string text;          // valid UTF-8, LF line ends, no NUL, no byte order mark
  std::string encoding;      // what it was decoded from, lower case ("utf-8", "iso-8859-1")
  size_t invalid_bytes = 0;  // undecodable parts that became U+FFFD
  size_t nul_bytes = 0;      // dropped
};

// A document of the file that was decoded: its source, and the attributes "format", "encoding" if it was not
// UTF-8, "invalid_bytes" and "nul_bytes" if there were any. Its text and title are still to come.
RawDocument decoded_document(const char* format, const DecodedText& decoded, const ReadContext& context);

struct EncodingGuess {
  std::string_view declared;                   // what the file itself names; "" if nothing
  std::string_view fallback = "windows-1252";  // when nothing is declared and the bytes are not UTF-8
};

// A mark at the start wins, then valid UTF-8, then what is declared (if it decodes), then the fallback.
// nullopt with one problem sent (empty, binary, invalid_encoding) if this is no text. A file is binary if it
// starts with a known signature or holds more than one control character in 128.
std::optional<DecodedText> decode_text(std::string&& bytes, const EncodingGuess& guess,
                                       const ReadContext& context);

// Reads a file of one document that needs nothing but its own text. Text is made of a string_view and has
// run(), the document's text, and title().
template <typename Text>
void read_markup(const char* format, std::string&& bytes, const ReadContext& context) {
  std::optional<DecodedText> decoded = decode_text(std::move(bytes), {}, context);
  if (!decoded) return;
  RawDocument document = decoded_document(format, *decoded, context);
  Text text(decoded->text);
  document.text = text.run();
  document.title = text.title();
  send_document(std::move(document), context);
}

// Converts with ICU; nullopt if the name of the encoding is unknown. invalid is increased.
std::optional<std::string> convert_to_utf8(std::string_view bytes, const std::string& encoding,
                                           size_t* invalid);

}  // namespace aurora::corpus
