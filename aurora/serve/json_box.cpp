#include "aurora/serve/json_box.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace aurora::serve {

JsonBox::JsonBox() : value_(std::make_unique<Json>()) {}
JsonBox::JsonBox(const Json& value) : value_(std::make_unique<Json>(value)) {}
JsonBox::JsonBox(const JsonBox& other) : JsonBox(*other) {}
// What is moved from is null.
JsonBox::JsonBox(JsonBox&& other) noexcept : value_(std::exchange(other.value_, std::make_unique<Json>())) {}
JsonBox& JsonBox::operator=(const JsonBox& other) {
  *value_ = *other;
  return *this;
}
JsonBox& JsonBox::operator=(JsonBox&& other) noexcept {
  value_.swap(other.value_);
  return *this;
}
JsonBox::~JsonBox() = default;

bool JsonBox::is_null() const {
  return value_->is_null();
}

}  // namespace aurora::serve
