#include "aurora/corpus/extract_latex_symbols.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <unordered_map>

#include "aurora/base/utf8.h"

namespace aurora::corpus {
namespace {

struct Symbol {
  std::string_view command;
  const char* text;
};
// clang-format off
constexpr Symbol kSymbols[] = {
    {"&", "&"}, {"%", "%"}, {"$", "$"}, {"#", "#"}, {"_", "_"}, {"{", "{"}, {"}", "}"}, {" ", " "},
    {"\n", " "}, {"\t", " "}, {",", " "}, {";", " "}, {":", " "}, {"!", ""}, {"-", ""}, {"/", ""},
    {"@", ""}, {"quad", " "}, {"qquad", " "}, {"ldots", "…"}, {"dots", "…"}, {"textellipsis", "…"},
    {"ss", "ß"}, {"SS", "SS"}, {"ae", "æ"}, {"AE", "Æ"}, {"oe", "œ"}, {"OE", "Œ"}, {"o", "ø"}, {"O", "Ø"},
    {"l", "ł"}, {"L", "Ł"}, {"aa", "å"}, {"AA", "Å"}, {"i", "ı"}, {"j", "ȷ"}, {"dh", "ð"}, {"th", "þ"},
    {"S", "§"}, {"P", "¶"}, {"copyright", "©"}, {"pounds", "£"}, {"dag", "†"}, {"ddag", "‡"},
    {"textdagger", "†"}, {"degree", "°"}, {"textdegree", "°"}, {"euro", "€"}, {"texteuro", "€"},
    {"textbackslash", "\\"}, {"textasciitilde", "~"}, {"textasciicircum", "^"}, {"textless", "<"},
    {"textgreater", ">"}, {"textbar", "|"}, {"textemdash", "—"}, {"textendash", "–"},
    {"guillemotleft", "«"}, {"guillemotright", "»"}, {"og", "« "}, {"fg", " »"}, {"textquoteleft", "‘"},
    {"textquoteright", "’"}, {"textquotedblleft", "“"}, {"textquotedblright", "”"}, {"lq", "‘"},
    {"rq", "’"}, {"glqq", "„"}, {"grqq", "“"}, {"frqq", "»"}, {"flqq", "«"}, {"textmu", "µ"},
    {"micro", "µ"}, {"textregistered", "®"}, {"texttrademark", "™"}, {"textbullet", "•"}, {"TeX", "TeX"},
    {"LaTeX", "LaTeX"}, {"LaTeXe", "LaTeX2e"}, {"BibTeX", "BibTeX"}, {"textpm", "±"}, {"texttimes", "×"},
    {"textonehalf", "½"}, {"textquotesingle", "'"}, {"textquotedbl", "\""}, {"textunderscore", "_"},
    {"slash", "/"}, {"textperthousand", "‰"}, {"textordfeminine", "ª"}, {"textordmasculine", "º"},
    {"textexclamdown", "¡"}, {"textquestiondown", "¿"}, {"nobreakspace", " "}, {"space", " "},
    {"enspace", " "}, {"thinspace", " "}, {"lbrack", "["}, {"rbrack", "]"}, {"textvisiblespace", "␣"},
    {"today", ""}, {"cdots", "⋯"},
};
// clang-format on

const std::unordered_map<std::string_view, const char*>& symbols() {
  static const auto kMap = [] {
    std::unordered_map<std::string_view, const char*> map;
    for (const Symbol& symbol : kSymbols) map.emplace(symbol.command, symbol.text);
    return map;
  }();
  return kMap;
}

constexpr std::string_view kAccents = "'`^\"~=.uvHcdbrk";

uint32_t combining_mark(char accent) {
  switch (accent) {
    case '\'':
      return 0x301;
    case '`':
      return 0x300;
    case '^':
      return 0x302;
    case '"':
      return 0x308;
    case '~':
      return 0x303;
    case '=':
      return 0x304;
    case '.':
      return 0x307;
    case 'u':
      return 0x306;
    case 'v':
      return 0x30c;
    case 'H':
      return 0x30b;
    case 'c':
      return 0x327;
    case 'd':
      return 0x323;
    case 'b':
      return 0x331;
    case 'r':
      return 0x30a;
    default:
      return 0x328;
  }
}

}  // namespace

const char* latex_symbol(std::string_view command) {
  const auto found = symbols().find(command);
  return found == symbols().end() ? nullptr : found->second;
}

bool is_latex_accent(std::string_view command) {
  return command.size() == 1 && kAccents.find(command[0]) != std::string_view::npos;
}

std::string with_latex_accent(std::string_view command, std::string_view base) {
  if (base.empty()) return {};
  if (base == "\\i" || base == "ı") base = "i";
  if (base == "\\j" || base == "ȷ") base = "j";
  const size_t first = std::max<uint32_t>(1, decode_utf8(base, 0).bytes);
  std::string letter(base.substr(0, first));
  append_utf8(letter, combining_mark(command[0]));
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
  std::string composed;
  if (U_SUCCESS(status)) nfc->normalize(icu::UnicodeString::fromUTF8(letter), status).toUTF8String(composed);
  return (U_SUCCESS(status) ? composed : letter) + std::string(base.substr(first));
}

}  // namespace aurora::corpus
