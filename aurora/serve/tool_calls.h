// Function calls in a model's text. Model families write them differently; one descriptor per way. What a
// client sees is OpenAI's tool_calls.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/serve/fields.h"

namespace aurora::constrain {
class Grammar;
class Vocabulary;
}  // namespace aurora::constrain

namespace aurora::serve {

struct Tool {
  std::string name;
  std::string parameters;  // JSON schema
};

struct ToolCall {
  std::string name;
  std::string arguments;  // JSON text, as the model wrote it
};

// What a request says about tools.
struct ToolUse {
  JsonBox described;  // the array as the client sent it, for the chat template; null without tools
  std::vector<Tool> tools;
  enum class Choice { kNone, kAuto, kRequired } choice = Choice::kAuto;
  std::string only;  // with kRequired: the one function that may be called, or empty
  bool parallel = true;

  bool offered() const { return !tools.empty() && choice != Choice::kNone; }
};
// tools, tool_choice, parallel_tool_calls. ApiError: malformed, a name that is none, a choice that is not
// there.
ToolUse read_tools(Fields& fields);

// One way to write a call.
struct ToolFormat {
  const char* name;
  const char* sign;       // in the source of chat templates that use it
  const char* begin;      // before the JSON of a call
  const char* end;        // after it; "" when the text ends there
  const char* arguments;  // the key that holds them: "arguments" or "parameters"
  bool is_list;           // one JSON list of calls instead of one object each
};
// The one that a chat template (its source) speaks; Hermes' <tool_call> when it speaks none.
const ToolFormat& tool_format(std::string_view template_source);

// Text for the system message of a template that knows no tools.
std::string tool_instructions(const ToolFormat& format, const ToolUse& use);

// Every call that is written is one of the tools' with arguments of its schema; with kRequired nothing else
// is written. ApiError: a schema that cannot be had.
std::shared_ptr<const constrain::Grammar> call_grammar(
    const ToolFormat& format, const ToolUse& use, std::shared_ptr<const constrain::Vocabulary> vocabulary);

// Takes an answer's text as it comes and tells calls from words. What begins like a call is held back; what
// turns out to be none (broken JSON, an unknown function) is given back as text: nothing is lost.
class ToolCallReader {
 public:
  ToolCallReader(const ToolFormat& format, const ToolUse& use) : format_(format), use_(use) {}

  struct Piece {
    std::string text;             // words for the client
    std::vector<ToolCall> calls;  // complete now
  };
  Piece push(std::string_view text);
  Piece finish();  // the text has ended
  bool called() const { return called_; }

 private:
  void read_all(Piece& piece, bool ended);
  bool read_call(std::string_view json, Piece& piece);
  const ToolFormat& format_;
  const ToolUse& use_;
  std::string held_;
  bool called_ = false;
};

}  // namespace aurora::serve
