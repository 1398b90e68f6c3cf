// `aurora tokenizer convert`: a vocabulary from one format into another.

#include <fmt/format.h>

#include "apps/tokenizer_open.h"
#include "aurora/base/error.h"
#include "aurora/tokenizer/formats/rank_file.h"

namespace aurora::apps {
namespace {

struct ConvertFlags {
  VocabularyFlags vocabulary;
  std::string output;

  void declare(Arguments& arguments) {
    vocabulary.declare(arguments);
    arguments.option("--output", output, "tokenizer.json (or a folder for it) or a rank file NAME.tiktoken");
  }
};

int convert(const ConvertFlags& flags) {
  if (flags.output.empty())
    throw UsageError("a place for the result is needed", "--output",
                     "give --output FILE.json or FILE.tiktoken");
  const tokenizer::Tokenizer tokenizer = flags.vocabulary.open();
  const Path output = flags.output;
  if (output.extension() == ".tiktoken") {
    write_file_atomic(output, tokenizer::write_rank_file(tokenizer.spec()));
    fmt::print("{}: how text is cut into words is not in it\n", output.string());
    return 0;
  }
  const Path file = output.extension() == ".json" ? output : output / "tokenizer.json";
  tokenizer.save(file);
  fmt::print("{}: {} tokens\n", file.string(), tokenizer.vocab_size());
  return 0;
}

}  // namespace

Command tokenizer_convert_command() {
  return {"convert", "a vocabulary from one format into another",
          [](Arguments& arguments) { return with_flags<ConvertFlags>(arguments, convert); }};
}

}  // namespace aurora::apps
