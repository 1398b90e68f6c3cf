// Prints aurora/unicode/unicode_classes.inc from ICU's character data:
//   g++ -std=c++20 tools/make_unicode_classes.cpp -licuuc -o /tmp/m && /tmp/m > aurora/unicode/unicode_classes.inc
// The table is kept in the repository because a tokenizer must not change with the ICU it is built with.
#include <unicode/uchar.h>

#include <cstdio>

int main() {
  std::printf("// Unicode %s: each number is first code point << 2 | class (0 other, 1 letter, 2 number, 3 space) and\n"
              "// holds up to the next one. Made by tools/make_unicode_classes.cpp.\n// clang-format off\n",
              U_UNICODE_VERSION);
  unsigned last = ~0u;
  int column = 0;
  for (unsigned c = 0; c <= 0x10ffff; ++c) {
    unsigned mask = U_GET_GC_MASK(static_cast<UChar32>(c));
    unsigned kind = u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_WHITE_SPACE) ? 3
                    : mask & U_GC_L_MASK                                            ? 1
                    : mask & U_GC_N_MASK                                            ? 2
                                                                                    : 0;
    if (kind == last) continue;
    last = kind;
    std::printf("0x%x,%s", c << 2 | kind, ++column % 13 == 0 ? "\n" : "");
  }
  std::printf("\n// clang-format on\n");
}
