#include "aurora/serve/responses.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace aurora::serve {
namespace {

class ResponsesAnswer : public Answer {
 public:
  ResponsesAnswer(ResponsesRequest responses, AnswerContext context, ReceiptMaker receipt)
      : Answer(std::move(context)),
        responses_(std::move(responses)),
        receipt_(std::move(receipt)),
        tools_(this->context().model.tools, responses_.chat.input.tools) {}

 protected:
  void begin() override {
    if (!responses_.chat.stream) return;
    send("response.created", {{"response", response("in_progress")}});
    send("response.in_progress", {{"response", response("in_progress")}});
  }
  void token(int, const infer::Event& event) override { take(read(event.text, false)); }
  void finished(int, const infer::Event& event) override {
    take(read(event.text, true));
    end_message();
    cut_short_ = std::string_view(openai_finish(event.reason)) == "length";
  }
  void complete() override {
    Json body = response(cut_short_ ? "incomplete" : "completed");
    if (receipt_) body["receipt"] = receipt_(requests(), context().created, tokens());
    if (!responses_.chat.stream) return send_json(body);
    send(cut_short_ ? "response.incomplete" : "response.completed", {{"response", body}});
    end_stream(false);
  }

 private:
  ToolCallReader::Piece read(std::string_view text, bool ended) {
    if (!responses_.chat.input.tools.offered()) return {std::string(text), {}};
    ToolCallReader::Piece piece = tools_.push(text);
    if (!ended) return piece;
    const ToolCallReader::Piece rest = tools_.finish();
    piece.text += rest.text;
    piece.calls.insert(piece.calls.end(), rest.calls.begin(), rest.calls.end());
    return piece;
  }
  void take(const ToolCallReader::Piece& piece) {
    if (!piece.text.empty()) add_text(piece.text);
    for (const ToolCall& call : piece.calls) add_call(call);
  }
  void add_text(const std::string& text);
  void end_message();
  void add_call(const ToolCall& call);

  Json message(const char* status) const {
    Json content = Json::array();
    content.push_back(part());
    return {{"id", message_id_},
            {"type", "message"},
            {"status", status},
            {"role", "assistant"},
            {"content", content}};
  }
  Json part() const { return {{"type", "output_text"}, {"text", text_}, {"annotations", Json::array()}}; }
  Json response(const char* status) const;
  // One event of the stream; nothing when there is no stream.
  void send(const char* type, Json fields) {
    if (!responses_.chat.stream) return;
    Json data = {{"type", type}, {"sequence_number", sequence_++}};
    data.update(fields);
    send_event(data, type);
  }
  void send_of_part(const char* type, Json fields) {
    Json all = {{"item_id", message_id_}, {"output_index", output_.size()}, {"content_index", 0}};
    all.update(fields);
    send(type, std::move(all));
  }

  ResponsesRequest responses_;
  ReceiptMaker receipt_;
  ToolCallReader tools_;
  Json output_ = Json::array();  // finished items
  bool in_message_ = false;
  std::string message_id_, text_;  // of the message in the making
  bool cut_short_ = false;
  int64_t sequence_ = 0;
};

Json ResponsesAnswer::response(const char* status) const {
  Json body = {{"id", context().id},
               {"object", "response"},
               {"created_at", context().created},
               {"status", status},
               {"error", nullptr},
               {"incomplete_details", nullptr},
               {"model", context().model.name},
               {"output", output_}};
  if (cut_short_) body["incomplete_details"] = {{"reason", "max_output_tokens"}};
  body.update(*responses_.echoed);
  body["usage"] = nullptr;
  if (std::string_view(status) != "in_progress")
    body["usage"] = {{"input_tokens", totals().prompt_tokens},
                     {"input_tokens_details", {{"cached_tokens", totals().cached_tokens}}},
                     {"output_tokens", totals().completion_tokens},
                     {"output_tokens_details", {{"reasoning_tokens", 0}}},
                     {"total_tokens", totals().prompt_tokens + totals().completion_tokens}};
  return body;
}

void ResponsesAnswer::add_text(const std::string& text) {
  if (!in_message_) {
    in_message_ = true;
    message_id_ = fmt::format("msg_{}_{}", context().id, output_.size());
    text_.clear();
    Json item = message("in_progress");
    item["content"] = Json::array();
    send("response.output_item.added", {{"output_index", output_.size()}, {"item", item}});
    send_of_part("response.content_part.added", {{"part", part()}});
  }
  text_ += text;
  send_of_part("response.output_text.delta", {{"delta", text}, {"logprobs", Json::array()}});
}

void ResponsesAnswer::end_message() {
  // An answer without a word and without a call is still a message.
  if (!in_message_ && output_.empty()) add_text("");
  if (!in_message_) return;
  send_of_part("response.output_text.done", {{"text", text_}, {"logprobs", Json::array()}});
  send_of_part("response.content_part.done", {{"part", part()}});
  const Json item = message("completed");
  send("response.output_item.done", {{"output_index", output_.size()}, {"item", item}});
  output_.push_back(item);
  in_message_ = false;
}

void ResponsesAnswer::add_call(const ToolCall& call) {
  if (in_message_) end_message();
  const std::string id = fmt::format("fc_{}_{}", context().id, output_.size());
  Json item = {{"id", id},
               {"type", "function_call"},
               {"status", "in_progress"},
               {"call_id", fmt::format("call_{}_{}", context().id, output_.size())},
               {"name", call.name},
               {"arguments", ""}};
  send("response.output_item.added", {{"output_index", output_.size()}, {"item", item}});
  const Json place = {{"item_id", id}, {"output_index", output_.size()}};
  Json delta = place, done = place;
  delta["delta"] = call.arguments;
  done["arguments"] = call.arguments;
  send("response.function_call_arguments.delta", delta);
  send("response.function_call_arguments.done", done);
  item["status"] = "completed";
  item["arguments"] = call.arguments;
  send("response.output_item.done", {{"output_index", output_.size()}, {"item", item}});
  output_.push_back(item);
}

}  // namespace

std::shared_ptr<Answer> responses_answer(ResponsesRequest responses, AnswerContext context,
                                         ReceiptMaker receipt) {
  context.stream = responses.chat.stream;
  return std::make_shared<ResponsesAnswer>(std::move(responses), std::move(context), std::move(receipt));
}

}  // namespace aurora::serve
