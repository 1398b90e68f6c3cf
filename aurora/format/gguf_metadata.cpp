#include <fmt/format.h>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/format/gguf.h"

namespace aurora::format {
namespace {

constexpr const char* kTypeNames[] = {"u8",   "i8",   "u16",   "i16", "u32", "i32", "f32",
                                      "bool", "text", "array", "u64", "i64", "f64"};

std::string type_name(const GgufValue& value) {
  const GgufArray* array = std::get_if<GgufArray>(&value);
  return array ? fmt::format("an array of {}", kTypeNames[array->items.index()]) : kTypeNames[value.index()];
}

}  // namespace

void GgufMetadata::set(std::string key, GgufValue value) {
  AURORA_CHECK(by_key_.emplace(key, entries_.size()).second, "key {} twice", key);
  entries_.emplace_back(std::move(key), std::move(value));
}

const GgufValue* GgufMetadata::find(const std::string& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &entries_[found->second].second;
}

void GgufMetadata::refuse(const std::string& key, const std::string& what) const {
  throw Error(what, fmt::format("{}, key {}", where_, key), "convert the model again, or use another file");
}

std::optional<int64_t> GgufMetadata::integer(const std::string& key) const {
  const GgufValue* value = find(key);
  if (!value) return std::nullopt;
  return std::visit(
      [&]<typename T>(const T& number) -> int64_t {
        if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
          if (!std::in_range<int64_t>(number)) refuse(key, "the number is too large");
          return static_cast<int64_t>(number);
        } else {
          refuse(key, fmt::format("{}, but a whole number is wanted", type_name(*value)));
        }
      },
      *value);
}

std::optional<double> GgufMetadata::real(const std::string& key) const {
  const GgufValue* value = find(key);
  if (!value) return std::nullopt;
  return std::visit(
      [&]<typename T>(const T& number) -> double {
        if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)
          return static_cast<double>(number);
        else
          refuse(key, fmt::format("{}, but a number is wanted", type_name(*value)));
      },
      *value);
}

std::optional<bool> GgufMetadata::flag(const std::string& key) const {
  const GgufValue* value = find(key);
  if (!value) return std::nullopt;
  if (const bool* flag = std::get_if<bool>(value)) return *flag;
  refuse(key, fmt::format("{}, but true or false is wanted", type_name(*value)));
}

const std::string* GgufMetadata::text(const std::string& key) const {
  const GgufValue* value = find(key);
  if (!value) return nullptr;
  if (const auto* text = std::get_if<std::string>(value)) return text;
  refuse(key, fmt::format("{}, but a text is wanted", type_name(*value)));
}

const std::vector<std::string>* GgufMetadata::texts(const std::string& key) const {
  const GgufValue* value = find(key);
  if (!value) return nullptr;
  if (const auto* array = std::get_if<GgufArray>(value))
    if (const auto* texts = std::get_if<std::vector<std::string>>(&array->items)) return texts;
  refuse(key, fmt::format("{}, but an array of texts is wanted", type_name(*value)));
}

const std::vector<float>* GgufMetadata::reals(const std::string& key) const {
  const GgufValue* value = find(key);
  if (!value) return nullptr;
  if (const auto* array = std::get_if<GgufArray>(value))
    if (const auto* reals = std::get_if<std::vector<float>>(&array->items)) return reals;
  refuse(key, fmt::format("{}, but an array of f32 is wanted", type_name(*value)));
}

std::optional<std::vector<int64_t>> GgufMetadata::integers(const std::string& key) const {
  const GgufValue* value = find(key);
  if (!value) return std::nullopt;
  const auto* array = std::get_if<GgufArray>(value);
  if (!array) refuse(key, fmt::format("{}, but an array of whole numbers is wanted", type_name(*value)));
  return std::visit(
      [&]<typename T>(const std::vector<T>& items) -> std::vector<int64_t> {
        if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
          std::vector<int64_t> numbers;
          numbers.reserve(items.size());
          for (T item : items) {
            if (!std::in_range<int64_t>(item)) refuse(key, "a number is too large");
            numbers.push_back(static_cast<int64_t>(item));
          }
          return numbers;
        } else {
          refuse(key, fmt::format("{}, but an array of whole numbers is wanted", type_name(*value)));
        }
      },
      array->items);
}

int64_t GgufMetadata::required_integer(const std::string& key) const {
  if (const auto number = integer(key)) return *number;
  refuse(key, "the key is missing");
}
double GgufMetadata::required_real(const std::string& key) const {
  if (const auto number = real(key)) return *number;
  refuse(key, "the key is missing");
}
const std::string& GgufMetadata::required_text(const std::string& key) const {
  if (const std::string* found = text(key)) return *found;
  refuse(key, "the key is missing");
}

}  // namespace aurora::format
