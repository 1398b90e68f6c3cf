// What the tests of the SIMD scanners share: the schemes that have them, and characters that between them
// meet every rule of every scheme.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/pretokenize/simd_cuts.h"

namespace aurora::pretokenize {

struct SimdScheme {
  const char* name;
  CutFunction SimdCuts::*cut;
};
constexpr SimdScheme kSimdSchemes[] = {
    {"gpt2", &SimdCuts::gpt2},     {"smollm", &SimdCuts::smollm}, {"cl100k", &SimdCuts::cl100k},
    {"llama3", &SimdCuts::llama3}, {"qwen2", &SimdCuts::qwen2},   {"qwen3.5", &SimdCuts::qwen3_5},
    {"o200k", &SimdCuts::o200k},   {"tekken", &SimdCuts::tekken}, {"deepseek-v3", &SimdCuts::deepseek_v3},
};

constexpr std::string_view kFewSymbols[] = {"a",  "s", "S", "'", " ",      "\n",
                                            "\t", "/", "!", "1", "\u0301", "\u8a9e"};
constexpr std::string_view kManySymbols[] = {
    "a",          "s",
    "L",          "l",
    "r",          "e",
    "E",          "'",
    " ",          "\n",
    "\r",         "\t",
    "/",          "!",
    "1",          "23",
    "\u00e9",      // Ll, two bytes
    "\u0410",      // Lu
    "\u01c5",      // Lt
    "\u02b0",      // Lm
    "\u8a9e",      // Lo, three bytes
    "\U00020000",  // Lo, four bytes
    "\U0001d400",  // Lu, four bytes
    "\u0301",      // M
    "\ufe0f",      // M, three bytes
    "\u017f",      // folds to s
    "\u00b2",      // No
    "\uff11",      // Nd, three bytes
    "\U0001d7ce",  // Nd, four bytes
    "\U00011de0",  // a number to Digits only
    "\u00a0",      // a space of two bytes
    "\u3000",      // of three
    "\u0085",
    "\u3002",      // P
    "\U0001f600",  // S
    "\xff",        // broken in every way
    "\x80",       "\xe3",
    "\xe3\x81",   "\xed\xa0\x80",
    "\xc1\xbf",   "\xf0\x9f\x98",
};

// All ends, asked for `at_once` at a time.
inline std::vector<uint32_t> all_ends(CutFunction cut, std::string_view text, size_t at_once) {
  std::vector<uint32_t> ends;
  std::vector<uint32_t> some(at_once);
  for (size_t at = 0; at < text.size(); at = ends.back()) {
    const size_t count = cut(text, at, some);
    if (count == 0) break;
    ends.insert(ends.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return ends;
}

// Every string of `length` symbols, one after another; visit(string).
template <class Visit>
void each_string(std::span<const std::string_view> symbols, int length, const Visit& visit,
                 const std::string& before = {}) {
  if (length == 0) return visit(before);
  for (const std::string_view symbol : symbols) {
    each_string(symbols, length - 1, visit, before + std::string(symbol));
  }
}

// Empty if all sets of scanners cut the text as the scheme's reference does, else what is wrong.
inline std::string disagreement(const SimdScheme& scheme, std::string_view text, size_t at_once) {
  const std::vector<uint32_t> wanted = all_ends(find_scheme(scheme.name)->cut_reference, text, 1024);
  for (const SimdCuts* set : simd_cuts()) {
    const std::vector<uint32_t> found = all_ends(set->*scheme.cut, text, at_once);
    if (found == wanted) continue;
    const auto [at, other] = std::mismatch(found.begin(), found.end(), wanted.begin(), wanted.end());
    std::string bytes;
    const size_t from = at == found.begin() ? 0 : *(at - 1);
    for (size_t i = from; i < std::min(from + 24, text.size()); ++i) {
      bytes += fmt::format(" {:02x}", static_cast<uint8_t>(text[i]));
    }
    return fmt::format("{} with {}, {} at once: word {} of {} bytes should end at {}, ends at {}; from {}:{}",
                       scheme.name, set->instructions, at_once, at - found.begin(), text.size(),
                       other == wanted.end() ? 0 : *other, at == found.end() ? 0 : *at, from, bytes);
  }
  return {};
}

}  // namespace aurora::pretokenize
