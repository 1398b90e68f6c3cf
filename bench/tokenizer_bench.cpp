// Speed of BpeEncoder: tokenizer_bench FILE.tiktoken SCHEME ROUNDS MB TEXT_FILE...
// For the first MB of each file, in processor time of one thread, the best of so many rounds: the cutting
// into words alone; all with an empty memory (a new encoder, the model made before); all again with a full
// one. The hash of the ids tells whether two builds agree.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/pretokenize/scheme.h"
#include "aurora/tokenizer/bpe/encoder.h"
#include "aurora/tokenizer/bpe/model.h"
#include "aurora/tokenizer/tokenizer.h"

namespace {

using namespace aurora;

double seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

std::string begin_of_file(const char* path, size_t bytes) {
  std::ifstream in(path, std::ios::binary);
  std::string text(bytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(bytes));
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

size_t count_words(pretokenize::CutFunction cut, std::string_view text) {
  std::array<uint32_t, 128> ends;
  size_t words = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t count = cut(text, at, ends);
    words += count;
    at = ends[count - 1];
  }
  return words;
}

void measure(const tokenizer::BpeModel& model, pretokenize::CutFunction cut, int rounds,
             std::string_view text, const char* name) {
  double scan = 1e9;
  double cold = 1e9;
  double warm = 1e9;
  double began = 0;
  size_t words = 0;
  std::vector<int32_t> ids;
  for (int round = 0; round < rounds; ++round) {
    began = seconds();
    words = count_words(cut, text);
    scan = std::min(scan, seconds() - began);
    tokenizer::BpeEncoder encoder(model, cut);
    for (double* best : {&cold, &warm}) {
      ids.clear();
      began = seconds();
      encoder.encode(text, ids);
      *best = std::min(*best, seconds() - began);
    }
  }
  const double bytes = static_cast<double>(text.size());
  const double word_ns = 1e9 / static_cast<double>(words);
  const uint64_t hash = xxh3_64(ids.data(), ids.size() * sizeof(int32_t));
  fmt::print(
      "{:<24} {:6.1f} MB {:5.2f} B/word {:5.2f} B/token  MB/s: cut {:6.0f} cold {:6.1f} warm {:6.1f}  ", name,
      1e-6 * bytes, bytes / static_cast<double>(words), bytes / static_cast<double>(ids.size()),
      1e-6 * bytes / scan, 1e-6 * bytes / cold, 1e-6 * bytes / warm);
  fmt::print("ns/word: cut {:5.1f} cold {:6.1f} warm {:6.1f}  {}\n", word_ns * scan, word_ns * cold,
             word_ns * warm, hex64(hash));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const pretokenize::Scheme* scheme = argc > 5 ? pretokenize::find_scheme(argv[2]) : nullptr;
  if (!scheme) {
    fmt::print(stderr, "usage: tokenizer_bench FILE.tiktoken SCHEME ROUNDS MB TEXT_FILE...\n");
    return 2;
  }
  try {
    const tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::load_rank_file(argv[1], scheme->name);
    const double began = seconds();
    const tokenizer::BpeModel model(tokenizer.spec());
    fmt::print("{} tokens: model built in {:.3f} s\n", tokenizer.vocab_size(), seconds() - began);
    for (int i = 5; i < argc; ++i) {
      const std::string text = begin_of_file(argv[i], std::strtoul(argv[4], nullptr, 10) * 1'000'000);
      measure(model, scheme->cut, std::atoi(argv[3]), text, argv[i]);
    }
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
