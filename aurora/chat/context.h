// The context of a rendering, from JSON.
#pragma once

#include "aurora/chat/value.h"

namespace aurora::chat {

// A JSON object as a dict. Integers are 64-bit. Error: not JSON, not an object, or too large or deep.
Value parse_context(std::string_view json, Meter& meter);

}  // namespace aurora::chat
