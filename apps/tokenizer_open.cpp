#include "apps/tokenizer_open.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>

#include "aurora/base/error.h"
#include "aurora/base/stream.h"
#include "aurora/pretokenize/scheme.h"

namespace aurora::apps {
namespace {

constexpr uint64_t kMostTextBytes = uint64_t{1} << 36;

std::string read_standard_input() {
  std::string text;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0) throw Error("cannot be read", "standard input", "give a file, or pipe a text in");
    if (got == 0) return text;
    text.append(buffer, static_cast<size_t>(got));
  }
}

bool is_rank_file(const Path& path) {
  return path.extension() == ".tiktoken";
}

// The encodings that OpenAI publishes, by the name of their file.
std::string pattern_of_name(const Path& path) {
  const std::string name = path.stem().string();
  for (const char* known : {"r50k", "p50k", "cl100k", "o200k"})
    if (name.rfind(known, 0) == 0) return known;
  return "";
}

}  // namespace

tokenizer::Tokenizer open_vocabulary(const std::string& path, const std::string& pattern) {
  if (pattern.empty() && !is_rank_file(path)) return tokenizer::Tokenizer::load(path);
  const std::string name = pattern.empty() ? pattern_of_name(path) : pattern;
  if (pretokenize::find_scheme(name) == nullptr) {
    std::vector<std::string> names;
    for (const pretokenize::Scheme& scheme : pretokenize::schemes()) names.push_back(scheme.name);
    throw UsageError(name.empty() ? "a rank file does not say how text is cut into words"
                                  : fmt::format("there is no pattern \"{}\"", name),
                     "--pattern", fmt::format("give one of {}", fmt::join(names, ", ")));
  }
  return tokenizer::Tokenizer::load_rank_file(path, name);
}

void VocabularyFlags::declare(Arguments& arguments) {
  arguments.option("--vocab", vocab,
                   "tokenizer.json, a folder with one, a SentencePiece .model, a rank file");
  arguments.option("--pattern", pattern, "how a rank file's text is cut into words: cl100k, o200k, gpt2 ...");
}

tokenizer::Tokenizer VocabularyFlags::open() const {
  if (vocab.empty()) throw UsageError("a vocabulary is needed", "--vocab", "give --vocab FILE");
  return open_vocabulary(vocab, pattern);
}

void SpecialFlags::declare(Arguments& arguments) {
  arguments.option("--special", specials,
                   "special tokens in the text are: text, parse (become themselves), refuse (an error)");
  arguments.option("--allow", allowed, "this special token is parsed whatever --special says");
  arguments.flag("--template", add_template, "put the template's tokens around the text (bos, eos ...)");
}

tokenizer::EncodeOptions SpecialFlags::options() const {
  tokenizer::EncodeOptions options;
  if (specials == "parse") {
    options.specials = tokenizer::Specials::kParse;
  } else if (specials == "refuse") {
    options.specials = tokenizer::Specials::kRefuse;
  } else if (specials != "text") {
    throw UsageError(fmt::format("\"{}\" is no way to take special tokens", specials), "--special",
                     "give text, parse or refuse");
  }
  options.allowed = allowed;
  options.add_template = add_template;
  return options;
}

std::vector<NamedText> read_texts(const std::vector<std::string>& words) {
  std::vector<NamedText> texts;
  if (words.empty()) texts.push_back({"-", read_standard_input()});
  for (const std::string& word : words) {
    const size_t equals = word.find('=');
    const bool named = equals != std::string::npos && equals > 0 && !std::filesystem::exists(word);
    const std::string file = named ? word.substr(equals + 1) : word;
    texts.push_back({named ? word.substr(0, equals) : file,
                     file == "-" ? read_standard_input() : read_compressed(file, kMostTextBytes)});
  }
  return texts;
}

std::vector<std::string_view> cut_at_lines(std::string_view text, size_t bytes) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    size_t end = text.size();
    if (end > bytes) {
      const size_t line_end = text.find('\n', bytes);
      end = line_end == std::string_view::npos ? text.size() : line_end + 1;
    }
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return pieces;
}

}  // namespace aurora::apps
