// `aurora tokenizer encode`: ids of texts; on a terminal the text itself, piece by piece in colours.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "apps/tokenizer_open.h"
#include "aurora/base/utf8.h"

namespace aurora::apps {
namespace {

struct EncodeFlags {
  VocabularyFlags vocabulary;
  SpecialFlags special;
  std::vector<std::string> inputs;
  bool json = false;
  bool offsets = false;
  bool ids = false;

  void declare(Arguments& arguments) {
    vocabulary.declare(arguments);
    special.declare(arguments);
    arguments.positional("FILES", inputs, "texts; none: standard input");
    arguments.flag("--json", json, "{\"ids\": [...]} a text");
    arguments.flag("--offsets", offsets, "with --json: where in the text's bytes each token begins and ends");
    arguments.flag("--ids", ids, "ids even on a terminal");
  }
};

// Six backgrounds that black and white letters both stand out from, by turns.
constexpr int kColours[] = {24, 52, 22, 54, 58, 23};

// Line ends are shown and kept; other control characters are shown as symbols; a piece that is no whole
// character is shown as its bytes.
std::string visible(std::string_view piece) {
  if (!is_valid_utf8(piece)) {
    std::string bytes;
    for (const char byte : piece) bytes += fmt::format("<{:02X}>", static_cast<uint8_t>(byte));
    return bytes;
  }
  std::string out;
  for (const char c : piece) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte == 0x7f) {
      out += "\u2421";
    } else if (byte < 32 && byte != '\n') {
      append_utf8(out, 0x2400u + byte);
    } else {
      out += c;
    }
  }
  return out;
}

void print_coloured(const NamedText& text, const std::vector<tokenizer::TokenSpan>& spans) {
  std::string out;
  for (size_t i = 0; i < spans.size(); ++i) {
    const std::string_view piece =
        std::string_view(text.text).substr(spans[i].begin, spans[i].end - spans[i].begin);
    const std::string shown = visible(piece);
    const int colour = kColours[i % std::size(kColours)];
    size_t at = 0;
    while (at < shown.size()) {  // a background must not run to the end of the line
      const size_t line_end = shown.find('\n', at);
      const size_t end = line_end == std::string::npos ? shown.size() : line_end;
      out += fmt::format("\x1b[97;48;5;{}m{}{}\x1b[0m", colour, shown.substr(at, end - at),
                         line_end == std::string::npos ? "" : "\u23ce");
      if (line_end != std::string::npos) out += '\n';
      at = line_end == std::string::npos ? shown.size() : line_end + 1;
    }
  }
  if (out.empty() || out.back() != '\n') out += '\n';
  fmt::print("{}", out);
  fmt::print("{}: {} bytes, {} tokens, {:.2f} bytes per token\n", text.name, text.text.size(), spans.size(),
             spans.empty() ? 0.0 : static_cast<double>(text.text.size()) / static_cast<double>(spans.size()));
}

void print_json(const NamedText& text, const std::vector<tokenizer::TokenSpan>& spans,
                const EncodeFlags& flags) {
  nlohmann::ordered_json json;
  if (flags.inputs.size() > 1) json["file"] = text.name;
  json["ids"] = nlohmann::json::array();
  for (const tokenizer::TokenSpan& span : spans) json["ids"].push_back(span.id);
  if (flags.offsets) {
    json["offsets"] = nlohmann::json::array();
    for (const tokenizer::TokenSpan& span : spans) json["offsets"].push_back({span.begin, span.end});
  }
  fmt::print("{}\n", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

int encode(const EncodeFlags& flags) {
  const tokenizer::Tokenizer tokenizer = flags.vocabulary.open();
  const tokenizer::EncodeOptions options = flags.special.options();
  const bool coloured = !flags.json && !flags.ids && ::isatty(STDOUT_FILENO) == 1;
  tokenizer::Encoder encoder(tokenizer);
  std::vector<tokenizer::TokenSpan> spans;
  for (const NamedText& text : read_texts(flags.inputs)) {
    spans.clear();
    if (coloured || flags.offsets) {
      encoder.encode_with_offsets(text.text, spans, options);
    } else {
      std::vector<int32_t> ids;
      encoder.encode(text.text, ids, options);
      for (const int32_t id : ids) spans.push_back({id, 0, 0});
    }
    if (flags.json) {
      print_json(text, spans, flags);
    } else if (coloured) {
      print_coloured(text, spans);
    } else {
      std::vector<int32_t> ids;
      for (const tokenizer::TokenSpan& span : spans) ids.push_back(span.id);
      fmt::print("{}\n", fmt::join(ids, " "));
    }
  }
  return 0;
}

}  // namespace

Command tokenizer_encode_command() {
  return {"encode", "text to token ids; on a terminal the pieces in colours",
          [](Arguments& arguments) { return with_flags<EncodeFlags>(arguments, encode); }};
}

}  // namespace aurora::apps
