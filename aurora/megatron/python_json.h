// JSON as Python's json.dumps(value, indent=4) writes it, character for character: Megatron names its caches
// by the MD5 of such text.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace aurora::megatron {

// Keys keep their order. Strings are UTF-8; a byte that is none becomes the surrogate by which Python stands
// for it in a path.
std::string python_dumps(const nlohmann::ordered_json& value);

// repr(float).
std::string python_float(double value);

// Error naming `where`: no JSON.
nlohmann::ordered_json parse_json(std::string_view text, const std::string& where);

}  // namespace aurora::megatron
