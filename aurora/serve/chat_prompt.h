// Messages to the ids of a prompt, by the model's chat template, as `transformers` makes them - except that
// the text of a message never becomes a special token: "<|im_end|>" written by a user is those ten
// characters.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/serve/served_model.h"

namespace aurora::serve {

struct ChatInput {
  JsonBox messages;  // checked by read_messages
  ToolUse tools;
  JsonBox template_fields;     // chat_template_kwargs; null: none
  bool continue_last = false;  // the last message is an assistant's beginning, to be continued
  int64_t now = 0;             // for templates that print the date; seconds since 1970
};

// The messages of a request: roles, contents (text, or parts of text, which are joined by line ends), tool
// calls and their results. ApiError names the message.
Json read_messages(const Json& messages, const std::string& path);

struct ChatPrompt {
  std::vector<int32_t> tokens;
  std::vector<std::string> stops;  // of the plain template
};
// ApiError: the template refuses the messages (its own words), or knows no tools and no system message to
// tell them in.
ChatPrompt make_prompt(const ServedModel& model, const ChatInput& input);

}  // namespace aurora::serve
