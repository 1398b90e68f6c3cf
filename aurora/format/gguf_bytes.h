// GGUF's values as bytes. Part of gguf.cpp.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "aurora/format/gguf.h"

namespace aurora::format {

constexpr char kGgufMagic[] = "GGUF";

class GgufBytes {
 public:
  const std::string& bytes() const { return bytes_; }

  void raw(std::string_view bytes) { bytes_ += bytes; }
  template <typename T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(const std::string& text) {
    number(static_cast<uint64_t>(text.size()));
    bytes_ += text;
  }
  // Its type, then it.
  void value(const GgufValue& value) {
    number(static_cast<uint32_t>(value.index()));
    std::visit([this](const auto& inner) { item(inner); }, value);
  }

 private:
  void item(const std::string& value) { text(value); }
  void item(bool value) { number(static_cast<uint8_t>(value)); }
  void item(const GgufArray& array) {
    number(static_cast<uint32_t>(array.items.index()));
    number(static_cast<uint64_t>(array.size()));
    std::visit(
        [this]<typename T>(const std::vector<T>& items) {
          for (const auto& inner : items) item(static_cast<const T&>(inner));
        },
        array.items);
  }
  template <typename T>
  requires std::is_arithmetic_v<T>
  void item(T value) { number(value); }

  std::string bytes_;
};

}  // namespace aurora::format
