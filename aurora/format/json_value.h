// Reading JSON that others wrote: a wrong type or a missing key is an Error that names file and key. Who uses
// it includes <nlohmann/json.hpp> in the .cpp file.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace aurora::format {

// For writing: keeps the order in which keys are added. It looks keys up in linear time, so reading uses
// nlohmann::json.
using OrderedJson = nlohmann::ordered_json;
using Json = nlohmann::json;

// Parses `text`, which came from `where`. Error with the offset of the first wrong byte.
Json parse_json(std::string_view text, const std::string& where, const std::string& remedy);

// Looks at one JSON object, which must outlive it.
class JsonObject {
 public:
  // Error when `json` is no object; where and remedy stand in every error.
  JsonObject(const Json& json, std::string where, std::string remedy);
  const Json& at(const char* key) const;
  std::string text(const char* key) const;
  uint64_t number(const char* key) const;  // a whole number, not negative
  const Json& array(const char* key) const;
  const Json& object(const char* key) const;
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  const Json& json_;
  std::string where_;
  std::string remedy_;
};

}  // namespace aurora::format
