#include "aurora/unicode/classes.h"

#include <iterator>

#include "aurora/base/utf8.h"

namespace aurora::unicode {
namespace {

constexpr uint32_t kRanges[] = {
#include "aurora/unicode/classes.inc"
};
constexpr uint32_t kCodePoints = 0x110000;
constexpr size_t kClasses = 16;

constexpr ClassTable make_table() {
  ClassTable table{};
  for (size_t kind = 0; kind < kClasses; ++kind) table.pages[kind].fill(static_cast<Class>(kind));
  size_t range = 0;
  size_t pages = kClasses;
  const auto range_end = [](size_t i) {
    return i + 1 < std::size(kRanges) ? kRanges[i + 1] >> 4 : kCodePoints;
  };
  for (uint32_t page = 0; page < ClassTable::kPageCount; ++page) {
    const uint32_t begin = page << 6;
    while (range_end(range) <= begin) ++range;
    if (range_end(range) >= begin + 64) {
      table.page_of[page] = static_cast<uint16_t>(kRanges[range] & 15);
      continue;
    }
    for (uint32_t i = 0; i < 64; ++i) {
      while (range_end(range) <= begin + i) ++range;
      table.pages[pages][i] = static_cast<Class>(kRanges[range] & 15);
    }
    table.page_of[page] = static_cast<uint16_t>(pages++);
  }
  return table;
}

constexpr std::array<Class, 128> make_ascii(const ClassTable& table) {
  std::array<Class, 128> classes{};
  for (size_t c = 0; c < 128; ++c) classes[c] = table.pages[table.page_of[c >> 6]][c & 63];
  return classes;
}

}  // namespace

constexpr ClassTable kClassTable = make_table();
constexpr std::array<Class, 128> kAsciiClasses = make_ascii(kClassTable);

Char read_rare(std::string_view text, size_t at) {
  const Decoded decoded = decode_utf8(text, at);
  if (!decoded.valid) return {0xfffd, Class::kOther, 1};
  return {decoded.code_point, of(decoded.code_point), static_cast<uint8_t>(decoded.bytes)};
}

}  // namespace aurora::unicode
