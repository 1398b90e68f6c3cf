#include "aurora/serve/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "aurora/serve/api_error.h"

namespace aurora::serve {
namespace {

// Levenshtein's distance, for names of fields.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row[b.size()];
}

class DepthLimit {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json&) {
    if (event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start)
      if (depth >= kDeepestJson)
        throw ApiError(400, "invalid_json",
                       fmt::format("the body is nested deeper than {} levels", kDeepestJson));
    return true;
  }
};

}  // namespace

Json parse_body(std::string_view body) {
  Json json;
  try {
    json = Json::parse(body, DepthLimit());
  } catch (const Json::parse_error& error) {
    throw ApiError(
        400, "invalid_json",
        fmt::format("the body is no JSON: byte {}: {}", error.byte,
                    std::string_view(error.what()).substr(std::string_view(error.what()).rfind(": ") + 2)));
  } catch (const Json::exception& error) {
    throw ApiError(400, "invalid_json", "the body is no JSON that can be read (a number too large?)");
  }
  if (!json.is_object()) throw ApiError(400, "invalid_json", "the body is no JSON object");
  return json;
}

Fields::Fields(const Json& object, std::string path) : object_(object), path_(std::move(path)) {
  if (!object.is_object()) throw ApiError::invalid(path_, fmt::format("'{}' is no object", path_));
}

std::string Fields::path_of(std::string_view name) const {
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

const Json* Fields::find(const char* name) {
  known_.insert(name);
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

const Json& Fields::required(const char* name) {
  const Json* value = find(name);
  if (!value)
    throw ApiError(400, "missing_required_parameter", fmt::format("'{}' is missing", path_of(name)),
                   path_of(name));
  return *value;
}

std::optional<double> Fields::number(const char* name, double least, double most) {
  const Json* value = find(name);
  if (!value) return std::nullopt;
  const double number = value->is_number() ? value->get<double>() : std::nan("");
  if (!(number >= least && number <= most))
    throw ApiError::invalid(path_of(name),
                            fmt::format("'{}' is no number from {} to {}", path_of(name), least, most));
  return number;
}

std::optional<int64_t> Fields::integer(const char* name, int64_t least, int64_t most) {
  const Json* value = find(name);
  if (!value) return std::nullopt;
  const bool too_large = value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX;
  if (!value->is_number_integer() || too_large || value->get<int64_t>() < least ||
      value->get<int64_t>() > most)
    throw ApiError::invalid(path_of(name),
                            fmt::format("'{}' is no whole number from {} to {}", path_of(name), least, most));
  return value->get<int64_t>();
}

std::optional<bool> Fields::boolean(const char* name) {
  const Json* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_boolean())
    throw ApiError::invalid(path_of(name), fmt::format("'{}' is neither true nor false", path_of(name)));
  return value->get<bool>();
}

std::optional<std::string> Fields::text(const char* name) {
  const Json* value = find(name);
  if (!value) return std::nullopt;
  return text_of(*value, path_of(name));
}

std::string Fields::required_text(const char* name) {
  return text_of(required(name), path_of(name));
}

void Fields::accept(std::initializer_list<const char*> names) {
  for (const char* name : names) known_.insert(name);
}

void Fields::refuse(const char* name, const std::string& why) {
  if (find(name))
    throw ApiError(400, "unsupported_parameter", fmt::format("'{}' is not supported: {}", path_of(name), why),
                   path_of(name));
}

void Fields::finish() const {
  for (const auto& [name, value] : object_.items()) {
    if (known_.count(name)) continue;
    std::string nearest;
    size_t least = 3;  // more than two letters changed is another word
    for (const std::string& known : known_) {
      const size_t far = distance(name, known);
      if (far < least) least = far, nearest = known;
    }
    const std::string hint = nearest.empty() ? "" : fmt::format("; did you mean '{}'?", nearest);
    throw ApiError(400, "unknown_parameter", fmt::format("'{}' is not a known field{}", path_of(name), hint),
                   path_of(name));
  }
}

std::string text_of(const Json& value, const std::string& path) {
  if (!value.is_string()) throw ApiError::invalid(path, fmt::format("'{}' is no text", path));
  return value.get<std::string>();
}

std::vector<int32_t> ids_of(const Json& list, const std::string& path) {
  if (!list.is_array()) throw ApiError::invalid(path, fmt::format("'{}' is no list of token ids", path));
  std::vector<int32_t> ids;
  for (const Json& id : list) {
    const bool fits = id.is_number_integer() && id.get<int64_t>() >= 0 && id.get<int64_t>() <= INT32_MAX;
    if (!fits) throw ApiError::invalid(path, fmt::format("'{}' holds something that is no token id", path));
    ids.push_back(id.get<int32_t>());
  }
  return ids;
}

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace aurora::serve
