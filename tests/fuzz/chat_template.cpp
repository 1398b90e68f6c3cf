// Any bytes as a chat template, rendered over one conversation within small limits.
#include "aurora/chat/template.h"

#include <cstdlib>

#include "tests/fuzz/fuzz.h"

namespace {

constexpr const char* kContext = R"({"messages": [{"role": "system", "content": "Be brief. "},
  {"role": "user", "content": "Hi <b> 日本\n"}, {"role": "assistant", "content": null, "tool_calls": [{"id": "call00001",
  "function": {"name": "f", "arguments": {"a": 1, "b": [2.5, null]}}}]}, {"role": "tool", "content": "ok"}],
  "tools": [{"type": "function", "function": {"name": "f", "parameters": {"properties": {"a": {"type": "integer"}}}}}],
  "bos_token": "<s>", "eos_token": "</s>", "add_generation_prompt": true, "s": "Hello", "n": 7, "l": [3, 1, 2], "x": 1.5})";
constexpr aurora::chat::RenderLimits kLimits{.steps = 20'000, .output_bytes = 1 << 20, .depth = 50};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  fuzz::expect_error_or_success([&] {
    const chat::Template made(fuzz::text(data, size));
    if (made.render(kContext, 1'700'000'000, kLimits).size() > kLimits.output_bytes) std::abort();
  });
  return 0;
}
