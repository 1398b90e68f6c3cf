#include <algorithm>
#include <charconv>
#include <cmath>

#include "aurora/chat/python_format.h"
#include "aurora/chat/python_text.h"

namespace aurora::chat {
namespace {

class PercentFormatter {
 public:
  PercentFormatter(const Value& format, const Value& values, Runtime& runtime)
      : text_(format.bytes()), markup_(format.text().markup), values_(values), meter_(runtime.meter) {
    // What has a __getitem__, though only a dict has names.
    is_mapping_ = values.is(Kind::kDict) || values.is(Kind::kList) || values.is(Kind::kRange) ||
                  values.is(Kind::kUndefined);
  }

  Value run() {
    for (size_t percent; (percent = text_.find('%')) != std::string_view::npos;) {
      out_ += text_.substr(0, percent);
      text_.remove_prefix(percent + 1);
      convert();
      meter_.check_bytes(out_.size());
    }
    out_ += text_;
    const size_t given = values_.is(Kind::kTuple) ? values_.items().size() : 1;
    if (used_ < given && !(is_mapping_ && used_ == 0))
      fail("not all arguments converted during string formatting");
    return Value::text(std::move(out_), markup_);
  }

 private:
  const Value& next_value() {
    if (by_name_ != nullptr) return *by_name_;
    const size_t given = values_.is(Kind::kTuple) ? values_.items().size() : 1;
    if (used_ >= given) fail("not enough arguments for format string");
    ++used_;
    return values_.is(Kind::kTuple) ? values_.items()[used_ - 1] : values_;
  }

  char take() {
    if (text_.empty()) fail("incomplete format");
    const char c = text_[0];
    text_.remove_prefix(1);
    return c;
  }

  void take_name() {
    if (!values_.is(Kind::kDict)) fail("format requires a mapping");
    size_t depth = 1, end = 0;
    for (; end < text_.size() && depth > 0; ++end)
      depth += text_[end] == '(' ? 1 : text_[end] == ')' ? -1 : 0;
    if (depth > 0) fail("incomplete format key");
    by_name_ = values_.dict().find(text_.substr(0, end - 1));
    if (by_name_ == nullptr) fail("no key " + quoted(text_.substr(0, end - 1)) + " for the format");
    text_.remove_prefix(end);
  }

  int64_t take_size() {
    if (!text_.empty() && text_[0] == '*') {
      take();
      if (by_name_ != nullptr) fail("* wants arguments by position");
      return to_index(next_value());
    }
    int64_t size = 0;
    while (!text_.empty() && text_[0] >= '0' && text_[0] <= '9') {
      size = size * 10 + (take() - '0');
      if (size > INT32_MAX) fail("width too big");
    }
    return size;
  }

  void convert() {
    by_name_ = nullptr;
    FormatSpec spec;
    spec.align = '>';
    bool zero = false;
    if (!text_.empty() && text_[0] == '(') {
      take();
      take_name();
      used_ = 1;
    }
    while (!text_.empty() && std::string_view("-+ #0").find(text_[0]) != std::string_view::npos) {
      const char flag = take();
      if (flag == '-') spec.align = '<';
      if (flag == '+' || (flag == ' ' && spec.sign != '+')) spec.sign = flag;
      if (flag == '#') spec.alternate = true;
      if (flag == '0') zero = true;
    }
    spec.width = take_size();
    if (spec.width < 0) {
      spec.align = '<';
      spec.width = -spec.width;
    }
    if (!text_.empty() && text_[0] == '.') {
      take();
      spec.precision = std::max<int64_t>(0, take_size());
    }
    if (!text_.empty() && std::string_view("hlL").find(text_[0]) != std::string_view::npos) take();
    spec.type = take();
    put(spec, zero);
  }

  void put(FormatSpec spec, bool zero) {
    if (spec.type == '%') {
      out_ += '%';
      return;
    }
    const Value value = next_value();
    if (spec.type == 's' || spec.type == 'r' || spec.type == 'a') return put_text(spec, value);
    if (spec.type == 'c') return put_character(spec, value);
    if (zero && spec.align == '>') {
      spec.align = '=';
      spec.fill = "0";
    }
    if (std::string_view("diuoxX").find(spec.type) != std::string_view::npos) return put_integer(spec, value);
    if (std::string_view("eEfFgG").find(spec.type) == std::string_view::npos) {
      fail(std::string("unsupported format character '") + spec.type + "'");
    }
    if (!value.is_number()) fail("must be real number, not " + type_name(value));
    out_ += format_value(Value::real(value.number()), spec, meter_);
  }

  void put_text(FormatSpec spec, const Value& value) {
    if (spec.type == 'a') fail("%a is not in the subset of Jinja that is known here");
    std::string text = spec.type == 's' ? to_text(value, meter_) : repr(value, meter_);
    if (markup_ && !(spec.type == 's' && value.is(Kind::kText) && value.text().markup))
      text = escape_html(text);
    spec.type = 's';
    spec.sign = '-';
    spec.alternate = false;
    out_ += format_value(Value::text(std::move(text)), spec, meter_);
  }

  void put_character(FormatSpec spec, const Value& value) {
    if (value.is(Kind::kText)) {
      if (value.text().length != 1) fail("%c requires int or char");
      return put_text({.align = spec.align, .width = spec.width, .precision = {}, .type = 's'}, value);
    }
    out_ += format_value(Value::integer(to_index(value)),
                         {.align = spec.align, .width = spec.width, .precision = {}, .type = 'c'}, meter_);
  }

  void put_integer(FormatSpec spec, const Value& value) {
    const bool decimal = spec.type == 'd' || spec.type == 'i' || spec.type == 'u';
    if (!(value.is_integral() || (decimal && value.is(Kind::kFloat)))) {
      fail(std::string("%") + spec.type + " format: a real number is required, not " + type_name(value));
    }
    int64_t whole = value.whole();
    if (value.is(Kind::kFloat)) {
      if (!(std::abs(value.real()) < 0x1p63)) fail("the float does not fit a 64-bit integer");
      whole = static_cast<int64_t>(value.real());
    }
    if (decimal) spec.type = 'd';
    if (spec.precision) fail("a precision for integers is not in the subset of Jinja that is known here");
    out_ += format_value(Value::integer(whole), spec, meter_);
  }

  std::string_view text_;
  const bool markup_;
  const Value& values_;
  Meter& meter_;
  bool is_mapping_ = false;
  const Value* by_name_ = nullptr;
  size_t used_ = 0;
  std::string out_;
};

// The fields of "{...}".format, as string.Formatter reads them.
class BraceFormatter {
 public:
  BraceFormatter(bool markup, const Arguments& arguments, Runtime& runtime)
      : markup_(markup), arguments_(arguments), runtime_(runtime), meter_(runtime.meter) {}

  std::string run(std::string_view text, int depth = 2) {
    if (depth < 0) fail("max string recursion exceeded");
    std::string out;
    while (!text.empty()) {
      const size_t brace = std::min(text.find_first_of("{}"), text.size());
      out += text.substr(0, brace);
      text.remove_prefix(brace);
      if (text.empty()) break;
      if (text.size() > 1 && text[1] == text[0]) {
        out += text[0];
        text.remove_prefix(2);
      } else if (text[0] == '}') {
        fail("Single '}' encountered in format string");
      } else {
        text.remove_prefix(1);
        out += field(take_field(text), depth);
      }
      meter_.check_bytes(out.size());
    }
    return out;
  }

 private:
  static std::string_view take_field(std::string_view& text) {
    size_t depth = 1, end = 0;
    for (; end < text.size(); ++end) {
      depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
      if (depth == 0) break;
    }
    if (depth > 0) fail("expected '}' before end of string");
    const std::string_view field = text.substr(0, end);
    text.remove_prefix(end + 1);
    return field;
  }

  std::string field(std::string_view text, int depth) {
    size_t end = 0;
    bool bracket = false;
    for (; end < text.size(); ++end) {
      bracket = text[end] == '[' || (bracket && text[end] != ']');
      if (!bracket && (text[end] == '!' || text[end] == ':')) break;
    }
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(end);
    char conversion = 0;
    if (!text.empty() && text[0] == '!') {
      if (text.size() < 2 || (text.size() > 2 && text[2] != ':'))
        fail("expected ':' after conversion specifier");
      conversion = text[1];
      text.remove_prefix(2);
    }
    if (!text.empty()) text.remove_prefix(1);  // the colon
    Value value = look_up(name);
    if (conversion == 's') {
      value = Value::text(to_text(value, meter_));
    } else if (conversion == 'r') {
      value = Value::text(repr(value, meter_));
    } else if (conversion != 0) {
      fail(std::string("unknown conversion specifier ") + conversion);
    }
    return put(value, run(text, depth - 1));
  }

  std::string put(const Value& value, const std::string& spec) {
    const bool is_markup = value.is(Kind::kText) && value.text().markup;
    if (is_markup && markup_ && !spec.empty()) fail("unsupported format specification for Markup");
    std::string text =
        spec.empty() ? to_text(value, meter_) : format_value(value, parse_format_spec(spec), meter_);
    return markup_ && !is_markup ? escape_html(text) : text;
  }

  Value look_up(std::string_view name) {
    const size_t end = std::min(name.find_first_of(".["), name.size());
    Value value = first(name.substr(0, end));
    name.remove_prefix(end);
    while (!name.empty()) {
      const char kind = name[0];
      name.remove_prefix(1);
      const size_t stop = kind == '.' ? std::min(name.find_first_of(".["), name.size()) : name.find(']');
      if (stop == std::string_view::npos) fail("missing ']' in format string");
      if (stop == 0) fail("empty attribute in format string");
      const std::string key(name.substr(0, stop));
      name.remove_prefix(kind == '.' ? stop : stop + 1);
      if (kind == '[' && !name.empty() && name[0] != '.' && name[0] != '[')
        fail("only '.' or '[' may follow ']' in format field specifier");
      const auto number = as_number(key);
      value = kind == '.' ? get_attribute(runtime_, value, key)
                          : get_item(runtime_, value, number ? Value::integer(*number) : Value::text(key));
    }
    return value;
  }

  static std::optional<int64_t> as_number(std::string_view text) {
    int64_t number = 0;
    if (text.empty() || text[0] == '-') return std::nullopt;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    return status == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
  }

  Value first(std::string_view name) {
    std::optional<int64_t> index = as_number(name);
    if (name.empty()) {
      if (manual_) fail("cannot switch from manual field specification to automatic field numbering");
      index = automatic_++;
    } else if (index) {
      if (automatic_ > 0) fail("cannot switch from manual field specification to automatic field numbering");
      manual_ = true;
    }
    if (index) {
      if (static_cast<uint64_t>(*index) >= arguments_.positional.size())
        fail("Replacement index out of range for positional args tuple");
      return arguments_.positional[static_cast<size_t>(*index)];
    }
    for (const auto& [key, value] : arguments_.named) {
      if (key == name) return value;
    }
    fail("no argument " + quoted(name) + " for the format");
  }

  const bool markup_;
  const Arguments& arguments_;
  Runtime& runtime_;
  Meter& meter_;
  int64_t automatic_ = 0;
  bool manual_ = false;
};

}  // namespace

Value percent_format(const Value& format, const Value& values, Runtime& runtime) {
  return PercentFormatter(format, values, runtime).run();
}

Value brace_format(const Value& format, const Arguments& arguments, Runtime& runtime) {
  const bool markup = format.text().markup;
  return Value::text(BraceFormatter(markup, arguments, runtime).run(format.bytes()), markup);
}

}  // namespace aurora::chat
