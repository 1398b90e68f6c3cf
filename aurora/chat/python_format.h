// Python's three ways to format: "%d" % x, "{}".format(x) and format(x, "d").
#pragma once

#include "aurora/chat/runtime.h"

namespace aurora::chat {

// values: a tuple, a mapping for %(name)s, or one value. Markup if the format is.
Value percent_format(const Value& format, const Value& values, Runtime& runtime);
Value brace_format(const Value& format, const Arguments& arguments, Runtime& runtime);

// How a number or a text is put: the part of a format after ':' or between '%' and the letter.
struct FormatSpec {
  std::string fill = " ";
  char align = 0;  // < > ^ = or 0: by type
  char sign = '-';
  bool alternate = false;  // #
  int64_t width = 0;
  char grouping = 0;  // , or _
  std::optional<int64_t> precision;
  char type = 0;
};
FormatSpec parse_format_spec(std::string_view text);
// format(value, spec). Trouble: a spec that the type does not take.
std::string format_value(const Value& value, const FormatSpec& spec, Meter& meter);
// Filled up to the width.
std::string padded(const std::string& text, const FormatSpec& spec, char default_align, Meter& meter);

}  // namespace aurora::chat
