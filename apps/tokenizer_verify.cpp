// `aurora tokenizer verify`: two ways to encode the same texts, token by token; the first difference is
// shown.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "apps/tokenizer_open.h"
#include "aurora/base/error.h"
#include "aurora/base/stream.h"
#include "aurora/base/utf8.h"
#include "aurora/tokenizer/random_text.h"
#include "aurora/tokenizer/textbook.h"

namespace aurora::apps {
namespace {

constexpr size_t kPieceBytes = 1 << 20;
constexpr size_t kMostLineBytes = size_t{1} << 30;

struct VerifyFlags {
  VocabularyFlags vocabulary;
  SpecialFlags special;
  std::string against;
  std::string against_pattern;
  std::vector<std::string> inputs;
  uint64_t fuzz = 0;
  uint64_t seed = 1;
  bool json = false;

  bool against_ids() const { return Path(against).extension() == ".jsonl"; }

  void declare(Arguments& arguments) {
    vocabulary.declare(arguments);
    special.declare(arguments);
    arguments.option("--against", against,
                     "another vocabulary; `textbook` (no cache, no SIMD, plain merges); or FILE.jsonl with "
                     "{\"ids\": [...]} a text, as another program made them");
    arguments.option("--against-pattern", against_pattern, "pattern of the other rank file");
    arguments.list("--input", inputs, "texts; none, and no --fuzz: standard input");
    arguments.option("--fuzz", fuzz, "also so many random strings");
    arguments.option("--seed", seed, "of the random strings");
    arguments.flag("--json", json, "machine-readable");
  }
};

// Gives the reference's ids of one text after another.
class Reference {
 public:
  virtual ~Reference() = default;
  virtual void encode(std::string_view text, std::vector<int32_t>& out) = 0;
  // Tokens of the other side as text, for the difference.
  virtual std::string piece(int32_t id) const = 0;
};

class OtherVocabulary : public Reference {
 public:
  OtherVocabulary(tokenizer::Tokenizer tokenizer, const tokenizer::EncodeOptions& options)
      : tokenizer_(std::move(tokenizer)), encoder_(tokenizer_), options_(options) {}
  void encode(std::string_view text, std::vector<int32_t>& out) override {
    encoder_.encode(text, out, options_);
  }
  std::string piece(int32_t id) const override { return std::string(tokenizer_.token(id)); }

 private:
  tokenizer::Tokenizer tokenizer_;
  tokenizer::Encoder encoder_;
  tokenizer::EncodeOptions options_;
};

class OwnTextbook : public Reference {
 public:
  explicit OwnTextbook(const tokenizer::Tokenizer& tokenizer)
      : tokenizer_(tokenizer), textbook_(tokenizer.spec()) {}
  void encode(std::string_view text, std::vector<int32_t>& out) override { textbook_.encode(text, out); }
  std::string piece(int32_t id) const override { return std::string(tokenizer_.token(id)); }

 private:
  const tokenizer::Tokenizer& tokenizer_;
  tokenizer::Textbook textbook_;
};

class IdLines : public Reference {
 public:
  IdLines(const Path& path, const tokenizer::Tokenizer& tokenizer)
      : path_(path), lines_(path, kMostLineBytes), tokenizer_(tokenizer) {}
  void encode(std::string_view, std::vector<int32_t>& out) override {
    std::string line;
    if (!lines_.next(line)) refuse("fewer lines than texts");
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("ids") || !json["ids"].is_array())
      refuse("a line without \"ids\"");
    for (const nlohmann::json& id : json["ids"]) {
      if (!id.is_number_integer()) refuse("an id that is no whole number");
      out.push_back(id.get<int32_t>());
    }
  }
  std::string piece(int32_t id) const override {
    return id >= 0 && id < tokenizer_.vocab_size() ? std::string(tokenizer_.token(id)) : "?";
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(what, fmt::format("{}:{}", path_.string(), lines_.line_number()),
                "give one {\"ids\": [...]} for each text, in their order");
  }
  Path path_;
  LineReader lines_;
  const tokenizer::Tokenizer& tokenizer_;
};

std::string shown(std::string_view text) {
  return nlohmann::json(repair_utf8(text)).dump();
}

class Verifier {
 public:
  Verifier(const tokenizer::Tokenizer& tokenizer, Reference& reference,
           const tokenizer::EncodeOptions& options)
      : tokenizer_(tokenizer), encoder_(tokenizer), reference_(reference), options_(options) {}

  // True while no difference was found; `name` and `offset` place the text.
  bool check(const std::string& name, size_t offset, std::string_view text) {
    ids_.clear();
    expected_.clear();
    encoder_.encode(text, ids_, options_);
    reference_.encode(text, expected_);
    bytes_ += text.size();
    ++texts_;
    tokens_ += ids_.size();
    if (ids_ == expected_) return true;
    explain(name, offset, text);
    return false;
  }

  uint64_t bytes() const { return bytes_; }
  uint64_t texts() const { return texts_; }
  uint64_t tokens() const { return tokens_; }
  const nlohmann::ordered_json& difference() const { return difference_; }

 private:
  void explain(const std::string& name, size_t offset, std::string_view text) {
    size_t same = 0;
    while (same < ids_.size() && same < expected_.size() && ids_[same] == expected_[same]) ++same;
    std::vector<tokenizer::TokenSpan> spans;
    encoder_.encode_with_offsets(text, spans, options_);
    const size_t at = same < spans.size() ? spans[same].begin : text.size();
    const size_t begin = at > 30 ? at - 30 : 0;
    const auto pieces = [](const std::vector<int32_t>& ids, size_t from, const auto& piece_of) {
      nlohmann::ordered_json list = nlohmann::json::array();
      for (size_t i = from; i < std::min(from + 8, ids.size()); ++i)
        list.push_back({{"id", ids[i]}, {"piece", repair_utf8(piece_of(ids[i]))}});
      return list;
    };
    difference_ = {{"text", name},
                   {"byte", offset + at},
                   {"token", same},
                   {"before", repair_utf8(text.substr(begin, at - begin))},
                   {"behind", repair_utf8(text.substr(at, 60))},
                   {"ours", pieces(ids_, same, [&](int32_t id) { return tokenizer_.token(id); })},
                   {"reference", pieces(expected_, same, [&](int32_t id) { return reference_.piece(id); })}};
  }

  const tokenizer::Tokenizer& tokenizer_;
  tokenizer::Encoder encoder_;
  Reference& reference_;
  tokenizer::EncodeOptions options_;
  std::vector<int32_t> ids_, expected_;
  uint64_t bytes_ = 0, texts_ = 0, tokens_ = 0;
  nlohmann::ordered_json difference_;
};

std::unique_ptr<Reference> open_reference(const VerifyFlags& flags, const tokenizer::Tokenizer& tokenizer) {
  if (flags.against.empty())
    throw UsageError("nothing to compare with", "--against", "give --against FILE, or --against textbook");
  if (flags.against == "textbook") return std::make_unique<OwnTextbook>(tokenizer);
  if (flags.against_ids()) {
    if (flags.fuzz > 0)
      throw UsageError("a file of ids has no ids of random strings", "--fuzz",
                       "leave it out, or give a vocabulary");
    return std::make_unique<IdLines>(flags.against, tokenizer);
  }
  return std::make_unique<OtherVocabulary>(open_vocabulary(flags.against, flags.against_pattern),
                                           flags.special.options());
}

bool check_all(Verifier& verifier, const VerifyFlags& flags) {
  if (!flags.inputs.empty() || flags.fuzz == 0) {
    for (const NamedText& text : read_texts(flags.inputs)) {
      if (flags.against_ids()) {
        if (!verifier.check(text.name, 0, text.text)) return false;
        continue;
      }
      for (const std::string_view piece : cut_at_lines(text.text, kPieceBytes)) {
        if (!verifier.check(text.name, static_cast<size_t>(piece.data() - text.text.data()), piece))
          return false;
      }
    }
  }
  for (uint64_t i = 0; i < flags.fuzz; ++i) {
    if (!verifier.check(fmt::format("random string {} of seed {}", i, flags.seed), 0,
                        tokenizer::random_text(flags.seed, i)))
      return false;
  }
  return true;
}

void print_difference(const nlohmann::ordered_json& difference) {
  fmt::print("first difference: {}, byte {}, token {}\n  text      ...{} | {}...\n",
             difference["text"].get<std::string>(), difference["byte"].get<size_t>(),
             difference["token"].get<size_t>(), shown(difference["before"].get<std::string>()),
             shown(difference["behind"].get<std::string>()));
  for (const char* side : {"ours", "reference"}) {
    fmt::print("  {:<9}", side);
    for (const auto& token : difference[side])
      fmt::print(" {} {}", token["id"].get<int32_t>(), token["piece"].dump());
    fmt::print("\n");
  }
}

int verify(const VerifyFlags& flags) {
  const tokenizer::Tokenizer tokenizer = flags.vocabulary.open();
  const std::unique_ptr<Reference> reference = open_reference(flags, tokenizer);
  Verifier verifier(tokenizer, *reference, flags.special.options());
  const bool equal = check_all(verifier, flags);
  if (flags.json) {
    nlohmann::ordered_json json = {{"equal", equal},
                                   {"texts", verifier.texts()},
                                   {"bytes", verifier.bytes()},
                                   {"tokens", verifier.tokens()}};
    if (!equal) json["difference"] = verifier.difference();
    fmt::print("{}\n", json.dump(2));
  } else if (equal) {
    fmt::print("equal: {} texts, {} bytes, {} tokens\n", verifier.texts(), verifier.bytes(),
               verifier.tokens());
  } else {
    print_difference(verifier.difference());
  }
  return equal ? 0 : 1;
}

}  // namespace

Command tokenizer_verify_command() {
  return {"verify", "compare token by token with another vocabulary, program, or the textbook",
          [](Arguments& arguments) { return with_flags<VerifyFlags>(arguments, verify); }};
}

}  // namespace aurora::apps
