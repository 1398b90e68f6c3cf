// What tokenizer_oracle.py and tokenizer_formats_oracle.py compare with PyPI's packages.
//   tokenizer_dump train OUT.json VOCAB_SIZE FILE...   trains on files, each one text; times on stderr
//   tokenizer_dump show TOKENIZER      a line a token: id, kind, bytes in hexadecimal; then "merges N"
//   tokenizer_dump convert TOKENIZER OUT    writes OUT, a tokenizer.json or, with that ending, .tiktoken
// TOKENIZER is what Tokenizer::load takes, or SCHEME=FILE, a rank file.
#include <fmt/format.h>
#include <time.h>

#include <cstdio>

#include "aurora/base/error.h"
#include "aurora/tokenizer/formats/rank_file.h"
#include "aurora/tokenizer/tokenizer.h"
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

tokenizer::Tokenizer load(const std::string& name) {
  const double start = cpu_seconds();
  const size_t equals = name.find('=');
  tokenizer::Tokenizer tokenizer =
      equals == std::string::npos
          ? tokenizer::Tokenizer::load(name)
          : tokenizer::Tokenizer::load_rank_file(name.substr(equals + 1), name.substr(0, equals));
  fmt::print(stderr, "loaded {} tokens in {:.3f} s\n", tokenizer.vocab_size(), cpu_seconds() - start);
  return tokenizer;
}

int show(const std::string& name) {
  constexpr const char* kKinds[] = {"normal", "unknown", "control", "byte", "unused", "added", "hole"};
  const tokenizer::Tokenizer tokenizer = load(name);
  for (size_t id = 0; id < tokenizer.spec().tokens.size(); ++id) {
    const tokenizer::Token& token = tokenizer.spec().tokens[id];
    fmt::print("{} {} ", id, kKinds[static_cast<size_t>(token.kind)]);
    for (const char byte : token.text) fmt::print("{:02x}", static_cast<uint8_t>(byte));
    fmt::print("\n");
  }
  fmt::print("merges {}\n", tokenizer.spec().merges.size());
  return 0;
}

int convert(const std::string& name, const std::string& out) {
  const tokenizer::Tokenizer tokenizer = load(name);
  write_file_atomic(
      out, out.ends_with(".tiktoken") ? tokenizer::write_rank_file(tokenizer.spec()) : tokenizer.to_json());
  const bool json = !out.ends_with(".tiktoken");
  const bool equal = json && tokenizer::Tokenizer::load(out).spec() == tokenizer.spec();
  if (json) fmt::print("read back: {}\n", equal ? "equal" : "different");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() > 3 && arguments[0] == "train")
      return train(arguments[1], std::stoi(arguments[2]), {arguments.begin() + 3, arguments.end()});
    if (arguments.size() == 2 && arguments[0] == "show") return show(arguments[1]);
    if (arguments.size() == 3 && arguments[0] == "convert") return convert(arguments[1], arguments[2]);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  fmt::print(
      stderr,
      "usage: tokenizer_dump train OUT.json VOCAB_SIZE FILE... | show TOKENIZER | convert TOKENIZER OUT\n");
  return 2;
}
