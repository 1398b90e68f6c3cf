#include "aurora/tokenizer/formats/json_node.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"

namespace aurora::tokenizer {

bool JsonNode::is_null() const {
  return json_->is_null();
}

bool JsonNode::lacks(const char* key) const {
  const auto found = object().find(key);
  return found == json_->end() || found->is_null();
}

JsonNode JsonNode::at(const char* key) const {
  const auto found = object().find(key);
  if (found == json_->end()) refuse(fmt::format("\"{}\" is missing", key));
  return {*found, where_, path_.empty() ? key : path_ + "." + key};
}

std::vector<JsonNode> JsonNode::items() const {
  if (!json_->is_array()) refuse("not an array");
  std::vector<JsonNode> nodes;
  nodes.reserve(json_->size());
  for (const Json& item : *json_) {
    nodes.push_back({item, where_, fmt::format("{}[{}]", path_, nodes.size())});
  }
  return nodes;
}

const JsonNode::Json& JsonNode::object() const {
  if (!json_->is_object()) refuse("not a JSON object");
  return *json_;
}

std::string JsonNode::text() const {
  if (!json_->is_string()) refuse("not a string");
  return json_->get<std::string>();
}

bool JsonNode::flag() const {
  if (!json_->is_boolean()) refuse("neither true nor false");
  return json_->get<bool>();
}

double JsonNode::real() const {
  if (!json_->is_number()) refuse("not a number");
  return json_->get<double>();
}

int64_t JsonNode::number(int64_t least, int64_t most) const {
  if (!json_->is_number_integer()) refuse("not a whole number");
  const bool huge = json_->is_number_unsigned() && json_->get<uint64_t>() > uint64_t{INT64_MAX};
  const int64_t value = huge ? INT64_MAX : json_->get<int64_t>();
  if (value < least || value > most) refuse(fmt::format("not a number in {}..{}", least, most));
  return value;
}

std::string JsonNode::text_or(const char* key, const char* absent) const {
  return lacks(key) ? absent : text(key);
}

bool JsonNode::flag_or(const char* key, bool absent) const {
  return lacks(key) ? absent : at(key).flag();
}

void JsonNode::refuse(const std::string& what) const {
  refuse(what, "use a tokenizer of a kind that docs/formats/tokenizer.md names");
}

void JsonNode::refuse(const std::string& what, const std::string& remedy) const {
  throw Error(what, path_.empty() ? where_ : where_ + ", " + path_, remedy);
}

}  // namespace aurora::tokenizer
