#include "aurora/tokenizer/random_text.h"

#include <algorithm>
#include <iterator>

#include "aurora/base/random.h"
#include "aurora/base/utf8.h"

namespace aurora::tokenizer {
namespace {

// Draws numbers one after another for one string.
class Dice {
 public:
  Dice(uint64_t seed, uint64_t number) : key_(random_key(seed, Purpose::kTest, {number})) {}
  uint64_t below(uint64_t bound) { return random_below(next_++, key_, bound); }
  template <size_t N>
  const char* pick(const char* const (&choices)[N]) {
    return choices[below(N)];
  }

 private:
  RandomKey key_;
  uint64_t next_ = 0;
};

constexpr const char* kWords[] = {"the",
                                  "Hello",
                                  "WORLD",
                                  "iPhone",
                                  "don't",
                                  "I'll",
                                  "na\u00efve",
                                  "Stra\u00dfe",
                                  "x86",
                                  "HTTPServer",
                                  "snake_case",
                                  "\u00c9t\u00e9",
                                  "a",
                                  "I",
                                  "GmbH",
                                  "\\alpha",
                                  "https://",
                                  "0x1F",
                                  "e.g.",
                                  "\u03b1\u03b2\u03b3",
                                  "\u041f\u0440\u0438\u0432\u0435\u0442"};
constexpr const char* kSpaces[] = {" ",      " ",      "  ",     "\n",  "\n\n",   "\r\n",   "\t",
                                   "\r",     "\v",     "\f",     "   ", "\u00a0", "\u3000", "\u2003",
                                   "\u0085", "\u2028", "\u1680", " \n", "\n ",    "\t\t",   "\u200b"};
constexpr const char* kContractions[] = {"'s",  "'S",  "'t",  "'re", "'RE",     "'vE",     "'m",
                                         "'ll", "'LL", "'d",  "'D",  "\u2019s", "'\u017f", "'\u017fx",
                                         "'l",  "'r",  "''s", "'",   " 's"};
constexpr const char* kMarks[] = {
    "!", "?", ".", ",",  "...", "--", "/",      "//",     "\"",     "(",      ")",      "{}",     "[",
    "]", "#", "$", "%",  "&",   "*",  "+",      "=",      "<",      ">",      "@",      "^",      "_",
    "`", "|", "~", "\\", ":",   ";",  "\u3002", "\u3001", "\u300c", "\u2014", "\u2026", "\u00ab", "\u20ac"};
constexpr const char* kEmoji[] = {"\U0001f600",           "\U0001f468\u200d\U0001f469\u200d\U0001f467",
                                  "\U0001f44d\U0001f3fd", "\u2764\ufe0f",
                                  "\U0001f1ef\U0001f1f5", "1\ufe0f\u20e3"};
constexpr const char* kSpecials[] = {
    "<|endoftext|>", "<|im_start|>", "<|fim_prefix|>", "<s>",    "</s>", "<unk>",
    "<0x0A>",        "\u2581",       "\u2581\u2581",   "\u0120", "<|",   "|>",
    "<|endoftext",   "[INST]",       "<pad>"};
constexpr const char* kNumbers[] = {"\u00b2", "\u2167", "\u0663", "\u00bd", "\uff13", "\u0967", "\u3007"};
constexpr const char* kBroken[] = {
    "\xff",        "\xfe", "\x80",         "\xbf",         "\xc0\x80",         "\xc3",
    "\xe3\x81",    "\xe3", "\xf0\x9f\x98", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xf4\x90\x80\x80",
    "\xe0\x80\x80"};

void append_letters(std::string& out, Dice& dice) {
  const uint64_t length = 1 + dice.below(10);
  const bool upper = dice.below(4) == 0;
  for (uint64_t i = 0; i < length; ++i) {
    const char base = upper || (i == 0 && dice.below(4) == 0) ? 'A' : 'a';
    out += static_cast<char>(base + static_cast<char>(dice.below(26)));
  }
}

void append_digits(std::string& out, Dice& dice) {
  const uint64_t length = 1 + dice.below(8);
  for (uint64_t i = 0; i < length; ++i) out += static_cast<char>('0' + dice.below(10));
}

// Any code point; most from the planes that are in use.
uint32_t any_code_point(Dice& dice, uint32_t last) {
  constexpr uint32_t kEnds[] = {0x80, 0x800, 0x3000, 0x10000, 0x20000, 0x32000, 0x110000};
  const uint32_t end = std::min(kEnds[dice.below(std::size(kEnds))], last + 1);
  return static_cast<uint32_t>(dice.below(end));
}

// Neighbours of one block, as a word of some script has them.
void append_script(std::string& out, Dice& dice, uint32_t last) {
  const uint32_t block = any_code_point(dice, last) & ~0x3fu;
  const uint64_t length = 1 + dice.below(8);
  for (uint64_t i = 0; i < length; ++i)
    append_utf8(out, std::min(block + static_cast<uint32_t>(dice.below(64)), last));
}

void append_japanese(std::string& out, Dice& dice) {
  const uint64_t length = 1 + dice.below(12);
  for (uint64_t i = 0; i < length; ++i) {
    const uint64_t kind = dice.below(8);
    append_utf8(out, static_cast<uint32_t>(kind < 4   ? 0x3041 + dice.below(86)
                                           : kind < 6 ? 0x30a1 + dice.below(90)
                                                      : 0x4e00 + dice.below(0x51a6)));
  }
}

void append_run(std::string& out, Dice& dice, uint32_t last) {
  std::string unit;
  switch (dice.below(5)) {
    case 0:
      unit = dice.pick(kSpaces);
      break;
    case 1:
      unit = dice.pick(kMarks);
      break;
    case 2:
      unit = dice.pick(kEmoji);
      break;
    case 3:
      append_digits(unit, dice);
      break;
    default:
      append_utf8(unit, any_code_point(dice, last));
      break;
  }
  const uint64_t length = dice.below(64) == 0 ? 1 + dice.below(1200) : 1 + dice.below(40);
  for (uint64_t i = 0; i < length; ++i) out += unit;
}

void append_broken(std::string& out, Dice& dice) {
  if (dice.below(2) == 0) {
    out += dice.pick(kBroken);
    return;
  }
  const uint64_t length = 1 + dice.below(4);
  for (uint64_t i = 0; i < length; ++i) out += static_cast<char>(128 + dice.below(128));
}

}  // namespace

std::string random_text(uint64_t seed, uint64_t number, const RandomTextSettings& settings) {
  Dice dice(seed, number);
  const uint32_t last = settings.last_code_point;
  const bool broken = settings.broken_utf8 && dice.below(4) == 0;
  const uint64_t pieces = 1 + dice.below(settings.most_pieces);
  std::string out;
  for (uint64_t i = 0; i < pieces; ++i) {
    switch (dice.below(broken ? 16 : 15)) {
      case 0:
      case 1:
        append_letters(out, dice);
        break;
      case 2:
        out += dice.pick(kWords);
        break;
      case 3:
      case 4:
      case 5:
        out += dice.pick(kSpaces);
        break;
      case 6:
        append_digits(out, dice);
        break;
      case 7:
        out += dice.pick(kContractions);
        break;
      case 8:
        out += dice.pick(kMarks);
        break;
      case 9:
        append_script(out, dice, last);
        break;
      case 10:
        append_utf8(out, any_code_point(dice, last));
        break;
      case 11:
        append_japanese(out, dice);
        break;
      case 12:
        dice.below(8) == 0 ? append_run(out, dice, last) : static_cast<void>(out += dice.pick(kMarks));
        break;
      case 13:
        out += dice.below(2) == 0 ? dice.pick(kEmoji) : dice.pick(kNumbers);
        break;
      case 14:
        dice.below(4) == 0 ? static_cast<void>(out += dice.pick(kSpecials)) : append_letters(out, dice);
        break;
      default:
        append_broken(out, dice);
        break;
    }
  }
  return out;
}

}  // namespace aurora::tokenizer
