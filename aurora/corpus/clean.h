// Cleaning: any bytes in, tidy UTF-8 out. Exact rules: docs/formats/filters.md, "Cleaning".
//
// In order: invalid UTF-8 becomes U+FFFD; mojibake (UTF-8 once read as Windows-1252 or Latin-1) is mended
// where it is certain; line ends become \n; control, zero-width, soft-hyphen, direction and non-characters
// go; NFC (Unicode 15, ICU); no trailing white space, at most one blank line in a row, none at either end.
// Idempotent: clean(clean(x).text).text == clean(x).text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aurora::corpus {

struct Cleaned {
  std::string text;
  int64_t replaced = 0;   // invalid parts that became U+FFFD here
  bool mojibake = false;  // the text was mended
};

// Thread-safe. Linear in the text's size.
Cleaned clean(std::string_view text);

// Mends `text` (valid UTF-8) in place if it is mojibake beyond doubt: every run of characters above U+007F
// turns back into valid UTF-8 of common characters when written as Windows-1252, and there is more than one
// such character, or a longer one. Returns whether it did.
bool mend_mojibake(std::string& text);

}  // namespace aurora::corpus
