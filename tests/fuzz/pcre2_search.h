// PCRE2 as the judge of what our regular expressions make: ECMA-262's meaning as far as PCRE2 has it.
#pragma once

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <string>

namespace aurora::fuzz {

enum class Verdict { kMatches, kDoesNot, kUnknown };

// Unknown: PCRE2 reads the expression otherwise than ECMA-262 does, or not at all, or takes too long.
inline Verdict pcre2_verdict(const std::string& regex, const std::string& text, bool whole) {
  if (regex.find("\\p") != std::string::npos || regex.find("\\P") != std::string::npos)
    return Verdict::kUnknown;
  // PCRE2 lets an empty class fail even where it is repeated no times.
  if (regex.find("[]") != std::string::npos) return Verdict::kUnknown;
  // White space beyond ASCII is \s for ECMA-262 only.
  for (const char* space :
       {"\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80", "\xe2\x81\x9f", "\xe3\x80\x80", "\xef\xbb\xbf"}) {
    if (text.find(space) != std::string::npos) return Verdict::kUnknown;
  }
  pcre2_compile_context* const settings = pcre2_compile_context_create(nullptr);
  pcre2_set_compile_extra_options(settings, PCRE2_EXTRA_ALT_BSUX);
  int error = 0;
  PCRE2_SIZE offset = 0;
  const uint32_t options = PCRE2_UTF | PCRE2_ALT_BSUX | PCRE2_DOLLAR_ENDONLY | PCRE2_ALLOW_EMPTY_CLASS |
                           (whole ? PCRE2_ANCHORED | PCRE2_ENDANCHORED : 0);
  pcre2_code* const code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(regex.data()), regex.size(), options,
                                         &error, &offset, settings);
  pcre2_compile_context_free(settings);
  if (code == nullptr) return Verdict::kUnknown;
  pcre2_match_data* const match = pcre2_match_data_create_from_pattern(code, nullptr);
  pcre2_match_context* const limits = pcre2_match_context_create(nullptr);
  pcre2_set_match_limit(limits, 100000);
  const int found =
      pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0, match, limits);
  pcre2_match_context_free(limits);
  pcre2_match_data_free(match);
  pcre2_code_free(code);
  if (found >= 0) return Verdict::kMatches;
  return found == PCRE2_ERROR_NOMATCH ? Verdict::kDoesNot : Verdict::kUnknown;
}

}  // namespace aurora::fuzz
