#include "aurora/serve/chat_prompt.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/serve/api_error.h"
#include "aurora/tokenizer/encoder.h"

namespace aurora::serve {
namespace {

constexpr size_t kMostMessages = 4096;
// Put behind the first byte of a special token's text in a message, and taken out again after rendering. A
// code point that is for use inside programs only (Unicode 16, 23.7); one in a message becomes U+FFFD.
constexpr std::string_view kMark = "\uFDD0";

std::string joined_parts(const Json& content, const std::string& path) {
  if (content.is_string()) return content.get<std::string>();
  if (!content.is_array())
    throw ApiError::invalid(path, fmt::format("'{}' is neither text nor a list of parts", path));
  std::string text;
  for (size_t i = 0; i < content.size(); ++i) {
    Fields part(content[i], fmt::format("{}[{}]", path, i));
    const std::string type = part.required_text("type");
    if (type != "text" && type != "input_text" && type != "output_text")
      throw ApiError(400, "unsupported_content",
                     fmt::format("'{}' is '{}'; this model reads text only", part.path_of("type"), type),
                     part.path_of("type"));
    if (i > 0) text += '\n';
    text += part.required_text("text");
  }
  return text;
}

// [{"id", "type": "function", "function": {"name", "arguments": TEXT}}]; templates want the arguments as an
// object.
Json read_calls(const Json& calls, const std::string& path) {
  if (!calls.is_array()) throw ApiError::invalid(path, fmt::format("'{}' is no list", path));
  Json read = Json::array();
  for (size_t i = 0; i < calls.size(); ++i) {
    Fields call(calls[i], fmt::format("{}[{}]", path, i));
    Fields function(call.required("function"), call.path_of("function"));
    const std::string name = function.required_text("name");
    const Json* given = function.find("arguments");
    Json arguments = given ? *given : Json::object();
    if (arguments.is_string()) {
      const Json parsed = Json::parse(arguments.get<std::string>(), nullptr, false);
      if (parsed.is_object()) arguments = parsed;
    }
    Json one;
    one["id"] = call.text("id").value_or(fmt::format("call_{}", i));
    one["type"] = "function";
    one["function"] = {{"name", name}, {"arguments", arguments}};
    read.push_back(one);
  }
  return read;
}

Json read_message(const Json& json, const std::string& path) {
  Fields fields(json, path);
  const std::string role = fields.required_text("role");
  static constexpr const char* kRoles[] = {"system", "developer", "user", "assistant", "tool"};
  if (std::find(std::begin(kRoles), std::end(kRoles), role) == std::end(kRoles))
    throw ApiError::invalid(fields.path_of("role"),
                            fmt::format("'{}' is '{}'; known are system, developer, user, assistant and tool",
                                        fields.path_of("role"), role));
  Json message;
  message["role"] = role;
  const Json* content = fields.find("content");
  const Json* calls = role == "assistant" ? fields.find("tool_calls") : nullptr;
  if (!content && !calls)
    throw ApiError(400, "missing_required_parameter",
                   fmt::format("'{}' is missing", fields.path_of("content")), fields.path_of("content"));
  message["content"] = content ? joined_parts(*content, fields.path_of("content")) : std::string();
  if (calls && !calls->empty()) message["tool_calls"] = read_calls(*calls, fields.path_of("tool_calls"));
  if (role == "tool") message["tool_call_id"] = fields.text("tool_call_id").value_or("");
  if (const auto name = fields.text("name")) message["name"] = *name;
  if (const auto thinking = fields.text("reasoning_content")) message["reasoning_content"] = *thinking;
  return message;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// Bytes of the character that a text begins with.
size_t first_character(std::string_view text) {
  size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) ++length;
  return length;
}

// Marks what would become a special token in every text of a value.
class Disarm {
 public:
  explicit Disarm(const tokenizer::Tokenizer& tokenizer) {
    for (const tokenizer::AddedToken& token : tokenizer.spec().added)
      if (token.special && token.text.size() > 1) specials_.push_back(token.text);
    // Longer ones first: one may hold another.
    std::stable_sort(specials_.begin(), specials_.end(),
                     [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
  }
  std::string operator()(std::string text) const {
    replace_all(text, kMark, "\uFFFD");
    for (const std::string& special : specials_) {
      const size_t first = first_character(special);
      replace_all(text, special, special.substr(0, first) + std::string(kMark) + special.substr(first));
    }
    return text;
  }
  void walk(Json& json) const {
    if (json.is_string()) json = (*this)(json.get<std::string>());
    if (json.is_structured())
      for (Json& inner : json) walk(inner);
  }
  // Ids of a rendered text: special tokens are found in it, except where a mark stands.
  std::vector<int32_t> encode(const tokenizer::Tokenizer& tokenizer, std::string_view text) const {
    tokenizer::Encoder encoder(tokenizer);
    std::vector<int32_t> ids;
    size_t begin = 0;
    for (size_t mark = text.find(kMark); mark != std::string_view::npos; mark = text.find(kMark, begin)) {
      const Marked marked = marked_at(text, mark);
      encoder.encode(text.substr(begin, mark - marked.before - begin), ids, tokenizer::Specials::kParse);
      std::string plain(text.substr(mark - marked.before, marked.before));
      plain += text.substr(mark + kMark.size(), marked.behind);
      encoder.encode(plain, ids, tokenizer::Specials::kText);
      begin = mark + kMark.size() + marked.behind;
    }
    encoder.encode(text.substr(begin), ids, tokenizer::Specials::kParse);
    return ids;
  }

 private:
  // The special token that stands around a mark, in bytes; nothing when a template cut it apart.
  struct Marked {
    size_t before = 0, behind = 0;
  };
  Marked marked_at(std::string_view text, size_t mark) const {
    for (const std::string& special : specials_) {
      const std::string_view whole = special, first = whole.substr(0, first_character(special));
      const std::string_view rest = whole.substr(first.size());
      if (mark >= first.size() && text.substr(mark - first.size(), first.size()) == first &&
          text.substr(mark + kMark.size(), rest.size()) == rest)
        return {first.size(), rest.size()};
    }
    return {};
  }
  std::vector<std::string> specials_;
};

bool source_has(const ServedModel& model, std::string_view word) {
  return model.template_source.find(word) != std::string::npos;
}

// What the template does not know is said in words it knows.
Json adapted_messages(const ServedModel& model, const ChatInput& input) {
  Json messages = *input.messages;
  for (Json& message : messages)
    if (message["role"] == "developer" && !source_has(model, "developer")) message["role"] = "system";
  if (input.tools.offered() && !source_has(model, "tools")) {
    const std::string told = tool_instructions(model.tools, input.tools);
    if (!messages.empty() && messages[0]["role"] == "system")
      messages[0]["content"] = messages[0]["content"].get<std::string>() + "\n\n" + told;
    else
      messages.insert(messages.begin(), Json{{"role", "system"}, {"content", told}});
  }
  if (!source_has(model, "tool_calls")) {
    for (Json& message : messages) {
      if (!message.contains("tool_calls")) continue;
      std::string text = message["content"].get<std::string>();
      for (const Json& call : message["tool_calls"])
        text += fmt::format("{}{{\"name\": {}, \"{}\": {}}}{}", model.tools.begin,
                            to_text(call["function"]["name"]), model.tools.arguments,
                            to_text(call["function"]["arguments"]), model.tools.end);
      message["content"] = text;
      message.erase("tool_calls");
    }
  }
  return messages;
}

}  // namespace

Json read_messages(const Json& messages, const std::string& path) {
  if (!messages.is_array() || messages.empty())
    throw ApiError::invalid(path, fmt::format("'{}' is no list of messages, or is empty", path));
  if (messages.size() > kMostMessages)
    throw ApiError::invalid(path, fmt::format("'{}' has more than {} messages", path, kMostMessages));
  Json read = Json::array();
  for (size_t i = 0; i < messages.size(); ++i)
    read.push_back(read_message(messages[i], fmt::format("{}[{}]", path, i)));
  return read;
}

ChatPrompt make_prompt(const ServedModel& model, const ChatInput& input) {
  const Disarm disarm(model.tokenizer);
  Json messages = adapted_messages(model, input);
  disarm.walk(messages);
  std::string beginning;  // of the answer, when the last message is one
  if (input.continue_last && messages.back()["role"] == "assistant") {
    beginning = messages.back()["content"].get<std::string>();
    messages.erase(messages.size() - 1);
  }
  const tokenizer::Spec& spec = model.tokenizer.spec();
  Json context = {{"messages", messages},
                  {"add_generation_prompt", true},
                  {"bos_token", model.token_text(spec.begin_of_document)},
                  {"eos_token", model.token_text(spec.end_of_document)},
                  {"tools", nullptr},
                  {"documents", nullptr}};
  if (input.tools.offered()) {
    context["tools"] = *input.tools.described;
    disarm.walk(context["tools"]);
  }
  if ((*input.template_fields).is_object())
    for (const auto& [name, value] : (*input.template_fields).items()) {
      context[name] = value;
      disarm.walk(context[name]);
    }
  ChatPrompt prompt;
  try {
    const std::string text = model.chat_template.render(to_text(context), input.now) + beginning;
    // A base model reads a text from its beginning, which follows the end of the document before.
    if (!model.has_template && spec.end_of_document >= 0) prompt.tokens.push_back(spec.end_of_document);
    const std::vector<int32_t> ids = disarm.encode(model.tokenizer, text);
    prompt.tokens.insert(prompt.tokens.end(), ids.begin(), ids.end());
  } catch (const Error& error) {
    throw ApiError::invalid("messages",
                            fmt::format("the model's chat template refuses: {}", error.happened()));
  }
  if (!model.has_template) prompt.stops = kPlainStops;
  return prompt;
}

}  // namespace aurora::serve
