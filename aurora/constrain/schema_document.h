// A JSON schema as it was given: parsed, within limits, with its references.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace aurora::constrain {

using SchemaJson = nlohmann::ordered_json;  // properties keep their order

// One schema in a document: an object, true or false.
struct SchemaPlace {
  const SchemaJson* json;
  std::string path;  // for errors: "schema#/properties/a"
};

class SchemaDocument {
 public:
  static constexpr size_t kMaxBytes = size_t{1} << 18;
  static constexpr size_t kMaxDepth = 64;
  static constexpr size_t kMaxKeys = 2048;  // of one object; looked up one by one

  // `name` begins every path. Error: no JSON (with the offset), too long, nested too deep,
  // an object with too many keys.
  SchemaDocument(std::string_view text, std::string name);
  ~SchemaDocument();

  SchemaPlace root() const;
  // What a "$ref" at `place` stands for. Error: not in this document ("#" or "#/..."), or nothing there.
  SchemaPlace resolve(const std::string& reference, const SchemaPlace& place) const;
  // The schema under a key, or an index, of a place.
  static SchemaPlace child(const SchemaPlace& place, const std::string& key);
  static SchemaPlace child(const SchemaPlace& place, size_t index);

 private:
  std::string name_;
  std::unique_ptr<const SchemaJson> json_;
};

[[noreturn]] void refuse_schema(const std::string& what, const std::string& path);

}  // namespace aurora::constrain
