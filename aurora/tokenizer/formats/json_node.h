// A place in a JSON document that knows its path, so that what is refused is named:
// "tokenizer.json, pre_tokenizer.pretokenizers[1]". Only for .cpp files: they bring <nlohmann/json.hpp>
// themselves.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace aurora::tokenizer {

class JsonNode {
 public:
  using Json = nlohmann::json;

  // The whole document; `where` names its file. `json` must outlive all nodes.
  JsonNode(const Json& json, std::string where) : json_(&json), where_(std::move(where)) {}

  const Json& json() const { return *json_; }
  bool is_null() const;
  // The key is missing or null.
  bool lacks(const char* key) const;
  JsonNode at(const char* key) const;                 // Error: missing
  std::vector<JsonNode> items() const;                // Error: no array
  const Json& object() const;                         // Error: no object
  std::string text() const;                           // Error: no string
  bool flag() const;                                  // Error: neither true nor false
  double real() const;                                // Error: no number
  int64_t number(int64_t least, int64_t most) const;  // Error: no whole number in [least, most]

  std::string text(const char* key) const { return at(key).text(); }
  std::string text_or(const char* key, const char* absent) const;
  bool flag_or(const char* key, bool absent) const;  // also of null

  [[noreturn]] void refuse(const std::string& what) const;
  [[noreturn]] void refuse(const std::string& what, const std::string& remedy) const;

 private:
  JsonNode(const Json& json, std::string where, std::string path)
      : json_(&json), where_(std::move(where)), path_(std::move(path)) {}

  const Json* json_;
  std::string where_;
  std::string path_;
};

}  // namespace aurora::tokenizer
