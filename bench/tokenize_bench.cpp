// Documents to token files, and where the time goes: text per second of one core.
//   tokenize_bench FOLDER TOKENIZER OUT [THREADS=1] [SCHEME]
// TOKENIZER: a tokenizer.json, or with SCHEME (cl100k ..) a rank file; OUT: prefix of the pair. FOLDER: files
// of JSON lines (.jsonl, .jsonl.zst, .jsonl.gz). Phases are measured one on top of the other, by processor
// time of all threads; the whole also by the clock. Best of three rounds.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "aurora/comm/self.h"
#include "aurora/tokenize/block_encoder.h"
#include "aurora/tokenize/tokenize_files.h"

namespace aurora::bench {
namespace {

using namespace tokenize;  // NOLINT

double seconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

struct Seconds {
  double processor = 1e9;
  double clock = 1e9;
  void measure(const std::function<void()>& work) {
    const double processor_begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
    const double clock_begin = seconds(CLOCK_MONOTONIC);
    work();
    processor = std::min(processor, seconds(CLOCK_PROCESS_CPUTIME_ID) - processor_begin);
    clock = std::min(clock, seconds(CLOCK_MONOTONIC) - clock_begin);
  }
};

class Phases {
 public:
  Phases(const Path& folder, const tokenizer::Tokenizer& tokenizer, const Path& out, int threads)
      : folder_(folder), tokenizer_(tokenizer), out_(out), pool_(threads) {
    for (const Path& path : list_files(folder)) files_.push_back(input_file(path));
    rule_.tokenizer = &tokenizer;
  }

  void run() {
    Seconds read, parse, encode, plain, whole;
    for (int round = 0; round < 3; ++round) {
      read.measure([&] { for_blocks([](const Block&) {}); });
      parse.measure([&] { parse_all(); });
      plain.measure([&] { encode_texts(); });
      encode.measure([&] {
        BlockEncoder encoder(rule_, tokenizer::shared_words());
        for_blocks([&](const Block& block) { encoder.encode(block); });
      });
      whole.measure([&] {
        const auto group = comm::self_group();
        tokenize_files({folder_}, tokenizer_, out_, {}, {*group, pool_, Log::silent()});
      });
    }
    fmt::print("{:.1f} MB of text in {:.1f} MB of lines, {} threads\n", text_bytes_ / 1e6, line_bytes_ / 1e6,
               pool_.threads());
    tell("read and decompress", read.processor);
    tell("  parse", parse.processor - read.processor);
    tell("  encode, gather", encode.processor - parse.processor);
    tell("  write, join", whole.processor - encode.processor);
    tell("whole, per core", whole.processor);
    tell("whole, by the clock", whole.clock);
    fmt::print("{:36} {:8.3f} s {:8.1f} MB/s\n", "plain encode of texts in memory", plain.processor,
               static_cast<double>(texts_.size()) / 1e6 / plain.processor);
  }

 private:
  void tell(const char* what, double time) const {
    fmt::print("{:36} {:8.3f} s {:8.1f} MB/s\n", what, time, text_bytes_ / 1e6 / std::max(time, 1e-9));
  }

  void for_blocks(const std::function<void(const Block&)>& use) {
    const Cuts cuts;
    ShardReader reader(files_, {0, files_.size(), 0}, cuts);
    Block block;
    line_bytes_ = 0;
    while (reader.next(block)) {
      line_bytes_ += static_cast<double>(block.lines().size());
      use(block);
    }
  }

  void parse_all() {
    format::DocumentParser parser;
    text_bytes_ = 0;
    texts_.clear();
    for_blocks([&](const Block& block) {
      std::string_view rest = block.lines();
      std::string_view line;
      while (next_line(rest, line)) {
        std::string_view text;
        if (!parser.parse_text(line, "text", text).empty()) continue;
        text_bytes_ += static_cast<double>(text.size());
        if (texts_.size() < kPlainBytes) texts_ += text;
      }
    });
  }

  // In pieces of the size of a document.
  void encode_texts() {
    tokenizer::Encoder encoder(tokenizer_);
    std::vector<int32_t> tokens;
    for (size_t at = 0; at < texts_.size(); at += kPieceBytes) {
      tokens.clear();
      encoder.encode(std::string_view(texts_).substr(at, kPieceBytes), tokens);
    }
  }

  static constexpr size_t kPlainBytes = 200'000'000;
  static constexpr size_t kPieceBytes = 4000;
  Path folder_;
  const tokenizer::Tokenizer& tokenizer_;
  Path out_;
  Pool pool_;
  std::vector<InputFile> files_;
  EncodeRule rule_;
  std::string texts_;
  double text_bytes_ = 0;
  double line_bytes_ = 0;
};

}  // namespace
}  // namespace aurora::bench

int main(int argc, char** argv) {
  using namespace aurora;  // NOLINT
  if (argc < 4) {
    fmt::print(stderr, "tokenize_bench FOLDER TOKENIZER OUT [THREADS=1] [SCHEME]\n");
    return 2;
  }
  const tokenizer::Tokenizer tokenizer =
      argc > 5 ? tokenizer::Tokenizer::load_rank_file(argv[2], argv[5]) : tokenizer::Tokenizer::load(argv[2]);
  bench::Phases(argv[1], tokenizer, argv[3], argc > 4 ? std::atoi(argv[4]) : 1).run();
  return 0;
}
