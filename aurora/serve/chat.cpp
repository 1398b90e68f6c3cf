#include "aurora/serve/chat.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aurora/serve/logprobs.h"

namespace aurora::serve {
namespace {

constexpr int64_t kMostTopLogprobs = 20;

class ChatAnswer : public Answer {
 public:
  ChatAnswer(ChatRequest chat, AnswerContext context, ReceiptMaker receipt)
      : Answer(std::move(context)), chat_(std::move(chat)), receipt_(std::move(receipt)) {
    for (int i = 0; i < chat_.request.n; ++i) choices_.emplace_back(*this);
  }

 protected:
  void begin() override {
    if (!chat_.stream) return;
    for (int i = 0; i < chat_.request.n; ++i)
      send_delta(i, {{"role", "assistant"}, {"content", ""}}, nullptr, nullptr);
  }
  void token(int choice, const infer::Event& event) override;
  void finished(int choice, const infer::Event& event) override;
  void complete() override;

 private:
  struct Choice {
    explicit Choice(const ChatAnswer& answer)
        : tools(answer.context().model.tools, answer.chat_.input.tools) {}
    std::string content;
    ToolCallReader tools;
    Json calls = Json::array();
    Json logprobs = Json::array();  // not yet sent, when streaming
    std::string finish;
  };
  ToolCallReader::Piece read(Choice& choice, std::string_view text, bool ended);
  void take(int index, const ToolCallReader::Piece& piece);
  void send_delta(int index, const Json& delta, const Json& logprobs, const Json& finish);
  Json envelope(const char* object) const;

  ChatRequest chat_;
  ReceiptMaker receipt_;
  std::vector<Choice> choices_;
};

Json ChatAnswer::envelope(const char* object) const {
  return {{"id", context().id},
          {"object", object},
          {"created", context().created},
          {"model", context().model.name},
          {"choices", Json::array()}};
}

void ChatAnswer::send_delta(int index, const Json& delta, const Json& logprobs, const Json& finish) {
  Json chunk = envelope("chat.completion.chunk");
  chunk["choices"].push_back(
      {{"index", index}, {"delta", delta}, {"logprobs", logprobs}, {"finish_reason", finish}});
  if (chat_.stream_usage) chunk["usage"] = nullptr;
  send_event(chunk);
}

ToolCallReader::Piece ChatAnswer::read(Choice& choice, std::string_view text, bool ended) {
  if (!chat_.input.tools.offered()) return {std::string(text), {}};
  ToolCallReader::Piece piece = choice.tools.push(text);
  if (ended) {
    ToolCallReader::Piece rest = choice.tools.finish();
    piece.text += rest.text;
    piece.calls.insert(piece.calls.end(), rest.calls.begin(), rest.calls.end());
  }
  return piece;
}

// Words and calls that are certain now.
void ChatAnswer::take(int index, const ToolCallReader::Piece& piece) {
  Choice& choice = choices_[static_cast<size_t>(index)];
  choice.content += piece.text;
  Json calls = Json::array();
  for (const ToolCall& call : piece.calls) {
    const size_t number = choice.calls.size();
    Json one = {{"id", fmt::format("call_{}_{}_{}", context().id, index, number)},
                {"type", "function"},
                {"function", {{"name", call.name}, {"arguments", call.arguments}}}};
    choice.calls.push_back(one);
    one["index"] = number;
    calls.push_back(one);
  }
  if (!chat_.stream || (piece.text.empty() && calls.empty() && choice.logprobs.empty())) return;
  Json delta = Json::object();
  if (!piece.text.empty() || calls.empty()) delta["content"] = piece.text;
  if (!calls.empty()) delta["tool_calls"] = calls;
  Json logprobs;
  if (chat_.logprobs) logprobs["content"] = std::exchange(choice.logprobs, Json::array());
  send_delta(index, delta, logprobs, nullptr);
}

void ChatAnswer::token(int index, const infer::Event& event) {
  Choice& choice = choices_[static_cast<size_t>(index)];
  if (event.logprobs && chat_.logprobs)
    choice.logprobs.push_back(chat_logprob(context().model, *event.logprobs));
  take(index, read(choice, event.text, false));
}

void ChatAnswer::finished(int index, const infer::Event& event) {
  Choice& choice = choices_[static_cast<size_t>(index)];
  take(index, read(choice, event.text, true));
  choice.finish = choice.calls.empty() ? openai_finish(event.reason) : "tool_calls";
  if (chat_.stream) send_delta(index, Json::object(), nullptr, choice.finish);
}

void ChatAnswer::complete() {
  const Json usage = usage_json(totals().prompt_tokens, totals().cached_tokens, totals().completion_tokens);
  Json receipt;
  if (receipt_) receipt = receipt_(requests(), context().created, tokens());
  if (chat_.stream) {
    if (chat_.stream_usage || receipt_) {
      Json chunk = envelope("chat.completion.chunk");
      if (chat_.stream_usage) chunk["usage"] = usage;
      if (receipt_) chunk["receipt"] = receipt;
      send_event(chunk);
    }
    return end_stream(true);
  }
  Json body = envelope("chat.completion");
  for (size_t i = 0; i < choices_.size(); ++i) {
    Choice& choice = choices_[i];
    Json message = {{"role", "assistant"}, {"content", choice.content}, {"refusal", nullptr}};
    if (!choice.calls.empty()) {
      message["tool_calls"] = choice.calls;
      if (choice.content.empty()) message["content"] = nullptr;
    }
    Json one = {{"index", i}, {"message", message}, {"logprobs", nullptr}, {"finish_reason", choice.finish}};
    if (chat_.logprobs) one["logprobs"] = {{"content", choice.logprobs}, {"refusal", nullptr}};
    body["choices"].push_back(one);
  }
  body["usage"] = usage;
  body["system_fingerprint"] = context().model.hash.substr(0, 16);
  if (receipt_) body["receipt"] = receipt;
  send_json(body);
}

void read_lengths_and_logprobs(Fields& fields, const GenerationDefaults& defaults, ChatRequest& chat) {
  const auto longest = fields.integer("max_completion_tokens", 1, INT32_MAX);
  const auto older_name = fields.integer("max_tokens", 1, INT32_MAX);
  chat.request.max_tokens = longest ? *longest : older_name.value_or(defaults.max_tokens);
  chat.logprobs = fields.boolean("logprobs").value_or(false);
  const auto top = fields.integer("top_logprobs", 0, kMostTopLogprobs);
  if (top && !chat.logprobs) throw ApiError::invalid("top_logprobs", "'top_logprobs' needs 'logprobs': true");
  if (chat.logprobs) chat.request.top_logprobs = static_cast<int>(top.value_or(0));
}

void read_stream(Fields& fields, ChatRequest& chat) {
  chat.stream = fields.boolean("stream").value_or(false);
  if (const Json* options = fields.find("stream_options")) {
    if (!chat.stream) throw ApiError::invalid("stream_options", "'stream_options' needs 'stream': true");
    Fields option(*options, "stream_options");
    chat.stream_usage = option.boolean("include_usage").value_or(false);
    option.accept({"include_obfuscation"});
    option.finish();
  }
}

}  // namespace

ChatRequest read_chat(const Json& body, const GenerationDefaults& defaults, int64_t now) {
  Fields fields(body);
  ChatRequest chat;
  chat.model = fields.text("model").value_or("");
  chat.input.messages = read_messages(fields.required("messages"), "messages");
  chat.input.now = now;
  chat.input.tools = read_tools(fields);
  chat.input.continue_last = fields.boolean("continue_final_message").value_or(false);
  if (const Json* given = fields.find("chat_template_kwargs")) {
    Fields check(*given, "chat_template_kwargs");
    chat.input.template_fields = *given;
  }
  read_generation(fields, defaults, chat.request);
  read_lengths_and_logprobs(fields, defaults, chat);
  read_stream(fields, chat);
  if (const Json* format = fields.find("response_format")) chat.response_format = *format;
  chat.receipt = fields.boolean("receipt").value_or(false);
  fields.accept({"user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key",
                 "prompt_cache_retention", "verbosity", "reasoning_effort", "add_generation_prompt",
                 "modalities"});
  fields.refuse("audio", "this model writes text");
  fields.refuse("prediction", "guesses are made by the server itself");
  fields.refuse("functions", "use 'tools'");
  fields.refuse("function_call", "use 'tool_choice'");
  fields.refuse("web_search_options", "this server has no search; offer a tool");
  fields.finish();
  return chat;
}

void plan_chat(ChatRequest& chat, const ServedModel& model) {
  ChatPrompt prompt = make_prompt(model, chat.input);
  const auto length = static_cast<int64_t>(prompt.tokens.size());
  const int64_t room = model.engine.max_length() - length;
  if (room < 1)
    throw ApiError(
        400, "context_length_exceeded",
        fmt::format("the messages are {} tokens, but the model's longest text is {} tokens; shorten them",
                    length, model.engine.max_length()),
        "messages");
  chat.request.prompt = std::move(prompt.tokens);
  chat.request.max_tokens = chat.request.max_tokens == 0 ? room : std::min(chat.request.max_tokens, room);
  chat.request.stop.insert(chat.request.stop.end(), prompt.stops.begin(), prompt.stops.end());
  chat.request.grammar = read_response_format(
      chat.response_format.is_null() ? nullptr : &*chat.response_format, "response_format", model.vocabulary);
  if (!chat.input.tools.offered()) return;
  chat.request.skip_special = false;  // the marks of calls are special tokens of some models
  if (chat.request.grammar && chat.input.tools.choice == ToolUse::Choice::kRequired)
    throw ApiError::invalid("response_format", "'response_format' and a required tool contradict each other");
  if (!chat.request.grammar)
    chat.request.grammar = call_grammar(model.tools, chat.input.tools, model.vocabulary);
}

std::shared_ptr<Answer> chat_answer(ChatRequest chat, AnswerContext context, ReceiptMaker receipt) {
  context.stream = chat.stream;
  return std::make_shared<ChatAnswer>(std::move(chat), std::move(context), std::move(receipt));
}

}  // namespace aurora::serve
