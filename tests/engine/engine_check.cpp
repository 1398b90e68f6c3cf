// The tokenizers of a build without ICU and simdjson (preset `engine`): they load, encode and decode, and
// refuse by name what needs ICU. Prints what is wrong; started by tests/engine/run.
#include <cstdio>
#include <string>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/tokenizer/encoder.h"
#include "aurora/tokenizer/formats/rank_file.h"
#include "aurora/tokenizer/test_specs.h"
#include "aurora/tokenizer/tokenizer.h"

namespace {

using namespace aurora;
using namespace aurora::tokenizer;

int failures = 0;

void expect(bool holds, const std::string& what) {
  if (holds) return;
  std::printf("wrong: %s\n", what.c_str());
  ++failures;
}

void expect_back(const Tokenizer& tokenizer, const std::string& text) {
  expect(tokenizer.decode(tokenizer.encode(text)) == text, "\"" + text + "\" does not come back");
}

void expect_needs_icu(const Spec& spec, const std::string& text) {
  try {
    Tokenizer(spec).encode(text);
    expect(false, "\"" + text + "\" is not refused");
  } catch (const Error& error) {
    expect(std::string(error.what()).find("ICU") != std::string::npos, std::string("said: ") + error.what());
  }
}

Spec normalized(Normalizer::Kind kind) {
  Spec spec = byte_level_spec("cl100k");
  spec.normalizers = {normalizer(kind)};
  return spec;
}

// Files in and out.
void check_formats() {
  for (const char* scheme : {"gpt2", "cl100k", "o200k", "llama3", "qwen2", "deepseek-v3"}) {
    const Tokenizer made(byte_level_spec(scheme));
    const Tokenizer tokenizer = Tokenizer::from_json(made.to_json(), scheme);
    const std::string text = "The theatre's  naïve あ語 \xff\n 1234";
    expect(tokenizer.encode(text) == made.encode(text), std::string("tokenizer.json of ") + scheme);
    expect_back(tokenizer, text);
  }
  expect_back(Tokenizer::from_json(Tokenizer(llama_spec()).to_json(), "llama"), "the hat é あ");
  expect_back(Tokenizer::from_json(Tokenizer(unigram_spec()).to_json(), "unigram"), "the the あ");

  Spec ranks = byte_level_spec("cl100k");
  ranks.tokens.resize(259);  // the bytes, "th", "the", " t": in the order of their merges
  ranks.merges.resize(3);
  ranks.added.clear();
  ranks.end_of_document = -1;
  expect_back(Tokenizer(read_rank_file(write_rank_file(ranks), "cl100k", "ranks")), "the é");

  expect_back(Tokenizer(unigram_spec(ModelKind::kSentencePieceUnigram)), "the あ");
}

// ASCII has every normal form; of other text the forms are not known here.
void check_normal_forms() {
  using Kind = Normalizer::Kind;
  for (const Kind kind : {Kind::kNfc, Kind::kNfd, Kind::kNfkc, Kind::kNfkd, Kind::kLowercase}) {
    expect_back(Tokenizer(normalized(kind)), "the 1st theatre\n");
    expect_needs_icu(normalized(kind), "the \u00e9");
  }
  Spec spec = byte_level_spec();
  add_token(spec, "<word>", true);
  spec.added.back().single_word = true;
  std::vector<int32_t> ids;
  const Tokenizer tokenizer(spec);
  Encoder(tokenizer).encode("a <word> b", ids, Specials::kParse);
  expect(ids.size() == 5 && ids[2] == spec.added.back().id, "a token that is a word");
  try {
    Encoder(tokenizer).encode("\u00e9<word>", ids, Specials::kParse);
    expect(false, "a word character is not refused");
  } catch (const Error& error) {
    expect(std::string(error.what()).find("ICU") != std::string::npos, std::string("said: ") + error.what());
  }
}

}  // namespace

int main() {
  try {
    check_formats();
    check_normal_forms();
  } catch (const Error& error) {
    expect(false, std::string("threw: ") + error.what() + " (" + error.where() + ")");
  }
  return failures == 0 ? 0 : 1;
}
