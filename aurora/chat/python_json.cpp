#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "aurora/base/utf8.h"
#include "aurora/chat/python_text.h"

namespace aurora::chat {
namespace {

class JsonWriter {
 public:
  JsonWriter(const JsonStyle& style, Meter& meter) : style_(style), meter_(meter) {}

  void write(const Value& value) {
    const Nesting nesting(meter_);
    meter_.spend();
    meter_.check_bytes(out_.size());
    switch (value.kind()) {
      case Kind::kNone:
        out_ += "null";
        break;
      case Kind::kBool:
        out_ += value.truth_bit() ? "true" : "false";
        break;
      case Kind::kInt:
        out_ += std::to_string(value.whole());
        break;
      case Kind::kFloat:
        out_ += number(value.real());
        break;
      case Kind::kText:
        write_text(value.bytes());
        break;
      case Kind::kList:
      case Kind::kTuple:
        write_list(value.items());
        break;
      case Kind::kDict:
        write_dict(value.dict());
        break;
      default:
        fail("Object of type " + type_name(value) + " is not JSON serializable");
    }
  }
  std::string take() { return std::move(out_); }

 private:
  static std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    return float_text(value);
  }

  void write_text(const std::string& text) {
    meter_.spend_bytes(text.size());
    out_ += '"';
    for (size_t at = 0; at < text.size();) {
      const Decoded c = decode_utf8(text, at);
      write_character(c.code_point, std::string_view(text).substr(at, c.bytes));
      at += c.bytes;
    }
    out_ += '"';
  }

  void write_character(uint32_t code_point, std::string_view bytes) {
    switch (code_point) {
      case '"':
        out_ += "\\\"";
        return;
      case '\\':
        out_ += "\\\\";
        return;
      case '\n':
        out_ += "\\n";
        return;
      case '\r':
        out_ += "\\r";
        return;
      case '\t':
        out_ += "\\t";
        return;
      case '\f':
        out_ += "\\f";
        return;
      case '\b':
        out_ += "\\b";
        return;
      default:
        break;
    }
    if (code_point >= 0x20 && (!style_.ascii_only || code_point < 0x7f)) {
      out_ += bytes;
    } else if (code_point < 0x10000) {
      out_ += fmt::format("\\u{:04x}", code_point);
    } else {
      const uint32_t rest = code_point - 0x10000;
      out_ += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 | rest >> 10, 0xdc00 | (rest & 0x3ff));
    }
  }

  void new_line() {
    if (!style_.pretty) return;
    meter_.spend_product(style_.indent.size(), level_);
    out_ += '\n';
    for (size_t i = 0; i < level_; ++i) out_ += style_.indent;
  }

  void separate(bool first) {
    if (!first) out_ += style_.item_separator;
    new_line();
    meter_.spend_bytes(style_.item_separator.size() + style_.key_separator.size());
  }

  void write_list(const Values& items) {
    if (items.empty()) {
      out_ += "[]";
      return;
    }
    out_ += '[';
    ++level_;
    for (size_t i = 0; i < items.size(); ++i) {
      separate(i == 0);
      write(items[i]);
    }
    --level_;
    new_line();
    out_ += ']';
  }

  std::string key_text(const Value& key) {
    switch (key.kind()) {
      case Kind::kText:
        return key.bytes();
      case Kind::kFloat:
        return number(key.real());
      case Kind::kBool:
        return key.truth_bit() ? "true" : "false";
      case Kind::kNone:
        return "null";
      case Kind::kInt:
        return std::to_string(key.whole());
      default:
        fail("keys must be str, int, float, bool or None, not " + type_name(key));
    }
  }

  void write_dict(const Dict& dict) {
    if (dict.entries().empty()) {
      out_ += "{}";
      return;
    }
    std::vector<const std::pair<Value, Value>*> entries;
    for (const auto& entry : dict.entries()) entries.push_back(&entry);
    if (style_.sort_keys) {
      std::stable_sort(entries.begin(), entries.end(),
                       [&](const auto* a, const auto* b) { return less(a->first, b->first, meter_); });
    }
    out_ += '{';
    ++level_;
    for (size_t i = 0; i < entries.size(); ++i) {
      separate(i == 0);
      write_text(key_text(entries[i]->first));
      out_ += style_.key_separator;
      write(entries[i]->second);
    }
    --level_;
    new_line();
    out_ += '}';
  }

  const JsonStyle& style_;
  Meter& meter_;
  std::string out_;
  size_t level_ = 0;
};

}  // namespace

std::string to_json(const Value& value, const JsonStyle& style, Meter& meter) {
  JsonWriter writer(style, meter);
  writer.write(value);
  return writer.take();
}

}  // namespace aurora::chat
