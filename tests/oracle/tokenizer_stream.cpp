// The stream side of tokenizer_proof.py. Texts and ids are length-prefixed (u32, little-endian).
//   tokenizer_stream random SEED FIRST COUNT      random texts, valid UTF-8, on stdout
//   tokenizer_stream encode VOCAB PATTERN SPECIAL texts on stdin, ids on stdout; PATTERN "" where the file
//   holds its
//                                                 own; SPECIAL text or parse
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/tokenizer/encoder.h"
#include "aurora/tokenizer/random_text.h"

namespace {

using namespace aurora;

constexpr uint32_t kFlush = 0xffffffff;  // in place of a text's size: what is encoded so far is wanted

void put(const void* data, uint32_t count, size_t item_bytes) {
  std::fwrite(&count, sizeof count, 1, stdout);
  std::fwrite(data, item_bytes, count, stdout);
}

int random_texts(uint64_t seed, uint64_t first, uint64_t count) {
  tokenizer::RandomTextSettings settings;
  settings.broken_utf8 = false;
  for (uint64_t i = first; i < first + count; ++i) {
    const std::string text = tokenizer::random_text(seed, i, settings);
    put(text.data(), static_cast<uint32_t>(text.size()), 1);
  }
  return 0;
}

int encode(const std::string& path, const std::string& pattern, const std::string& special) {
  const tokenizer::Tokenizer tokenizer = pattern.empty()
                                             ? tokenizer::Tokenizer::load(path)
                                             : tokenizer::Tokenizer::load_rank_file(path, pattern);
  tokenizer::Encoder encoder(tokenizer);
  const auto specials = special == "parse" ? tokenizer::Specials::kParse : tokenizer::Specials::kText;
  std::string text;
  std::vector<int32_t> ids;
  uint32_t size = 0;
  while (std::fread(&size, sizeof size, 1, stdin) == 1) {
    if (size == kFlush) {
      std::fflush(stdout);
      continue;
    }
    text.resize(size);
    if (std::fread(text.data(), 1, size, stdin) != size) return 1;
    ids.clear();
    encoder.encode(text, ids, specials);
    put(ids.data(), static_cast<uint32_t>(ids.size()), sizeof(int32_t));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::string mode = argc > 1 ? argv[1] : "";
    if (mode == "random" && argc == 5)
      return random_texts(std::stoull(argv[2]), std::stoull(argv[3]), std::stoull(argv[4]));
    if (mode == "encode" && argc == 5) return encode(argv[2], argv[3], argv[4]);
    std::fprintf(stderr, "usage: tokenizer_stream random SEED FIRST COUNT | encode VOCAB PATTERN SPECIAL\n");
    return 2;
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
