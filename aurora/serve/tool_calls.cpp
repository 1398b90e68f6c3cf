#include "aurora/serve/tool_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/constrain/grammar.h"
#include "aurora/serve/api_error.h"

namespace aurora::serve {
namespace {

constexpr size_t kMostTools = 128, kLongestName = 64;
constexpr int32_t kMostCalls = 16;  // of one answer

// Formats as their model cards and chat templates show them: Qwen 2.5/3 and Hermes; Mistral; Llama 3.
constexpr ToolFormat kFormats[] = {
    {"hermes", "<tool_call>", "<tool_call>", "</tool_call>", "arguments", false},
    {"mistral", "[TOOL_CALLS]", "[TOOL_CALLS]", "", "arguments", true},
    {"llama3", "<|python_tag|>", "<|python_tag|>", "", "parameters", false},
};

bool is_function_name(const std::string& name) {
  static constexpr char kAllowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
  return !name.empty() && name.size() <= kLongestName &&
         name.find_first_not_of(kAllowed) == std::string::npos;
}

Tool read_tool(const Json& json, const std::string& path) {
  Fields fields(json, path);
  const std::string type = fields.required_text("type");
  if (type != "function")
    throw ApiError(400, "unsupported_parameter",
                   fmt::format("'{}' is '{}'; only functions can be called", fields.path_of("type"), type),
                   fields.path_of("type"));
  // Chat nests the function, responses write it flat.
  const Json* nested = fields.find("function");
  Fields function(nested ? *nested : json, nested ? fields.path_of("function") : path);
  Tool tool;
  tool.name = function.required_text("name");
  if (!is_function_name(tool.name))
    throw ApiError::invalid(function.path_of("name"),
                            fmt::format("'{}' is no function name: up to {} letters, digits, '_', '-', '.'",
                                        function.path_of("name"), kLongestName));
  function.text("description");
  const Json* parameters = function.find("parameters");
  if (parameters && !parameters->is_object())
    throw ApiError::invalid(function.path_of("parameters"),
                            fmt::format("'{}' is no JSON schema", function.path_of("parameters")));
  tool.parameters = parameters ? to_text(*parameters) : R"({"type":"object","properties":{}})";
  return tool;
}

void read_choice(Fields& fields, ToolUse& use) {
  const Json* choice = fields.find("tool_choice");
  if (!choice) return;
  const std::string path = fields.path_of("tool_choice");
  if (choice->is_string()) {
    const auto word = choice->get<std::string>();
    if (word == "none")
      use.choice = ToolUse::Choice::kNone;
    else if (word == "required")
      use.choice = ToolUse::Choice::kRequired;
    else if (word != "auto")
      throw ApiError::invalid(
          path, fmt::format("'{}' is '{}'; known are none, auto, required and a function", path, word));
  } else {
    Fields object(*choice, path);
    if (object.required_text("type") != "function")
      throw ApiError::invalid(object.path_of("type"),
                              fmt::format("'{}' is not 'function'", object.path_of("type")));
    const Json* nested = object.find("function");
    Fields function(nested ? *nested : *choice, nested ? object.path_of("function") : path);
    use.only = function.required_text("name");
    use.choice = ToolUse::Choice::kRequired;
    if (std::none_of(use.tools.begin(), use.tools.end(), [&](const Tool& t) { return t.name == use.only; }))
      throw ApiError::invalid(
          function.path_of("name"),
          fmt::format("'{}' names '{}', which is not among the tools", function.path_of("name"), use.only));
  }
  if (use.choice == ToolUse::Choice::kRequired && use.tools.empty())
    throw ApiError::invalid(path, fmt::format("'{}' asks for a call, but there are no tools", path));
}

// The end of the JSON value that begins at `text`: one past its last bracket; npos while it is not all there.
size_t json_end(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// How many of the last bytes of `text` begin `sign`.
size_t beginning_at_end(std::string_view text, std::string_view sign) {
  for (size_t count = std::min(text.size(), sign.size() - 1); count > 0; --count)
    if (text.substr(text.size() - count) == sign.substr(0, count)) return count;
  return 0;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

ToolUse read_tools(Fields& fields) {
  ToolUse use;
  use.parallel = fields.boolean("parallel_tool_calls").value_or(true);
  if (const Json* tools = fields.find("tools")) {
    const std::string path = fields.path_of("tools");
    if (!tools->is_array()) throw ApiError::invalid(path, fmt::format("'{}' is no list", path));
    if (tools->size() > kMostTools)
      throw ApiError::invalid(path, fmt::format("'{}' has more than {} tools", path, kMostTools));
    for (size_t i = 0; i < tools->size(); ++i)
      use.tools.push_back(read_tool((*tools)[i], fmt::format("{}[{}]", path, i)));
    if (!use.tools.empty()) use.described = *tools;
  }
  read_choice(fields, use);
  return use;
}

const ToolFormat& tool_format(std::string_view template_source) {
  for (const ToolFormat& format : kFormats)
    if (template_source.find(format.sign) != std::string_view::npos) return format;
  return kFormats[0];
}

std::string tool_instructions(const ToolFormat& format, const ToolUse& use) {
  std::string text = "You can call these functions:\n";
  for (const Json& tool : *use.described) text += to_text(tool) + "\n";
  text += fmt::format("To call one, write nothing but {}{{\"name\": FUNCTION, \"{}\": {{...}}}}{}",
                      format.begin, format.arguments, format.end);
  return text;
}

std::shared_ptr<const constrain::Grammar> call_grammar(
    const ToolFormat& format, const ToolUse& use, std::shared_ptr<const constrain::Vocabulary> vocabulary) {
  constrain::ToolCalls calls;
  for (const Tool& tool : use.tools) {
    if (!use.only.empty() && tool.name != use.only) continue;
    calls.choices.push_back({fmt::format("{}{}{{\"name\": \"{}\", \"{}\": ", format.begin,
                                         format.is_list ? "[" : "", tool.name, format.arguments),
                             tool.parameters, fmt::format("}}{}{}", format.is_list ? "]" : "", format.end)});
  }
  calls.min_calls = use.choice == ToolUse::Choice::kRequired ? 1 : 0;
  const bool several = use.parallel && use.only.empty() && !format.is_list && *format.end != '\0';
  calls.max_calls = several ? kMostCalls : 1;
  calls.separator = several ? "\n" : "";
  if (calls.min_calls == 0) calls.trigger = format.begin;
  try {
    return constrain::Grammar::from_tool_calls(calls, std::move(vocabulary));
  } catch (const Error& error) {
    throw ApiError(400, "invalid_schema",
                   fmt::format("'tools': {} ({}): {}", error.happened(), error.where(), error.remedy()),
                   "tools");
  }
}

bool ToolCallReader::read_call(std::string_view text, Piece& piece) {
  const Json json = Json::parse(trimmed(text), nullptr, /*allow_exceptions=*/false);
  Json list = format_.is_list ? json : Json::array({json});
  if (!list.is_array() || list.empty()) return false;
  std::vector<ToolCall> calls;
  for (const Json& one : list) {
    if (!one.is_object() || !one.contains("name") || !one["name"].is_string()) return false;
    const auto name = one["name"].get<std::string>();
    if (std::none_of(use_.tools.begin(), use_.tools.end(), [&](const Tool& t) { return t.name == name; }))
      return false;
    // Models mix the two keys up.
    const auto key = one.contains(format_.arguments) ? format_.arguments
                     : one.contains("arguments")     ? "arguments"
                                                     : "parameters";
    const Json arguments = one.value(key, Json::object());
    calls.push_back({name, arguments.is_string() ? arguments.get<std::string>() : to_text(arguments)});
  }
  if (!use_.parallel && (called_ || calls.size() > 1)) calls.resize(called_ ? 0 : 1);
  called_ = true;
  piece.calls.insert(piece.calls.end(), calls.begin(), calls.end());
  return true;
}

void ToolCallReader::read_all(Piece& piece, bool ended) {
  const std::string_view begin = format_.begin, end = format_.end;
  while (true) {
    const size_t found = held_.find(begin);
    if (found == std::string::npos) {
      const size_t keep = ended ? 0 : beginning_at_end(held_, begin);
      piece.text += held_.substr(0, held_.size() - keep);
      held_.erase(0, held_.size() - keep);
      return;
    }
    piece.text += held_.substr(0, found);
    held_.erase(0, found);
    const std::string_view inside = std::string_view(held_).substr(begin.size());
    size_t length = json_end(inside);
    if (length == std::string_view::npos) {
      if (!ended) return;
      length = inside.size();
    }
    size_t after = begin.size() + length;
    if (!end.empty()) {
      const size_t closing = held_.find(end, after);
      if (closing != std::string::npos &&
          trimmed(std::string_view(held_).substr(after, closing - after)).empty()) {
        after = closing + end.size();
      } else if (!ended && (closing == std::string::npos) && held_.size() - after < end.size() + 16) {
        return;  // the end mark may still come
      }
    }
    if (!read_call(inside.substr(0, length), piece)) piece.text += held_.substr(0, after);
    held_.erase(0, after);
  }
}

ToolCallReader::Piece ToolCallReader::push(std::string_view text) {
  Piece piece;
  held_ += text;
  read_all(piece, false);
  return piece;
}

ToolCallReader::Piece ToolCallReader::finish() {
  Piece piece;
  read_all(piece, true);
  return piece;
}

}  // namespace aurora::serve
