// Reads a JSON object of a request field by field. What is wrong becomes an ApiError that names the field by
// its path in the body. null counts as absent, as OpenAI's clients send it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/serve/json_box.h"

namespace aurora::serve {

// Bodies nested deeper than this are refused.
constexpr int kDeepestJson = 64;
// ApiError: no JSON, no object, too deep, or keys that come twice.
Json parse_body(std::string_view body);

class Fields {
 public:
  // path: of the object in the body, empty for the body itself. ApiError when it is no object.
  explicit Fields(const Json& object, std::string path = "");

  const Json* find(const char* name);  // null when absent
  const Json& required(const char* name);
  std::optional<double> number(const char* name, double least, double most);
  std::optional<int64_t> integer(const char* name, int64_t least, int64_t most);
  std::optional<bool> boolean(const char* name);
  std::optional<std::string> text(const char* name);
  std::string required_text(const char* name);
  // Fields that others know and that change nothing here.
  void accept(std::initializer_list<const char*> names);
  // A field whose meaning is not to be had here: ApiError when it is there.
  void refuse(const char* name, const std::string& why);

  // ApiError for a field that nobody asked for, with the name it resembles.
  void finish() const;

  std::string path_of(std::string_view name) const;  // "messages[2].content"

 private:
  const Json& object_;
  std::string path_;
  std::set<std::string, std::less<>> known_;
};

// Text as the body has it; ApiError when it is no string or holds no characters of Unicode.
std::string text_of(const Json& value, const std::string& path);

// A list of token ids.
std::vector<int32_t> ids_of(const Json& list, const std::string& path);

// As dump(), with broken UTF-8 replaced rather than thrown about.
std::string to_text(const Json& json);

}  // namespace aurora::serve
