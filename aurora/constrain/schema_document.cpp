#include "aurora/constrain/schema_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "aurora/base/error.h"

namespace aurora::constrain {
namespace {

// Before the parser builds anything of it.
void check_limits(std::string_view text, const std::string& name) {
  std::vector<size_t> colons = {0};  // of each object around
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') colons.push_back(0);
    if ((c == '}' || c == ']') && colons.size() > 1) colons.pop_back();
    if (colons.size() > SchemaDocument::kMaxDepth + 1) {
      refuse_schema(fmt::format("nested more than {} deep", SchemaDocument::kMaxDepth),
                    fmt::format("{}@{}", name, i));
    }
    if (c == ':' && ++colons.back() > SchemaDocument::kMaxKeys) {
      refuse_schema(fmt::format("an object with more than {} keys", SchemaDocument::kMaxKeys),
                    fmt::format("{}@{}", name, i));
    }
  }
}

std::string escape(const std::string& key) {
  std::string out;
  for (const char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

// RFC 6901, in a URI fragment.
std::string unescape(std::string_view token) {
  std::string plain;
  for (size_t i = 0; i < token.size(); ++i) {
    int byte = 0;
    const char* const digits = token.data() + i + 1;
    if (token[i] == '%' && i + 2 < token.size() &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      plain += static_cast<char>(byte);
      i += 2;
    } else {
      plain += token[i];
    }
  }
  std::string out;
  for (size_t i = 0; i < plain.size(); ++i) {
    const bool tilde =
        plain[i] == '~' && i + 1 < plain.size() && (plain[i + 1] == '0' || plain[i + 1] == '1');
    out += tilde ? (plain[i + 1] == '0' ? '~' : '/') : plain[i];
    if (tilde) ++i;
  }
  return out;
}

}  // namespace

void refuse_schema(const std::string& what, const std::string& path) {
  throw Error("JSON schema: " + what, path, "see docs/formats/constrained-output.md for what is supported");
}

SchemaDocument::SchemaDocument(std::string_view text, std::string name) : name_(std::move(name)) {
  if (text.size() > kMaxBytes) refuse_schema(fmt::format("longer than {} bytes", kMaxBytes), name_);
  check_limits(text, name_);
  try {
    json_ = std::make_unique<const SchemaJson>(SchemaJson::parse(text));
  } catch (const nlohmann::json::parse_error& error) {
    refuse_schema("no JSON", fmt::format("{}@{}", name_, error.byte));
  } catch (const nlohmann::json::exception&) {
    refuse_schema("a number that is too large", name_);
  }
}

SchemaDocument::~SchemaDocument() = default;

SchemaPlace SchemaDocument::root() const {
  return {json_.get(), name_ + "#"};
}

SchemaPlace SchemaDocument::resolve(const std::string& reference, const SchemaPlace& place) const {
  const std::string where = place.path + "/$ref";
  if (reference != "#" && !reference.starts_with("#/")) {
    refuse_schema(fmt::format("the reference {}: only \"#\" and \"#/...\" are supported", reference), where);
  }
  SchemaPlace at = root();
  std::string_view rest = std::string_view(reference).substr(1);
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const size_t slash = std::min(rest.find('/'), rest.size());
    const std::string key = unescape(rest.substr(0, slash));
    rest.remove_prefix(slash);
    size_t index = 0;
    const bool is_index =
        std::from_chars(key.data(), key.data() + key.size(), index).ptr == key.data() + key.size();
    if (at.json->is_object() && at.json->contains(key)) {
      at = child(at, key);
    } else if (at.json->is_array() && is_index && index < at.json->size()) {
      at = child(at, index);
    } else {
      refuse_schema(fmt::format("the reference {} leads nowhere", reference), where);
    }
  }
  return at;
}

SchemaPlace SchemaDocument::child(const SchemaPlace& place, const std::string& key) {
  return {&place.json->at(key), place.path + "/" + escape(key)};
}

SchemaPlace SchemaDocument::child(const SchemaPlace& place, size_t index) {
  return {&place.json->at(index), fmt::format("{}/{}", place.path, index)};
}

}  // namespace aurora::constrain
