// Reading JSON that others wrote: a wrong type or a missing key is an Error that names file and key. For
// .cpp files only, it pulls in nlohmann::json (3 s to compile).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "aurora/base/error.h"

namespace aurora::format {

// For writing: keeps the order in which keys are added. It looks keys up in linear time, so reading uses
// nlohmann::json.
using OrderedJson = nlohmann::ordered_json;
using Json = nlohmann::json;

// Parses `text`, which came from `where`. Error with the offset of the first wrong byte.
inline Json parse_json(std::string_view text, const std::string& where, const std::string& remedy) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw Error("not valid JSON", where + "@" + std::to_string(error.byte), remedy);
  }
}

class JsonObject {
 public:
  JsonObject(const Json& json, std::string where, std::string remedy)
      : json_(json), where_(std::move(where)), remedy_(std::move(remedy)) {
    if (!json_.is_object()) refuse("not a JSON object");
  }
  const Json& at(const char* key) const {
    auto found = json_.find(key);
    if (found == json_.end()) refuse(std::string("key \"") + key + "\" is missing");
    return *found;
  }
  std::string text(const char* key) const {
    if (!at(key).is_string()) refuse(std::string("key \"") + key + "\" is no string");
    return at(key).get<std::string>();
  }
  uint64_t number(const char* key) const {
    if (!at(key).is_number_unsigned()) refuse(std::string("key \"") + key + "\" is no whole number");
    return at(key).get<uint64_t>();
  }
  const Json& array(const char* key) const {
    if (!at(key).is_array()) refuse(std::string("key \"") + key + "\" is no array");
    return at(key);
  }
  const Json& object(const char* key) const {
    if (!at(key).is_object()) refuse(std::string("key \"") + key + "\" is no object");
    return at(key);
  }
  [[noreturn]] void refuse(const std::string& what) const { throw Error(what, where_, remedy_); }

 private:
  const Json& json_;
  std::string where_;
  std::string remedy_;
};

}  // namespace aurora::format
