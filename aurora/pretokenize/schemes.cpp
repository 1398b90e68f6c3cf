// Every scheme, with the spellings of its regex that files are known to have.
#include <algorithm>

#include "aurora/pretokenize/deepseek.h"
#include "aurora/pretokenize/scheme.h"
#include "aurora/pretokenize/simd_cuts.h"
#include "aurora/pretokenize/step_scanners.h"

namespace aurora::pretokenize {
namespace {

struct Numeric {
  static bool holds(const Char& c) { return is_numeric(c); }
};
struct LineEnd {
  static bool holds(const Char& c) { return c.kind == Class::kLineEnd; }
};
struct DeepseekCjk {
  static bool holds(const Char& c) { return is_deepseek_cjk(c.code_point); }
};
struct DeepseekV3Cjk {
  static bool holds(const Char& c) { return is_deepseek_v3_cjk(c.code_point); }
};
template <class Policy>
struct LettersOf {
  static bool holds(const Char& c) { return Policy::letter(c); }
};
template <class Policy>
struct SymbolsOf {
  static bool holds(const Char& c) { return Policy::symbol(c); }
};

constexpr std::string_view kDeepseekLlmLettersRegex =
    "\\s?[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-"
    "\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481"
    "\u048a-\u052f\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-"
    "\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57"
    "\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3"
    "\u1fd6-\u1fdb\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124"
    "\u2126\u2128\u212a-\u212d\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b"
    "\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-"
    "\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\U00010400-\U0001044f\U000104b0-"
    "\U000104d3\U000104d8-\U000104fb\U00010c80-\U00010cb2\U00010cc0-\U00010cf2\U000118a0-\U000118df"
    "\U0001e900-\U0001e943]+";

template <class Scanner>
Scheme scheme(const char* name, std::vector<std::string_view> regexes,
              std::vector<std::string_view> steps = {}) {
  return {name, std::move(regexes), &cut_with<Scanner>, &cut_with<Scanner>, std::move(steps)};
}

std::vector<Scheme> whole_patterns() {
  return {
      // OpenAI's GPT-2, ByteLevel of HF tokenizers; tiktoken's r50k_base and p50k_base.
      scheme<WordScanner<kGpt2>>(
          "gpt2", {R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
                   R"('s|'t|'re|'ve|'m|'ll|'d| ?[\p{L}]+| ?[\p{N}]+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
                   R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
                   R"('(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s)"}),
      // GPT-4 as tiktoken has it since 0.8. tiktoken writes \p{N}{1,3}+, which is possessive in Rust but any
      // number of threes in Oniguruma, so that spelling is not here.
      scheme<WordScanner<kCl100k>>(
          "cl100k",
          {R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|)"
           R"(\s*[\r\n]|\s+(?!\S)|\s)"}),
      scheme<WordScanner<kO200k>>(
          "o200k",
          {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
           R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
           R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
           R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}),
      // Llama 3 and who followed it; the second is GPT-4's in tiktoken before 0.8.
      scheme<WordScanner<kLlama3>>(
          "llama3",
          {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
           R"(\s*[\r\n]+|\s+(?!\S)|\s+)",
           R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|)"
           R"(\s*[\r\n]|\s+(?!\S)|\s+)"}),
      // Qwen 2, 2.5 and 3.
      scheme<WordScanner<kQwen2>>(
          "qwen2",
          {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
           R"(\s*[\r\n]+|\s+(?!\S)|\s+)",
           R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|)"
           R"(\s*[\r\n]|\s+(?!\S)|\s+)"}),
      scheme<WordScanner<kQwen35>>(
          "qwen3.5",
          {R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|)"
           R"(\s*[\r\n]+|\s+(?!\S)|\s+)"}),
      // Mistral's since Nemo.
      scheme<WordScanner<kTekken>>(
          "tekken", {R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|)"
                     R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}|)"
                     R"( ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}),
  };
}

std::vector<Scheme> steps_of_sequences() {
  return {
      scheme<RunScanner<Numeric, 1>>("digits", {}),  // Digits(individual_digits) of HF tokenizers
      scheme<RunScanner<Number, 1>>("numbers", {R"(\p{N})"}),
      scheme<RunScanner<Number, 3>>("numbers-3", {R"(\p{N}{1,3})"}),
      scheme<RunScanner<LineEnd, 1>>("line-ends", {R"([\r\n])"}),
      scheme<TrailingSpaceScanner>("trailing-space", {R"(\s+$)"}),
      scheme<RunScanner<DeepseekCjk>>("deepseek-cjk", {"[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"}),
      scheme<RunScanner<LettersOf<DeepseekCoder>, 0, true>>("deepseek-coder-letters", {R"(\s?\p{L}+)"}),
      scheme<RunScanner<SymbolsOf<DeepseekCoder>, 0, true>>("deepseek-coder-symbols", {R"(\s?\p{P}+)"}),
      scheme<RunScanner<LettersOf<DeepseekLlm>, 0, true>>("deepseek-llm-letters", {kDeepseekLlmLettersRegex}),
      scheme<RunScanner<SymbolsOf<DeepseekLlm>, 0, true>>(
          "deepseek-llm-symbols", {"\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+"}),
      scheme<RunScanner<DeepseekV3Cjk>>("deepseek-v3-cjk", {"[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+"}),
      scheme<WordScanner<kDeepseekV3Words>>(
          "deepseek-v3-words",
          {R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|)"
           R"( ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}),
  };
}

std::vector<Scheme> fused_sequences() {
  return {
      // SmolLM and StarCoder 2.
      scheme<DigitsAndWordsScanner<kGpt2>>("smollm", {}, {"digits", "gpt2"}),
      scheme<DeepseekScanner<DeepseekCoder>>(
          "deepseek-coder", {},
          {"line-ends", "deepseek-coder-letters", "deepseek-coder-symbols", "deepseek-cjk", "digits"}),
      // DeepSeek LLM and V2.
      scheme<DeepseekScanner<DeepseekLlm>>("deepseek-llm", {},
                                           {"line-ends", "deepseek-llm-letters", "deepseek-llm-symbols",
                                            "trailing-space", "deepseek-cjk", "digits"}),
      // DeepSeek V3 and R1.
      scheme<DeepseekV3Scanner<kDeepseekV3Words>>("deepseek-v3", {},
                                                  {"numbers-3", "deepseek-v3-cjk", "deepseek-v3-words"}),
  };
}

struct FastCut {
  std::string_view scheme;
  CutFunction SimdCuts::*cut;
};
constexpr FastCut kFastCuts[] = {
    {"gpt2", &SimdCuts::gpt2},     {"smollm", &SimdCuts::smollm}, {"cl100k", &SimdCuts::cl100k},
    {"llama3", &SimdCuts::llama3}, {"qwen2", &SimdCuts::qwen2},   {"qwen3.5", &SimdCuts::qwen3_5},
    {"o200k", &SimdCuts::o200k},   {"tekken", &SimdCuts::tekken}, {"deepseek-v3", &SimdCuts::deepseek_v3},
};

std::vector<Scheme> all_schemes() {
  std::vector<Scheme> all = whole_patterns();
  for (Scheme& one : fused_sequences()) all.push_back(std::move(one));
  for (Scheme& one : steps_of_sequences()) all.push_back(std::move(one));
  for (Scheme& one : all) {
    for (const FastCut& fast : kFastCuts) {
      if (fast.scheme == one.name) one.cut = simd_cuts().front()->*fast.cut;
    }
  }
  return all;
}

struct OtherName {
  std::string_view name;
  std::string_view scheme;
};
constexpr OtherName kOtherNames[] = {
    {"r50k", "gpt2"},         {"r50k_base", "gpt2"},          {"p50k", "gpt2"},
    {"p50k_base", "gpt2"},    {"p50k_edit", "gpt2"},          {"cl100k_base", "cl100k"},
    {"o200k_base", "o200k"},  {"o200k_harmony", "o200k"},     {"qwen3", "qwen2"},
    {"starcoder2", "smollm"}, {"deepseek-r1", "deepseek-v3"},
};

// A regex with \r and \n written out.
std::string with_escapes(std::string_view regex) {
  std::string text;
  for (const char c : regex) {
    if (c == '\r' || c == '\n') {
      text += c == '\r' ? "\\r" : "\\n";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::span<const Scheme> schemes() {
  static const std::vector<Scheme> all = all_schemes();
  return all;
}

const Scheme* find_scheme(std::string_view name) {
  for (const OtherName& other : kOtherNames) {
    if (other.name == name) name = other.scheme;
  }
  for (const Scheme& one : schemes()) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

const Scheme* scheme_of_regex(std::string_view regex) {
  const std::string wanted = with_escapes(regex);
  for (const Scheme& one : schemes()) {
    if (std::find(one.regexes.begin(), one.regexes.end(), wanted) != one.regexes.end()) return &one;
  }
  return nullptr;
}

}  // namespace aurora::pretokenize
