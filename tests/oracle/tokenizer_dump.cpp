// What tokenizer_oracle.py compares with PyPI's `tokenizers`.
//   tokenizer_dump train OUT.json VOCAB_SIZE FILE...   trains on files, each one text; times on stderr
//   tokenizer_dump encode TOKENIZER.json               texts on stdin, ids on stdout: each u32 count, then
//   items
#include <fmt/format.h>
#include <time.h>

#include <cstdio>
#include <cstring>
#include <iostream>
#include <iterator>

#include "aurora/base/error.h"
#include "aurora/tokenizer/encoder.h"
#include "aurora/vocabulary/train.h"

namespace {

using namespace aurora;

class Files : public vocabulary::TextSource {
 public:
  explicit Files(std::vector<std::string> paths) : paths_(std::move(paths)) {}
  bool next(std::string& text, uint64_t&) override {
    if (at_ == paths_.size()) return false;
    text = read_file(paths_[at_++]);
    return true;
  }

 private:
  std::vector<std::string> paths_;
  size_t at_ = 0;
};

// Of this process: other work on the machine does not count.
double cpu_seconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

int train(const std::string& out, int32_t vocab_size, std::vector<std::string> paths) {
  Files files(std::move(paths));
  const double start = cpu_seconds();
  const vocabulary::TrainResult result =
      vocabulary::train_bpe({vocab_size, {"<|endoftext|>"}, 2}, files, Pool::serial());
  const double seconds = cpu_seconds() - start;
  tokenizer::Tokenizer(result.spec).save(out);
  fmt::print(stderr, "trained on {} bytes, {} words, in {:.2f} s\n", result.text_bytes, result.unique_words,
             seconds);
  return 0;
}

int encode(const std::string& path) {
  const tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::load(path);
  tokenizer::Encoder encoder(tokenizer);
  std::ios::sync_with_stdio(false);
  const std::string input((std::istreambuf_iterator<char>(std::cin)), {});
  std::vector<int32_t> ids;
  double seconds = 0;
  uint64_t bytes = 0;
  for (size_t at = 0; at < input.size();) {
    uint32_t size;
    std::memcpy(&size, &input[at], sizeof size);
    ids.clear();
    const double start = cpu_seconds();
    encoder.encode(std::string_view(input).substr(at + sizeof size, size), ids);
    seconds += cpu_seconds() - start;
    bytes += size;
    const uint32_t count = static_cast<uint32_t>(ids.size());
    std::fwrite(&count, sizeof count, 1, stdout);
    std::fwrite(ids.data(), sizeof ids[0], ids.size(), stdout);
    at += sizeof size + size;
  }
  fmt::print(stderr, "encoded {} bytes at {:.0f} MB/s\n", bytes, static_cast<double>(bytes) / seconds / 1e6);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() > 3 && arguments[0] == "train")
      return train(arguments[1], std::stoi(arguments[2]), {arguments.begin() + 3, arguments.end()});
    if (arguments.size() == 2 && arguments[0] == "encode") return encode(arguments[1]);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  fmt::print(stderr, "usage: tokenizer_dump train OUT.json VOCAB_SIZE FILE... | encode TOKENIZER.json\n");
  return 2;
}
