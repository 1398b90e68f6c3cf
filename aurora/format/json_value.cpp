#include "aurora/format/json_value.h"

#include <nlohmann/json.hpp>

#include "aurora/base/error.h"

namespace aurora::format {

Json parse_json(std::string_view text, const std::string& where, const std::string& remedy) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw Error("not valid JSON", where + "@" + std::to_string(error.byte), remedy);
  } catch (const Json::exception& error) {  // a number beyond f64
    throw Error(std::string("not usable JSON: ") + error.what(), where, remedy);
  }
}

JsonObject::JsonObject(const Json& json, std::string where, std::string remedy)
    : json_(json), where_(std::move(where)), remedy_(std::move(remedy)) {
  if (!json_.is_object()) refuse("not a JSON object");
}

const Json& JsonObject::at(const char* key) const {
  const auto found = json_.find(key);
  if (found == json_.end()) refuse(std::string("key \"") + key + "\" is missing");
  return *found;
}

std::string JsonObject::text(const char* key) const {
  if (!at(key).is_string()) refuse(std::string("key \"") + key + "\" is no string");
  return at(key).get<std::string>();
}

uint64_t JsonObject::number(const char* key) const {
  if (!at(key).is_number_unsigned()) refuse(std::string("key \"") + key + "\" is no whole number");
  return at(key).get<uint64_t>();
}

const Json& JsonObject::array(const char* key) const {
  if (!at(key).is_array()) refuse(std::string("key \"") + key + "\" is no array");
  return at(key);
}

const Json& JsonObject::object(const char* key) const {
  if (!at(key).is_object()) refuse(std::string("key \"") + key + "\" is no object");
  return at(key);
}

void JsonObject::refuse(const std::string& what) const {
  throw Error(what, where_, remedy_);
}

}  // namespace aurora::format
