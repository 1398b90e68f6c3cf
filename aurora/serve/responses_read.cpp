#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aurora/serve/api_error.h"
#include "aurora/serve/responses.h"

namespace aurora::serve {
namespace {

// An item of the input as a message of a chat. Calls join the assistant's message before them.
void add_item(const Json& item, const std::string& path, Json& messages) {
  Fields fields(item, path);
  const std::string type = fields.text("type").value_or("message");
  if (type == "message") {
    Json message = {{"role", fields.required_text("role")}, {"content", fields.required("content")}};
    messages.push_back(message);
  } else if (type == "function_call") {
    const Json call = {
        {"id", fields.text("call_id").value_or("")},
        {"function",
         {{"name", fields.required_text("name")}, {"arguments", fields.required_text("arguments")}}}};
    if (messages.empty() || messages.back()["role"] != "assistant")
      messages.push_back({{"role", "assistant"}, {"content", ""}});
    messages.back()["tool_calls"].push_back(call);
  } else if (type == "function_call_output") {
    const Json& output = fields.required("output");
    messages.push_back(
        {{"role", "tool"}, {"tool_call_id", fields.required_text("call_id")}, {"content", output}});
  } else if (type != "reasoning") {
    throw ApiError(400, "unsupported_content",
                   fmt::format("'{}' is '{}'; known are message, function_call and function_call_output",
                               fields.path_of("type"), type),
                   fields.path_of("type"));
  }
}

Json messages_of(const Json& input, const std::optional<std::string>& instructions) {
  Json messages = Json::array();
  if (instructions) messages.push_back({{"role", "system"}, {"content", *instructions}});
  if (input.is_string()) {
    messages.push_back({{"role", "user"}, {"content", input}});
  } else if (input.is_array() && !input.empty()) {
    for (size_t i = 0; i < input.size(); ++i) add_item(input[i], fmt::format("input[{}]", i), messages);
  } else {
    throw ApiError::invalid("input", "'input' is neither text nor a list of items");
  }
  return messages;
}

}  // namespace

ResponsesRequest read_responses(const Json& body, const GenerationDefaults& defaults, int64_t now) {
  Fields fields(body);
  ResponsesRequest responses;
  ChatRequest& chat = responses.chat;
  chat.model = fields.text("model").value_or("");
  chat.input.messages =
      read_messages(messages_of(fields.required("input"), fields.text("instructions")), "input");
  chat.input.now = now;
  chat.input.tools = read_tools(fields);
  read_generation(fields, defaults, chat.request);
  if (chat.request.n != 1) throw ApiError::invalid("n", "'n' is not for responses, which have one answer");
  chat.request.max_tokens = fields.integer("max_output_tokens", 1, INT32_MAX).value_or(defaults.max_tokens);
  chat.stream = fields.boolean("stream").value_or(false);
  if (const Json* text = fields.find("text")) {
    Fields format(*text, "text");
    if (const Json* asked = format.find("format")) chat.response_format = *asked;
    format.accept({"verbosity"});
    format.finish();
  }
  chat.receipt = fields.boolean("receipt").value_or(false);
  fields.refuse("previous_response_id", "nothing is stored here; send the whole conversation as 'input'");
  fields.refuse("conversation", "nothing is stored here; send the whole conversation as 'input'");
  fields.refuse("prompt", "there are no stored prompts here");
  if (fields.boolean("background").value_or(false))
    throw ApiError(400, "unsupported_parameter", "'background' is not supported: nothing is stored here",
                   "background");
  fields.accept({"user", "metadata", "store", "include", "reasoning", "truncation", "service_tier",
                 "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "stream_options",
                 "max_tool_calls", "top_logprobs"});
  fields.finish();

  const auto echo = [&](const char* name, Json otherwise) {
    (*responses.echoed)[name] = body.contains(name) ? body[name] : std::move(otherwise);
  };
  echo("instructions", nullptr);
  echo("max_output_tokens", nullptr);
  echo("metadata", Json::object());
  echo("parallel_tool_calls", true);
  echo("previous_response_id", nullptr);
  echo("reasoning", {{"effort", nullptr}, {"summary", nullptr}});
  (*responses.echoed)["store"] = false;
  (*responses.echoed)["temperature"] = chat.request.sampling.temperature;
  echo("text", {{"format", {{"type", "text"}}}});
  echo("tool_choice", "auto");
  echo("tools", Json::array());
  (*responses.echoed)["top_p"] = chat.request.sampling.top_p;
  echo("truncation", "disabled");
  echo("user", nullptr);
  return responses;
}

}  // namespace aurora::serve
