#include "aurora/serve/completions.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aurora/serve/logprobs.h"
#include "aurora/tokenizer/encoder.h"

namespace aurora::serve {
namespace {

constexpr int64_t kDefaultTokens = 16;  // OpenAI's
constexpr int64_t kMostLogprobs = 20;
constexpr size_t kMostPrompts = 2048;

class CompletionAnswer : public Answer {
 public:
  CompletionAnswer(CompletionRequest completion, AnswerContext context, ReceiptMaker receipt)
      : Answer(std::move(context)), completion_(std::move(completion)), receipt_(std::move(receipt)) {
    const size_t prompts = completion_.prompts.size() + completion_.token_prompts.size();
    for (size_t i = 0; i < prompts * static_cast<size_t>(completion_.request.n); ++i)
      choices_.emplace_back(this->context().model);
  }

 protected:
  void begin() override {
    if (!completion_.echo) return;
    for (size_t i = 0; i < choices_.size(); ++i) {
      choices_[i].text = prompt_text(i / static_cast<size_t>(completion_.request.n));
      if (completion_.stream && completion_.request.top_logprobs < 0)
        send_piece(static_cast<int>(i), choices_[i].text, nullptr);
    }
  }
  void prompt(int choice, const infer::Event& event) override {
    // Told once for a prompt, whatever n is.
    for (int i = choice; i < choice + completion_.request.n; ++i) {
      Choice& one = choices_[static_cast<size_t>(i)];
      for (size_t t = 0; t < event.prompt.size(); ++t) one.logprobs.add(event.prompt[t], t == 0);
      if (completion_.stream) send_piece(i, one.text, nullptr);
    }
  }
  void token(int choice, const infer::Event& event) override {
    Choice& one = choices_[static_cast<size_t>(choice)];
    one.text += event.text;
    if (event.logprobs) one.logprobs.add(*event.logprobs);
    if (completion_.stream && (!event.text.empty() || event.logprobs))
      send_piece(choice, std::string(event.text), nullptr);
  }
  void finished(int choice, const infer::Event& event) override {
    Choice& one = choices_[static_cast<size_t>(choice)];
    one.text += event.text;
    one.finish = openai_finish(event.reason);
    if (completion_.stream) send_piece(choice, std::string(event.text), one.finish);
  }
  void complete() override;

 private:
  struct Choice {
    explicit Choice(const ServedModel& model) : logprobs(model) {}
    std::string text, finish;
    CompletionLogprobs logprobs;
  };
  std::string prompt_text(size_t index) const {
    if (!completion_.prompts.empty()) return completion_.prompts[index];
    return context().model.tokenizer.decode(completion_.token_prompts[index]);
  }
  Json envelope() const {
    return {{"id", context().id},
            {"object", "text_completion"},
            {"created", context().created},
            {"model", context().model.name},
            {"choices", Json::array()}};
  }
  Json logprobs_of(Choice& choice) const {
    return completion_.request.top_logprobs < 0 ? Json(nullptr) : choice.logprobs.take();
  }
  void send_piece(int index, const std::string& text, const Json& finish) {
    Json chunk = envelope();
    Choice& choice = choices_[static_cast<size_t>(index)];
    chunk["choices"].push_back(
        {{"index", index}, {"text", text}, {"logprobs", logprobs_of(choice)}, {"finish_reason", finish}});
    if (completion_.stream_usage) chunk["usage"] = nullptr;
    send_event(chunk);
  }

  CompletionRequest completion_;
  ReceiptMaker receipt_;
  std::vector<Choice> choices_;
};

void CompletionAnswer::complete() {
  Json body = envelope();
  const Json usage = usage_json(totals().prompt_tokens, totals().cached_tokens, totals().completion_tokens);
  if (receipt_) body["receipt"] = receipt_(requests(), context().created, tokens());
  if (completion_.stream) {
    if (completion_.stream_usage) body["usage"] = usage;
    if (completion_.stream_usage || receipt_) send_event(body);
    return end_stream(true);
  }
  for (size_t i = 0; i < choices_.size(); ++i)
    body["choices"].push_back({{"index", i},
                               {"text", choices_[i].text},
                               {"logprobs", logprobs_of(choices_[i])},
                               {"finish_reason", choices_[i].finish}});
  body["usage"] = usage;
  body["system_fingerprint"] = context().model.hash.substr(0, 16);
  send_json(body);
}

// TEXT, [TEXT ...], [ID ...] or [[ID ...] ...].
void read_prompts(const Json& prompt, CompletionRequest& completion) {
  const std::string path = "prompt";
  if (prompt.is_string()) {
    completion.prompts.push_back(prompt.get<std::string>());
    return;
  }
  if (!prompt.is_array() || prompt.empty())
    throw ApiError::invalid(path, "'prompt' is neither text nor a list of texts or token ids");
  if (prompt[0].is_number()) {
    completion.token_prompts.push_back(ids_of(prompt, path));
    return;
  }
  if (prompt.size() > kMostPrompts)
    throw ApiError::invalid(path, fmt::format("'prompt' has more than {} entries", kMostPrompts));
  for (size_t i = 0; i < prompt.size(); ++i) {
    const std::string at = fmt::format("{}[{}]", path, i);
    if (prompt[0].is_array() && prompt[i].is_array())
      completion.token_prompts.push_back(ids_of(prompt[i], at));
    else
      completion.prompts.push_back(text_of(prompt[i], at));
  }
  if (!completion.prompts.empty() && !completion.token_prompts.empty())
    throw ApiError::invalid(path, "'prompt' mixes texts and token ids");
}

}  // namespace

CompletionRequest read_completion(const Json& body, const GenerationDefaults& defaults) {
  Fields fields(body);
  CompletionRequest completion;
  completion.model = fields.text("model").value_or("");
  read_prompts(fields.required("prompt"), completion);
  read_generation(fields, defaults, completion.request);
  completion.request.max_tokens = fields.integer("max_tokens", 0, INT32_MAX).value_or(kDefaultTokens);
  completion.echo = fields.boolean("echo").value_or(false);
  if (const Json* logprobs = fields.find("logprobs"); logprobs && logprobs->is_boolean())
    completion.request.top_logprobs = logprobs->get<bool>() ? 1 : -1;
  else
    completion.request.top_logprobs =
        static_cast<int>(fields.integer("logprobs", 0, kMostLogprobs).value_or(-1));
  completion.request.prompt_logprobs = completion.echo && completion.request.top_logprobs >= 0;
  if (completion.request.max_tokens == 0 && !completion.echo)
    throw ApiError::invalid("max_tokens", "'max_tokens' is 0, which needs 'echo': true");
  completion.stream = fields.boolean("stream").value_or(false);
  if (const Json* options = fields.find("stream_options")) {
    Fields option(*options, "stream_options");
    completion.stream_usage = option.boolean("include_usage").value_or(false);
  }
  if (const Json* format = fields.find("response_format")) completion.response_format = *format;
  completion.receipt = fields.boolean("receipt").value_or(false);
  fields.accept({"user"});
  fields.refuse("suffix", "this model continues texts, it does not fill gaps");
  fields.finish();
  return completion;
}

std::vector<int32_t> document_ids(const ServedModel& model, std::string_view text) {
  std::vector<int32_t> ids;
  tokenizer::Encoder encoder(model.tokenizer);
  const tokenizer::Spec& spec = model.tokenizer.spec();
  tokenizer::EncodeOptions options;
  options.specials = tokenizer::Specials::kParse;
  options.add_template = true;
  if (spec.single.empty()) {
    const int32_t first = spec.begin_of_document >= 0 ? spec.begin_of_document : spec.end_of_document;
    if (first >= 0 && !model.has_template) ids.push_back(first);
  }
  encoder.encode(text, ids, options);
  return ids;
}

std::vector<infer::Request> plan_completion(CompletionRequest& completion, const ServedModel& model) {
  completion.request.grammar =
      read_response_format(completion.response_format.is_null() ? nullptr : &*completion.response_format,
                           "response_format", model.vocabulary);
  std::vector<infer::Request> requests;
  const auto add = [&](std::vector<int32_t> ids) {
    const auto length = static_cast<int64_t>(ids.size());
    if (ids.empty())
      throw ApiError::invalid("prompt", "'prompt' is empty, and this model has no token to begin with");
    if (length >= model.engine.max_length())
      throw ApiError(
          400, "context_length_exceeded",
          fmt::format("a prompt is {} tokens, but the model's longest text is {} tokens; shorten it", length,
                      model.engine.max_length()),
          "prompt");
    infer::Request request = completion.request;
    request.prompt = std::move(ids);
    request.max_tokens = std::min(request.max_tokens, model.engine.max_length() - length);
    requests.push_back(std::move(request));
  };
  for (const std::string& prompt : completion.prompts) add(document_ids(model, prompt));
  for (const std::vector<int32_t>& ids : completion.token_prompts) add(ids);
  return requests;
}

std::shared_ptr<Answer> completion_answer(CompletionRequest completion, AnswerContext context,
                                          ReceiptMaker receipt) {
  context.stream = completion.stream;
  return std::make_shared<CompletionAnswer>(std::move(completion), std::move(context), std::move(receipt));
}

}  // namespace aurora::serve
