#include "aurora/constrain/schema_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace aurora::constrain {
namespace {

constexpr size_t kMaxListed = 8192;  // of an enum and the like
constexpr double kMaxCount = 1e9;

}  // namespace

std::string Reading::path() const {
  return child().path;
}

void Reading::refuse(const std::string& what) const {
  refuse_schema(what, path());
}

SchemaPlace Reading::child() const {
  return SchemaDocument::child(place, key);
}

std::vector<SchemaPlace> Reading::children() const {
  if (!value.is_array()) refuse(key + " is no array");
  if (value.size() > kMaxListed) refuse(fmt::format("{} has more than {} entries", key, kMaxListed));
  const SchemaPlace list = child();
  std::vector<SchemaPlace> places;
  for (size_t i = 0; i < value.size(); ++i) places.push_back(SchemaDocument::child(list, i));
  return places;
}

int64_t Reading::count() const {
  if (!value.is_number()) refuse(key + " is no number");
  const double number = value.get<double>();
  if (number < 0 || number != std::floor(number)) refuse(key + " is no whole number");
  return static_cast<int64_t>(std::min(number, kMaxCount));
}

std::string Reading::text() const {
  if (!value.is_string()) refuse(key + " is no string");
  return value.get<std::string>();
}

void lower(int64_t& limit, int64_t count) {
  limit = limit < 0 ? count : std::min(limit, count);
}

}  // namespace aurora::constrain
