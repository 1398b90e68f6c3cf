// A JSON value inside structs of headers, which must not bring in the library's heavy header. A value like
// any other: copies copy.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>

namespace aurora::serve {

using Json = nlohmann::ordered_json;

class JsonBox {
 public:
  JsonBox();                   // null
  JsonBox(const Json& value);  // NOLINT: a box is its value
  JsonBox(const JsonBox& other);
  JsonBox(JsonBox&&) noexcept;
  JsonBox& operator=(const JsonBox& other);
  JsonBox& operator=(JsonBox&&) noexcept;
  ~JsonBox();

  Json& operator*() { return *value_; }
  const Json& operator*() const { return *value_; }
  bool is_null() const;

 private:
  std::unique_ptr<Json> value_;
};

}  // namespace aurora::serve
