#include <gtest/gtest.h>

#include "aurora/chat/family_test.h"

namespace aurora::chat {
namespace {

// In one line, as that family has it: no line ends for the rules of white space to act on.
constexpr const char* kDeepSeek =
    R"({% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %})"
    R"({% endif %})"
    R"({% set ns = namespace(is_first=false, is_tool=false, is_output_first=true, system='', fi)"
    R"(rst_system=true) %}{%- for message in messages %}{%- if message['role'] == 'system' %})"
    R"({%- if ns.first_system %}{% set ns.system = ns.system + message['content'] %})"
    R"({% set ns.first_system = false %}{%- else %})"
    R"({% set ns.system = ns.system + '\n\n' + message['content'] %}{%- endif %}{%- endif %})"
    R"({%- endfor %}{{bos_token}}{{ns.system}}{%- for message in messages %})"
    R"({%- if message['role'] == 'user' %}{%- set ns.is_tool = false -%})"
    R"({{'<|User|>' + message['content']}}{%- endif %})"
    R"({%- if message['role'] == 'assistant' and message['tool_calls'] %})"
    R"({%- set ns.is_tool = false -%}{%- for tool in message['tool_calls'] %})"
    R"({%- if not ns.is_first %})"
    R"({{'<|Assistant|><|calls|><|call|>' + tool['type'] + '<|sep|>' + tool['function']['name'])"
    R"( + '\n```json\n' + tool['function']['arguments']|tojson + '\n```<|/call|>'}})"
    R"({%- set ns.is_first = true -%}{%- else %})"
    R"({{'\n<|call|>' + tool['function']['name'] + '<|/call|>'}}{{'<|/calls|>'}}{%- endif %})"
    R"({%- endfor %}{%- endif %})"
    R"({%- if message['role'] == 'assistant' and message['content'] is not none and not message)"
    R"(['tool_calls'] %}{%- if ns.is_tool %}{{'<|/outputs|>' + message['content'] + eos_token}})"
    R"({%- set ns.is_tool = false -%}{%- else %}{% set content = message['content'] %})"
    R"({% if '</think>' in content %}{% set content = content.split('</think>')[-1] %})"
    R"({% endif %}{{'<|Assistant|>' + content + eos_token}}{%- endif %}{%- endif %})"
    R"({%- if message['role'] == 'tool' %}{%- set ns.is_tool = true -%})"
    R"({%- if ns.is_output_first %})"
    R"({{'<|outputs|><|output|>' + message['content'] + '<|/output|>'}})"
    R"({%- set ns.is_output_first = false %}{%- else %})"
    R"({{'\n<|output|>' + message['content'] + '<|/output|>'}}{%- endif %}{%- endif %})"
    R"({%- endfor -%}{% if ns.is_tool %}{{'<|/outputs|>'}}{% endif %})"
    R"({% if add_generation_prompt and not ns.is_tool %}{{'<|Assistant|><think>\n'}}{% endif %})";

TEST(DeepSeek, RendersTurns) {
  EXPECT_EQ(rendered(kDeepSeek, kPlain),
            "<s> Be brief. <|User|>Hi <|Assistant|>\n"
            "\n"
            "Hello 日本</s><|User|>Bye<|Assistant|><think>\n");
}

TEST(DeepSeek, RendersTools) {
  EXPECT_EQ(rendered(kDeepSeek, kTool),
            "<s><|User|>Weather?<|Assistant|><|calls|><|call|>function<|sep|>weather\n"
            "```json\n"
            "{\"city\": \"Zürich\", \"days\": 3}\n"
            "```<|/call|><|outputs|><|output|>22 °C<|/output|><|/outputs|>It is 22.</s>");
}

}  // namespace
}  // namespace aurora::chat
