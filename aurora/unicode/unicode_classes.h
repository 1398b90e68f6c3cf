// The four classes of characters that pre-tokenization tells apart (Unicode 15.0, own table).
#pragma once

#include <cstdint>
#include <vector>

namespace aurora::unicode {

enum class CharClass : uint8_t {
  kOther = 0,
  kLetter = 1,  // \p{L}
  kNumber = 2,  // \p{N}
  kSpace = 3,   // White_Space
};

// A two-level table: 256 characters to a page, equal pages shared.
class UnicodeClasses {
 public:
  static const UnicodeClasses& table();
  CharClass of(uint32_t code_point) const {
    return pages_[uint32_t{page_of_[code_point >> 8]} << 8 | (code_point & 0xff)];
  }

 private:
  UnicodeClasses();
  std::vector<uint16_t> page_of_;
  std::vector<CharClass> pages_;
};

}  // namespace aurora::unicode
