// How Python writes values: str(), repr(), json.dumps().
#pragma once

#include <string>

#include "aurora/chat/value.h"

namespace aurora::chat {

// str(). Trouble: what Python would print with an address (a generator, a function ...).
std::string to_text(const Value& value, Meter& meter);
std::string repr(const Value& value, Meter& meter);
// The shortest decimal that reads back as the same number, as Python prints it: 1.0, 1e+16, inf.
std::string float_text(double value);
// A text in quotes, with escapes for what does not print.
std::string quoted(std::string_view text);
// & < > ' " as HTML entities.
std::string escape_html(std::string_view text);
// The value as Markup: what is Markup already stays as it is.
Value escaped(const Value& value, Meter& meter);

struct JsonStyle {
  bool ascii_only = false;
  bool sort_keys = false;
  bool pretty = false;  // one item a line
  std::string indent;   // of a level, if pretty
  std::string item_separator = ", ";
  std::string key_separator = ": ";
};
// json.dumps(). Trouble: what JSON cannot say.
std::string to_json(const Value& value, const JsonStyle& style, Meter& meter);

}  // namespace aurora::chat
