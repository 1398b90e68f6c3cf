// `aurora tokenizer report`: what vocabularies make of texts, so that one can be chosen before a model is
// trained.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/tokenizer_open.h"
#include "aurora/base/error.h"
#include "aurora/tokenizer/report.h"

namespace aurora::apps {
namespace {

constexpr size_t kPieceBytes = 1 << 20;

struct ReportFlags {
  VocabularyFlags vocabulary;
  std::vector<std::string> compare;
  std::vector<std::string> inputs;
  std::string parallel;
  int64_t words = 5;
  bool json = false;

  void declare(Arguments& arguments) {
    vocabulary.declare(arguments);
    arguments.list("--compare", compare, "vocabularies side by side");
    arguments.list("--input", inputs, "texts, FILE or NAME=FILE: one for each language or domain");
    arguments.option(
        "--parallel", parallel,
        "the texts say the same in other languages: tokens beside those of the text of this name");
    arguments.option("--words", words, "so many of the most wasteful words");
    arguments.flag("--json", json, "machine-readable");
  }
};

struct Row {
  std::string text;
  std::string vocabulary;
  int32_t vocab_size = 0;
  tokenizer::TextReport report;
  double parity = 0;  // 0: not asked for
};

tokenizer::TextReport report_text(const tokenizer::Tokenizer& tokenizer, const NamedText& text) {
  tokenizer::Reporter reporter(tokenizer);
  for (const std::string_view piece : cut_at_lines(text.text, kPieceBytes)) reporter.add(piece);
  return reporter.finish();
}

// Rows of one vocabulary get their parity from its row of the text that was named.
void set_parity(std::vector<Row>& rows, const std::string& base) {
  for (Row& row : rows) {
    const auto english = std::find_if(rows.begin(), rows.end(), [&](const Row& other) {
      return other.text == base && other.vocabulary == row.vocabulary;
    });
    if (english == rows.end())
      throw UsageError(fmt::format("no text is named \"{}\"", base), "--parallel",
                       "name it: --input en=FILE ja=FILE");
    row.parity = static_cast<double>(row.report.tokens) /
                 static_cast<double>(std::max<uint64_t>(english->report.tokens, 1));
  }
}

nlohmann::ordered_json json_of(const Row& row, size_t words) {
  const tokenizer::TextReport& report = row.report;
  nlohmann::ordered_json json = {{"text", row.text},
                                 {"vocabulary", row.vocabulary},
                                 {"vocab_size", row.vocab_size},
                                 {"bytes", report.bytes},
                                 {"characters", report.characters},
                                 {"words", report.words},
                                 {"tokens", report.tokens},
                                 {"bytes_per_token", report.bytes_per_token()},
                                 {"tokens_per_character", report.tokens_per_character()},
                                 {"fertility", report.fertility()},
                                 {"single_byte_share", report.single_byte_share()},
                                 {"split_character_share", report.split_character_share()},
                                 {"distinct_tokens", report.distinct_tokens}};
  if (row.parity > 0) json["parity"] = row.parity;
  json["wasteful_words"] = nlohmann::json::array();
  for (size_t i = 0; i < std::min(words, report.wasteful.size()); ++i) {
    const tokenizer::WastefulWord& word = report.wasteful[i];
    json["wasteful_words"].push_back({{"word", word.word}, {"count", word.count}, {"tokens", word.tokens}});
  }
  return json;
}

void print_table(const std::vector<Row>& rows, size_t words) {
  size_t text_width = 4, name_width = 10;
  for (const Row& row : rows) {
    text_width = std::max(text_width, row.text.size());
    name_width = std::max(name_width, row.vocabulary.size());
  }
  fmt::print("{:<{}}  {:<{}}  {:>10}  {:>10}  {:>11}  {:>9}  {:>6}  {:>11}  {:>11}\n", "text", text_width,
             "vocabulary", name_width, "tokens", "bytes/tok", "tok/char", "fertility", "parity",
             "single byte", "split chars");
  for (const Row& row : rows) {
    const tokenizer::TextReport& report = row.report;
    fmt::print("{:<{}}  {:<{}}  {:>10}  {:>10.3f}  {:>11.3f}  {:>9.2f}  {:>6}  {:>10.2f}%  {:>10.2f}%\n",
               row.text, text_width, row.vocabulary, name_width, report.tokens, report.bytes_per_token(),
               report.tokens_per_character(), report.fertility(),
               row.parity > 0 ? fmt::format("{:.2f}", row.parity) : "-", 100 * report.single_byte_share(),
               100 * report.split_character_share());
  }
  if (words == 0) return;
  fmt::print("\nmost wasteful words (times, tokens a time)\n");
  for (const Row& row : rows) {
    fmt::print("{:<{}}  {:<{}} ", row.text, text_width, row.vocabulary, name_width);
    for (size_t i = 0; i < std::min(words, row.report.wasteful.size()); ++i) {
      const tokenizer::WastefulWord& word = row.report.wasteful[i];
      fmt::print(" {} ({}, {:.1f})", word.word, word.count,
                 static_cast<double>(word.tokens) / static_cast<double>(word.count));
    }
    fmt::print("\n");
  }
}

int report(const ReportFlags& flags) {
  std::vector<std::string> vocabularies = flags.compare;
  if (!flags.vocabulary.vocab.empty()) vocabularies.insert(vocabularies.begin(), flags.vocabulary.vocab);
  if (vocabularies.empty())
    throw UsageError("a vocabulary is needed", "--vocab", "give --vocab FILE, or --compare FILE FILE");
  const std::vector<NamedText> texts = read_texts(flags.inputs);
  std::vector<tokenizer::Tokenizer> tokenizers;
  for (const std::string& vocabulary : vocabularies) {
    tokenizers.push_back(open_vocabulary(
        vocabulary, Path(vocabulary).extension() == ".tiktoken" ? flags.vocabulary.pattern : ""));
  }
  std::vector<Row> rows;
  for (const NamedText& text : texts) {
    for (size_t i = 0; i < tokenizers.size(); ++i) {
      rows.push_back(
          {text.name, vocabularies[i], tokenizers[i].vocab_size(), report_text(tokenizers[i], text)});
    }
  }
  if (!flags.parallel.empty()) set_parity(rows, flags.parallel);
  const auto words = static_cast<size_t>(std::max<int64_t>(flags.words, 0));
  if (!flags.json) {
    print_table(rows, words);
    return 0;
  }
  nlohmann::ordered_json json = nlohmann::json::array();
  for (const Row& row : rows) json.push_back(json_of(row, words));
  fmt::print("{}\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
  return 0;
}

}  // namespace

Command tokenizer_report_command() {
  return {"report", "bytes per token, fertility, parity, waste; vocabularies side by side",
          [](Arguments& arguments) { return with_flags<ReportFlags>(arguments, report); }};
}

}  // namespace aurora::apps
