#include "aurora/serve/served_model.h"

namespace aurora::serve {

// Line ends are expressions: the dashes would take others away.
const std::string_view kPlainTemplate =
    "{%- for message in messages -%}"
    "{%- if message.role == 'system' -%}{{ message.content + '\n\n' }}"
    "{%- elif message.role == 'user' -%}{{ 'User: ' + message.content + '\n' }}"
    "{%- elif message.role == 'tool' -%}{{ 'Result: ' + message.content + '\n' }}"
    "{%- else -%}{{ 'Assistant: ' + message.content + '\n' }}"
    "{%- endif -%}{%- endfor -%}"
    "{%- if add_generation_prompt -%}Assistant:{%- endif -%}";
const std::vector<std::string> kPlainStops = {"\nUser:", "\nResult:"};

ServedModel::ServedModel(std::string name_in, std::string hash_in, const tokenizer::Tokenizer& tokenizer_in,
                         std::vector<int32_t> end_tokens_in, infer::EngineThread& engine_in)
    : name(std::move(name_in)),
      hash(std::move(hash_in)),
      tokenizer(tokenizer_in),
      end_tokens(std::move(end_tokens_in)),
      vocabulary(constrain::Vocabulary::of(tokenizer, end_tokens)),
      engine(engine_in),
      has_template(!tokenizer.spec().chat_template.empty()),
      template_source(has_template ? tokenizer.spec().chat_template : std::string(kPlainTemplate)),
      chat_template(template_source, name + ": chat template"),
      tools(tool_format(template_source)),
      shown_(constrain::token_bytes(tokenizer)) {
  for (size_t id = 0; id < shown_.size(); ++id)
    if (tokenizer.is_special(static_cast<int32_t>(id)))
      shown_[id] = tokenizer.token(static_cast<int32_t>(id));
}

const std::string& ServedModel::token_shown(int32_t id) const {
  static const std::string kNone;
  return id >= 0 && static_cast<size_t>(id) < shown_.size() ? shown_[static_cast<size_t>(id)] : kNone;
}

std::string ServedModel::token_text(int32_t id) const {
  return id < 0 ? std::string() : std::string(tokenizer.token(id));
}

}  // namespace aurora::serve
