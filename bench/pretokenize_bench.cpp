// Speed of the pre-tokenizers on files, in MB of text per second of one core: the SIMD scanners of each
// instruction set, the scanner that they are held against, and PCRE2's JIT with the scheme's regex.
//   pretokenize_bench [--megabytes=16] [--at-once=1024] [--scheme=NAME].. FILE..
// Times are of the thread's processor clock, best of five rounds in which everything takes its turn (the two
// slow ones: one round, on a tenth of the text).
#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "aurora/base/utf8.h"
#include "aurora/pretokenize/simd_exercise.h"

namespace aurora::bench {
namespace {

using pretokenize::CutFunction;
using pretokenize::Scheme;
using pretokenize::SimdCuts;
using pretokenize::SimdScheme;

struct Options {
  size_t bytes = 16'000'000;
  size_t at_once = 1024;
  std::vector<std::string> schemes;
  std::vector<std::string> files;
};

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// Megabytes per second of one run.
double speed(std::string_view text, const std::function<void(std::string_view)>& run) {
  const double begin = processor_seconds();
  run(text);
  return 1e-6 * static_cast<double>(text.size()) / (processor_seconds() - begin);
}

void cut_all(CutFunction cut, std::string_view text, std::span<uint32_t> ends) {
  for (size_t at = 0; at < text.size();) at = ends[cut(text, at, ends) - 1];
}

double pcre2_speed(std::string_view regex, std::string_view text) {
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* const code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(regex.data()), regex.size(),
                                         PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr);
  if (code == nullptr) return 0;
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
  pcre2_match_data* const match = pcre2_match_data_create_from_pattern(code, nullptr);
  const double found = speed(text, [&](std::string_view all) {
    const auto* const bytes = reinterpret_cast<PCRE2_SPTR>(all.data());
    for (size_t at = 0; at < all.size();) {
      if (pcre2_match(code, bytes, all.size(), at, PCRE2_NO_UTF_CHECK, match, nullptr) < 0) break;
      at = pcre2_get_ovector_pointer(match)[1];
    }
  });
  pcre2_match_data_free(match);
  pcre2_code_free(code);
  return found;
}

// The beginning of a file, without what is not UTF-8 (PCRE2 does not read it).
std::string read_text(const std::string& path, size_t bytes) {
  std::ifstream in(path, std::ios::binary);
  std::string text(bytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(bytes));
  text.resize(static_cast<size_t>(in.gcount()));
  return repair_utf8(text);
}

void measure(const Options& options, const std::string& file, const SimdScheme& simd) {
  const std::string text = read_text(file, options.bytes);
  const Scheme& scheme = *pretokenize::find_scheme(simd.name);
  std::vector<uint32_t> ends(options.at_once);
  std::vector<double> best(pretokenize::simd_cuts().size());
  for (int round = 0; round < 5; ++round) {
    for (size_t i = 0; i < best.size(); ++i) {
      const CutFunction cut = pretokenize::simd_cuts()[i]->*simd.cut;
      best[i] = std::max(best[i], speed(text, [&](std::string_view all) { cut_all(cut, all, ends); }));
    }
  }
  std::string line = fmt::format("{:16} {:9}", std::filesystem::path(file).filename().string(), simd.name);
  for (const double megabytes : best) line += fmt::format(" {:8.0f}", megabytes);
  const std::string part = repair_utf8(std::string_view(text).substr(0, text.size() / 10));
  line += fmt::format(" {:9.0f}",
                      speed(part, [&](std::string_view all) { cut_all(scheme.cut_reference, all, ends); }));
  if (!scheme.regexes.empty()) line += fmt::format(" {:6.0f}", pcre2_speed(scheme.regexes.front(), part));
  std::puts(line.c_str());
}

int run(const Options& options) {
  std::string head = fmt::format("{:26}", "MB/s");
  for (const SimdCuts* set : pretokenize::simd_cuts()) head += fmt::format(" {:>8}", set->instructions);
  std::puts((head + " reference  PCRE2").c_str());
  for (const std::string& file : options.files) {
    for (const SimdScheme& simd : pretokenize::kSimdSchemes) {
      const auto& wanted = options.schemes;
      if (wanted.empty() || std::find(wanted.begin(), wanted.end(), simd.name) != wanted.end()) {
        measure(options, file, simd);
      }
    }
  }
  return 0;
}

}  // namespace
}  // namespace aurora::bench

int main(int count, char** arguments) {
  aurora::bench::Options options;
  for (int i = 1; i < count; ++i) {
    const std::string one = arguments[i];
    if (one.starts_with("--megabytes=")) {
      options.bytes = 1'000'000 * std::stoul(one.substr(12));
    } else if (one.starts_with("--at-once=")) {
      options.at_once = std::stoul(one.substr(10));
    } else if (one.starts_with("--scheme=")) {
      options.schemes.push_back(one.substr(9));
    } else {
      options.files.push_back(one);
    }
  }
  return aurora::bench::run(options);
}
