// `aurora tokenizer decode`: token ids to the text they stand for.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/tokenizer_open.h"
#include "aurora/base/error.h"

namespace aurora::apps {
namespace {

struct DecodeFlags {
  VocabularyFlags vocabulary;
  std::vector<std::string> inputs;
  bool skip_special = false;

  void declare(Arguments& arguments) {
    vocabulary.declare(arguments);
    arguments.positional("FILES", inputs,
                         "ids: numbers, a JSON list, or what `encode --json` prints; none: standard input");
    arguments.flag("--skip-special", skip_special, "leave special tokens out");
  }
};

[[noreturn]] void refuse(const std::string& what, const std::string& where) {
  throw Error(what, where, "give numbers apart by spaces or commas, a JSON list, or {\"ids\": [...]}");
}

std::vector<int32_t> ids_of_json(const nlohmann::json& json, const std::string& where) {
  const nlohmann::json& list = json.is_object() && json.contains("ids") ? json["ids"] : json;
  if (!list.is_array()) refuse("no list of ids", where);
  std::vector<int32_t> ids;
  for (const nlohmann::json& item : list) {
    if (!item.is_number_integer()) refuse("an id that is no whole number: " + item.dump(), where);
    ids.push_back(item.get<int32_t>());
  }
  return ids;
}

std::vector<int32_t> ids_of_words(const std::string& text, const std::string& where) {
  std::vector<int32_t> ids;
  for (size_t at = 0; at < text.size();) {
    if (std::string_view(" \t\r\n,").find(text[at]) != std::string_view::npos) {
      ++at;
      continue;
    }
    const size_t end = std::min(text.find_first_of(" \t\r\n,", at), text.size());
    const std::string word = text.substr(at, end - at);
    if (word.size() > 9 || word.find_first_not_of("0123456789") != std::string::npos)
      refuse("\"" + word.substr(0, 40) + "\" is no token id", where);
    ids.push_back(std::stoi(word));
    at = end;
  }
  return ids;
}

int decode(const DecodeFlags& flags) {
  const tokenizer::Tokenizer tokenizer = flags.vocabulary.open();
  for (const NamedText& input : read_texts(flags.inputs)) {
    const size_t begin = input.text.find_first_not_of(" \t\r\n");
    const bool is_json = begin != std::string::npos && (input.text[begin] == '{' || input.text[begin] == '[');
    std::vector<int32_t> ids;
    if (is_json) {
      const nlohmann::json json = nlohmann::json::parse(input.text, nullptr, false);
      if (json.is_discarded()) refuse("not JSON", input.name);
      ids = ids_of_json(json, input.name);
    } else {
      ids = ids_of_words(input.text, input.name);
    }
    const std::string text = tokenizer.decode(ids, flags.skip_special);
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  return 0;
}

}  // namespace

Command tokenizer_decode_command() {
  return {"decode", "token ids to text",
          [](Arguments& arguments) { return with_flags<DecodeFlags>(arguments, decode); }};
}

}  // namespace aurora::apps
