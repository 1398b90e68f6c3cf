// What the tests of templates share.
#pragma once

#include <string>

#include "aurora/base/error.h"
#include "aurora/chat/template.h"

namespace aurora::chat {

constexpr int64_t kTestTime = 1'700'000'000;  // 14 November 2023, 22:13:20 UTC

inline std::string rendered(const std::string& source, const std::string& context_json = "{}") {
  return Template(source).render(context_json, kTestTime);
}

// "what | where" of the Error that making or rendering it ends in.
inline std::string refusal(const std::string& source, const std::string& context_json = "{}",
                           const RenderLimits& limits = {}) {
  try {
    return "rendered: " + Template(source).render(context_json, kTestTime, limits);
  } catch (const Error& error) {
    return error.happened() + " | " + error.where();
  }
}

}  // namespace aurora::chat
