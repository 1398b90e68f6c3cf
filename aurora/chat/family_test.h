// Conversations for the tests of the families: templates of our own that use what those of the large families
// use. What is expected was rendered with transformers 5 and Jinja 3.1.6.
#pragma once

#include "aurora/chat/template_test.h"

namespace aurora::chat {

constexpr const char* kPlain =
    R"({"bos_token": "<s>", "eos_token": "</s>", "tools": null, "documents": null, "messages":
[{"role": "system", "content": " Be brief. "}, {"role": "user", "content": "Hi "}, {"role":
"assistant", "content": "<think>\nhm\n</think>\n\nHello 日本"}, {"role": "user", "content":
"Bye"}], "add_generation_prompt": true})";

constexpr const char* kTool =
    R"({"bos_token": "<s>", "eos_token": "</s>", "tools": [{"type": "function", "function": {"name":
"weather", "description": "Of a place", "parameters": {"type": "object", "required": ["city"],
"properties": {"city": {"type": "string"}, "days": {"type": ["integer", "null"], "enum": [1,
3]}, "at": {"type": "object", "properties": {"lat": {"type": "number"}}}}}}}], "documents":
null, "messages": [{"role": "user", "content": "Weather?"}, {"role": "assistant", "content":
null, "tool_calls": [{"id": "call00001", "type": "function", "function": {"name": "weather",
"arguments": {"city": "Zürich", "days": 3}}}]}, {"role": "tool", "content": "22 °C",
"tool_call_id": "call00001"}, {"role": "assistant", "content": "It is 22."}],
"add_generation_prompt": false})";

constexpr const char* kNoThinking =
    R"({"bos_token": "<s>", "eos_token": "</s>", "tools": null, "documents": null, "messages":
[{"role": "system", "content": "X /no_think"}, {"role": "user", "content": "Hi"}],
"add_generation_prompt": true, "enable_thinking": false})";

constexpr const char* kParts =
    R"({"bos_token": "<s>", "eos_token": "</s>", "tools": [{"type": "function", "function": {"name":
"weather", "description": "Of a place", "parameters": {"type": "object", "required": ["city"],
"properties": {"city": {"type": "string"}, "days": {"type": ["integer", "null"], "enum": [1,
3]}, "at": {"type": "object", "properties": {"lat": {"type": "number"}}}}}}}], "documents":
null, "messages": [{"role": "user", "content": [{"type": "text", "text": " See "}, {"type":
"image"}, {"type": "text", "text": "this"}]}], "add_generation_prompt": true})";

constexpr const char* kTwoUsers =
    R"({"bos_token": "<s>", "eos_token": "</s>", "tools": null, "documents": null, "messages":
[{"role": "user", "content": "a"}, {"role": "user", "content": "b"}], "add_generation_prompt":
true})";

constexpr const char* kTwoCalls =
    R"({"bos_token": "<s>", "eos_token": "</s>", "tools": null, "documents": null, "messages":
[{"role": "user", "content": "a"}, {"role": "assistant", "content": "", "tool_calls": [{"id":
"call00001", "type": "function", "function": {"name": "weather", "arguments": {"city":
"Zürich", "days": 3}}}, {"id": "call00001", "type": "function", "function": {"name":
"weather", "arguments": {"city": "Zürich", "days": 3}}}]}], "add_generation_prompt": true})";

}  // namespace aurora::chat
