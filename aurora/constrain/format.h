// JSON Schema's `format` of strings, each a regular expression (docs/formats/constrained-output.md).
#pragma once

#include <string>
#include <string_view>

namespace aurora::constrain {

// Null: no such format is known.
const std::string* format_regex(std::string_view name);
// For messages: "date, date-time, ...".
std::string format_names();

}  // namespace aurora::constrain
