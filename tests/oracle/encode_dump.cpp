// What encode_oracle.py compares with tokenizers, sentencepiece and tiktoken.
//   encode_dump TOKENIZER [SCHEME]     a file of any format; SCHEME: it is a rank file
// On stdin: records of u32 flags (1: special tokens are parsed, 2: with the template), u32 size, a text. On
// stdout for each: u32 count and the ids, u32 size and the ids decoded, the same with special tokens skipped.
// Checks of its own: places, streams and a second encoder agree. Times on stderr.
#include <fmt/format.h>
#include <time.h>

#include <cstdio>
#include <cstring>
#include <iostream>
#include <iterator>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/tokenizer/decode.h"
#include "aurora/tokenizer/encoder.h"

namespace {

using namespace aurora;
using tokenizer::EncodeOptions;
using tokenizer::Encoder;
using tokenizer::Tokenizer;

double cpu_seconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

void write(const void* data, size_t bytes, size_t count) {
  const auto size = static_cast<uint32_t>(count);
  std::fwrite(&size, sizeof size, 1, stdout);
  std::fwrite(data, 1, bytes, stdout);
}

std::string streamed(const Tokenizer& tokenizer, const std::vector<int32_t>& ids, bool skip) {
  tokenizer::StreamDecoder stream(tokenizer, skip);
  std::string text;
  for (const int32_t id : ids) text += stream.push(id);
  return text + stream.finish();
}

void check_places(Encoder& encoder, std::string_view text, const std::vector<int32_t>& ids,
                  const EncodeOptions& options) {
  std::vector<tokenizer::TokenSpan> spans;
  encoder.encode_with_offsets(text, spans, options);
  AURORA_CHECK_EQ(spans.size(), ids.size());
  size_t last = 0;
  for (size_t i = 0; i < ids.size(); ++i) {
    AURORA_CHECK_EQ(spans[i].id, ids[i]);
    AURORA_CHECK(last <= spans[i].begin && spans[i].begin <= spans[i].end && spans[i].end <= text.size());
    last = spans[i].begin;
  }
}

int dump(const Tokenizer& tokenizer) {
  Encoder encoder(tokenizer);
  std::ios::sync_with_stdio(false);
  const std::string input((std::istreambuf_iterator<char>(std::cin)), {});
  double seconds = 0;
  uint64_t bytes = 0;
  for (size_t at = 0; at < input.size();) {
    uint32_t head[2];
    std::memcpy(head, &input[at], sizeof head);
    const std::string_view text = std::string_view(input).substr(at + sizeof head, head[1]);
    at += sizeof head + head[1];
    EncodeOptions options;
    options.specials = head[0] & 1 ? tokenizer::Specials::kParse : tokenizer::Specials::kText;
    options.add_template = (head[0] & 2) != 0;
    std::vector<int32_t> ids;
    const double start = cpu_seconds();
    encoder.encode(text, ids, options);
    seconds += cpu_seconds() - start;
    bytes += text.size();
    write(ids.data(), ids.size() * sizeof ids[0], ids.size());
    for (const bool skip : {false, true}) {
      const std::string whole = tokenizer.decode(ids, skip);
      AURORA_CHECK_EQ(streamed(tokenizer, ids, skip), repair_utf8(whole));
      write(whole.data(), whole.size(), whole.size());
    }
    check_places(encoder, text, ids, options);
  }
  fmt::print(stderr, "{} bytes at {:.1f} MB/s\n", bytes, static_cast<double>(bytes) / seconds / 1e6);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 2) return dump(Tokenizer::load(argv[1]));
    if (argc == 3) return dump(Tokenizer::load_rank_file(argv[1], argv[2]));
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  fmt::print(stderr, "usage: encode_dump TOKENIZER [SCHEME]\n");
  return 2;
}
