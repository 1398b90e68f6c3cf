// Chat templates: the Jinja subset that Hugging Face's chat_template strings use
// (docs/formats/chat-template.md lists it), rendered as `transformers` renders them. Safe for templates that
// others wrote: no files, no attributes of the host, bounded steps, depth and output.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace aurora::chat {

struct RenderLimits {
  uint64_t steps = 10'000'000;  // expressions, statements and items; also one for 16 bytes of text
  uint64_t output_bytes = 64 << 20;
  uint32_t depth = 200;  // of calls; everything else nests 8 times as deep at most
};

// Immutable after construction, thread-safe.
class Template {
 public:
  // Error: what is not in the subset or not Jinja, with line and column; `where` names the source in it.
  explicit Template(std::string_view source, const std::string& where = "chat template");
  ~Template();
  Template(Template&&) noexcept;

  // context: a JSON object with what the template sees: messages, tools, documents, add_generation_prompt,
  // bos_token, eos_token, and whatever a caller adds. `now` for strftime_now: seconds since 1970, UTC; so a
  // rendering is a pure function of its arguments.
  // Error: the template's own raise_exception (its message), an undefined value used, a limit passed.
  std::string render(std::string_view context_json, int64_t now = 0, const RenderLimits& limits = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aurora::chat
