#include "aurora/tokenizer/formats/tokenizer_config.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aurora/format/json_value.h"
#include "aurora/tokenizer/formats/json_node.h"

namespace aurora::tokenizer {
namespace {

constexpr uint64_t kMaxBytes = uint64_t{1} << 28;
constexpr const char* kConfig = "tokenizer_config.json";

// One of the files; an empty object where it is not there.
class ConfigFile {
 public:
  ConfigFile(const Path& folder, const char* name)
      : where_((folder / name).string()), json_(nlohmann::json::object()) {
    if (!std::filesystem::exists(folder / name)) return;
    json_ = format::parse_json(read_file(folder / name, kMaxBytes), where_, "copy the file anew");
  }
  JsonNode node() const { return {json_, where_}; }

 private:
  std::string where_;
  nlohmann::json json_;
};

int32_t id_of(const Spec& spec, const JsonNode& node, const std::string& text) {
  for (const AddedToken& token : spec.added) {
    if (token.text == text) return token.id;
  }
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    if (spec.tokens[id].kind != TokenKind::kHole && spec.tokens[id].text == text)
      return static_cast<int32_t>(id);
  }
  node.refuse("\"" + text + "\" is no token of the tokenizer", "add it to added_tokens of tokenizer.json");
}

// "</s>" or {"content": "</s>", ...}; -1: not named.
int32_t named_token(const Spec& spec, const JsonNode& config, const char* key) {
  if (config.lacks(key)) return -1;
  const JsonNode node = config.at(key);
  return id_of(spec, node, node.json().is_object() ? node.text("content") : node.text());
}

// 2 or [2, 5], of which the first counts; -1: not named.
int32_t named_id(const Spec& spec, const JsonNode& config, const char* key) {
  if (config.lacks(key)) return -1;
  JsonNode node = config.at(key);
  if (node.json().is_array()) {
    const std::vector<JsonNode> ids = node.items();
    if (ids.empty()) return -1;
    node = ids.front();
  }
  return static_cast<int32_t>(node.number(0, static_cast<int64_t>(spec.tokens.size()) - 1));
}

// A text, or a list of named ones, of which "default" counts.
std::string template_of(const JsonNode& node) {
  if (!node.json().is_array()) return node.text();
  for (const JsonNode& item : node.items()) {
    if (item.text("name") == "default") return item.text("template");
  }
  return "";
}

// As transformers builds the template of a text of these two settings.
void read_template(const JsonNode& config, Spec& spec) {
  if (config.lacks("add_bos_token") && config.lacks("add_eos_token")) return;
  using Kind = TemplatePiece::Kind;
  const bool begin = config.flag_or("add_bos_token", false) && spec.begin_of_document >= 0;
  const bool end = config.flag_or("add_eos_token", false) && spec.end_of_document >= 0;
  const auto add = [&](std::vector<TemplatePiece>& pieces, Kind text, int32_t type_id) {
    if (begin) pieces.push_back({Kind::kToken, spec.begin_of_document, type_id});
    pieces.push_back({text, 0, type_id});
    if (end) pieces.push_back({Kind::kToken, spec.end_of_document, type_id});
  };
  spec.single.clear();
  add(spec.single, Kind::kFirst, 0);
  spec.pair = spec.single;
  add(spec.pair, Kind::kSecond, 1);
}

void check_added(const JsonNode& config, const Spec& spec) {
  if (config.lacks("added_tokens_decoder")) return;
  const JsonNode added = config.at("added_tokens_decoder");
  for (const auto& item : added.object().items())
    id_of(spec, added, added.at(item.key().c_str()).text("content"));
}

}  // namespace

void read_tokenizer_config(const Path& folder, Spec& spec) {
  const ConfigFile config(folder, kConfig);
  const ConfigFile map(folder, "special_tokens_map.json");
  const ConfigFile generation(folder, "generation_config.json");
  for (const ConfigFile* file : {&config, &map}) {
    if (const int32_t id = named_token(spec, file->node(), "bos_token"); spec.begin_of_document < 0) {
      spec.begin_of_document = id;
    }
  }
  int32_t end = named_token(spec, config.node(), "eos_token");
  if (end < 0) end = named_token(spec, map.node(), "eos_token");
  if (end < 0 && spec.end_of_document < 0) end = named_id(spec, generation.node(), "eos_token_id");
  if (end >= 0) spec.end_of_document = end;
  check_added(config.node(), spec);
  read_template(config.node(), spec);
  if (!config.node().lacks("chat_template"))
    spec.chat_template = template_of(config.node().at("chat_template"));
  if (const Path jinja = folder / "chat_template.jinja"; std::filesystem::exists(jinja)) {
    spec.chat_template = read_file(jinja, kMaxBytes);
  }
}

std::string tokenizer_class(const Path& folder) {
  return ConfigFile(folder, kConfig).node().text_or("tokenizer_class", "");
}

std::string write_tokenizer_config(const Spec& spec) {
  nlohmann::ordered_json json = {{"tokenizer_class", "PreTrainedTokenizerFast"}};
  const auto name = [&](const char* key, int32_t id) {
    if (id >= 0) json[key] = spec.tokens[id].text;
  };
  name("bos_token", spec.begin_of_document);
  name("eos_token", spec.end_of_document);
  name("unk_token", spec.unknown);
  json["clean_up_tokenization_spaces"] = false;
  if (!spec.chat_template.empty()) json["chat_template"] = spec.chat_template;
  return json.dump(2) + "\n";
}

}  // namespace aurora::tokenizer
