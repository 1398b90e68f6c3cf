// Speed of BpeEncoder: tokenizer_bench RANK_FILE_NAME ROUNDS MB TEXT_FILE...
// For each file: MB/s of processor time with an empty cache (a fresh encoder, the model made before) and a
// warm one; the cutting of words alone, and all but the cutting.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>

#include "aurora/base/hash.h"
#include "aurora/pretokenize/scheme.h"
#include "aurora/tokenizer/bpe_encoder.h"
#include "aurora/tokenizer/bpe_model.h"
#include "aurora/tokenizer/bpe_test_vocabulary.h"

namespace {

using namespace aurora;

double seconds() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

size_t scan(std::string_view text, size_t at, std::span<uint32_t> ends) {
  static const pretokenize::CutFunction cut = pretokenize::find_scheme("qwen2")->cut;
  return cut(text, at, ends);
}

// Words that were cut before.
std::vector<uint32_t> known_ends;
size_t known_at = 0;
size_t replay(std::string_view text, size_t at, std::span<uint32_t> ends) {
  if (at == 0) known_at = 0;
  const size_t count = std::min(ends.size(), known_ends.size() - known_at);
  std::copy_n(known_ends.begin() + static_cast<ptrdiff_t>(known_at), count, ends.begin());
  known_at += count;
  static_cast<void>(text);
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  double begin = seconds();
  const tokenizer::Spec spec = tokenizer::shared_rank_file(argv[1]);
  fmt::print("{} tokens, {} merges: read in {:.3f} s", spec.tokens.size(), spec.merges.size(),
             seconds() - begin);
  begin = seconds();
  const tokenizer::BpeModel model(spec);
  fmt::print(", built in {:.3f} s\n", seconds() - begin);
  const int rounds = std::atoi(argv[2]);
  const size_t most = std::strtoul(argv[3], nullptr, 10) << 20;
  for (int i = 4; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (text.size() > most) text.resize(most);
    const double mb = 1e-6 * static_cast<double>(text.size());
    known_ends.assign(text.size(), 0);
    known_ends.resize(scan(text, 0, known_ends));
    std::vector<int32_t> ids;
    double cold = 1e9;
    double warm = 1e9;
    for (int round = 0; round < rounds; ++round) {
      tokenizer::BpeEncoder encoder(model, replay);
      for (double* best : {&cold, &warm}) {
        ids.clear();
        begin = seconds();
        encoder.encode(text, ids);
        *best = std::min(*best, seconds() - begin);
      }
    }
    const uint64_t hash = xxh3_64(ids.data(), ids.size() * sizeof(int32_t));
    const std::string name = std::string(argv[i]).substr(std::string(argv[i]).rfind('/') + 1);
    fmt::print(
        "{:<16} {:6.1f} MB  B/word {:5.2f}  B/token {:5.2f}  cold {:7.1f} MB/s {:6.1f} ns/word  warm {:7.1f} "
        "MB/s {:6.1f} ns/word  {}\n",
        name, mb, 1e6 * mb / static_cast<double>(known_ends.size()),
        1e6 * mb / static_cast<double>(ids.size()), mb / cold,
        1e9 * cold / static_cast<double>(known_ends.size()), mb / warm,
        1e9 * warm / static_cast<double>(known_ends.size()), hex64(hash));
    std::fflush(stdout);
  }
}
