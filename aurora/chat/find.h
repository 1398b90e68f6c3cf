// Searching in texts, in time that grows with their length only.
#pragma once

#include <string.h>

#include <string>
#include <string_view>

#include "aurora/chat/meter.h"

namespace aurora::chat {

// Where `needle` first is at or after `from`; npos if nowhere.
inline size_t find_bytes(std::string_view text, std::string_view needle, size_t from) {
  if (from > text.size()) return std::string::npos;
  if (needle.empty()) return from;
  const void* found = ::memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
  return found == nullptr ? std::string::npos
                          : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

// Where it last begins before or at `from`; pays for what the plain search may take.
inline size_t rfind_bytes(std::string_view text, std::string_view needle, size_t from, Meter& meter) {
  if (needle.size() > text.size()) return std::string::npos;
  meter.spend((text.size() - needle.size()) / 64 * (needle.size() / 64 + 1));
  return text.rfind(needle, from);
}

}  // namespace aurora::chat
