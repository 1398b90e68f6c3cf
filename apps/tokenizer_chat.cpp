// `aurora tokenizer chat`: the prompt that a vocabulary's chat template makes of messages.

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "apps/tokenizer_open.h"
#include "aurora/base/error.h"
#include "aurora/chat/template.h"

namespace aurora::apps {
namespace {

struct ChatFlags {
  VocabularyFlags vocabulary;
  std::string template_file;
  std::vector<std::string> inputs;
  bool json = false;
  bool no_prompt = false;

  void declare(Arguments& arguments) {
    vocabulary.declare(arguments);
    arguments.option("--template", template_file, "a Jinja file instead of the vocabulary's own template");
    arguments.positional(
        "FILES", inputs,
        "[{\"role\": ..., \"content\": ...}, ...] or {\"messages\": [...], \"tools\": [...], ...}; none: "
        "standard input");
    arguments.flag("--no-prompt", no_prompt, "without the start of the assistant's turn");
    arguments.flag("--json", json, "{\"prompt\": ..., \"ids\": [...]}");
  }
};

std::string token_text(const tokenizer::Tokenizer& tokenizer, int32_t id) {
  return id < 0 ? std::string() : std::string(tokenizer.token(id));
}

nlohmann::ordered_json context_of(const NamedText& input, const tokenizer::Tokenizer& tokenizer,
                                  const ChatFlags& flags) {
  nlohmann::ordered_json given = nlohmann::ordered_json::parse(input.text, nullptr, false);
  if (given.is_array()) given = {{"messages", given}};
  if (!given.is_object() || !given.contains("messages"))
    throw Error("no messages", input.name, "give a JSON list of {\"role\": ..., \"content\": ...}");
  nlohmann::ordered_json context = {{"add_generation_prompt", !flags.no_prompt},
                                    {"bos_token", token_text(tokenizer, tokenizer.spec().begin_of_document)},
                                    {"eos_token", token_text(tokenizer, tokenizer.spec().end_of_document)},
                                    {"tools", nullptr},
                                    {"documents", nullptr}};
  for (const auto& [key, value] : given.items()) context[key] = value;
  return context;
}

int chat(const ChatFlags& flags) {
  const tokenizer::Tokenizer tokenizer = flags.vocabulary.open();
  const std::string source =
      flags.template_file.empty() ? tokenizer.spec().chat_template : read_file(flags.template_file);
  if (source.empty())
    throw UsageError("this vocabulary has no chat template", flags.vocabulary.vocab,
                     "give one with --template FILE.jinja");
  const chat::Template chat_template(
      source, flags.template_file.empty() ? flags.vocabulary.vocab : flags.template_file);
  const int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  tokenizer::Encoder encoder(tokenizer);
  for (const NamedText& input : read_texts(flags.inputs)) {
    const std::string prompt = chat_template.render(context_of(input, tokenizer, flags).dump(), now);
    if (!flags.json) {
      fmt::print("{}\n", prompt);
      continue;
    }
    std::vector<int32_t> ids;
    encoder.encode(prompt, ids, tokenizer::Specials::kParse);
    nlohmann::ordered_json json = {{"prompt", prompt}, {"ids", ids}};
    fmt::print("{}\n", json.dump());
  }
  return 0;
}

}  // namespace

Command tokenizer_chat_command() {
  return {"chat", "the prompt that the chat template makes of messages",
          [](Arguments& arguments) { return with_flags<ChatFlags>(arguments, chat); }};
}

}  // namespace aurora::apps
