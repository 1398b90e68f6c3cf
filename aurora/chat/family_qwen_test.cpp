#include <gtest/gtest.h>

#include "aurora/chat/family_test.h"

namespace aurora::chat {
namespace {

constexpr const char* kQwen = R"({%- macro shown(content) %}
    {%- if content is string %}
        {{- content }}
    {%- else %}
        {%- for part in content %}
            {%- if part.type == 'image' or 'image_url' in part %}
                {{- '<|pad|>' }}
            {%- elif 'text' in part %}
                {{- part.text }}
            {%- endif %}
        {%- endfor %}
    {%- endif %}
{%- endmacro %}
{%- if tools %}
    {{- '<|start|>system\n' }}
    {{- "# Tools\n<tools>" }}
    {%- for tool in tools %}
        {{- "\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\n</tools><|end|>\n" }}
{%- endif %}
{%- set ns = namespace(searching=true, last=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.searching and message.role == "user" and message.content is string and not(message.content.startswith('<result>') and message.content.endswith('</result>')) %}
        {%- set ns.searching = false %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- set content = shown(message.content) if message.content else '' %}
    {%- if message.role == "user" or (message.role == "system" and not loop.first) %}
        {{- '<|start|>' + message.role + '\n' + content + '<|end|>' + '\n' }}
    {%- elif message.role == "assistant" %}
        {%- set thoughts = '' %}
        {%- if message.reasoning_content is string %}
            {%- set thoughts = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set thoughts = content.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last and (loop.last or thoughts) %}
            {{- '<|start|>assistant\n<think>\n' + thoughts.strip('\n') + '\n</think>\n\n' + content }}
        {%- else %}
            {{- '<|start|>assistant\n' + content }}
        {%- endif %}
        {%- for tool_call in message.tool_calls or [] %}
            {%- if (loop.first and content) or (not loop.first) %}{{- '\n' }}{%- endif %}
            {%- if tool_call.function is defined %}{%- set tool_call = tool_call.function %}{%- endif %}
            {{- '<call>{"name": "' ~ tool_call.name ~ '", "arguments": ' }}
            {%- if tool_call.arguments is string %}{{- tool_call.arguments }}{%- else %}{{- tool_call.arguments | tojson }}{%- endif %}
            {{- '}</call>' }}
        {%- endfor %}
        {{- '<|end|>\n' }}
    {%- elif message.role == "tool" %}
        {%- if loop.first or (messages[loop.index0 - 1].role != "tool") %}
            {{- '<|start|>user' }}
        {%- endif %}
        {{- '\n<result>\n' + content + '\n</result>' }}
        {%- if loop.last or (loop.nextitem and loop.nextitem.role != "tool") %}
            {{- '<|end|>\n' }}
        {%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start|>assistant\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\n\n</think>\n\n' }}
    {%- endif %}
{%- endif %}
)";

TEST(Qwen, RendersTurns) {
  EXPECT_EQ(rendered(kQwen, kPlain),
            "<|start|>user\n"
            "Hi <|end|>\n"
            "<|start|>assistant\n"
            "Hello 日本<|end|>\n"
            "<|start|>user\n"
            "Bye<|end|>\n"
            "<|start|>assistant\n");
}

TEST(Qwen, RendersTools) {
  EXPECT_EQ(
      rendered(kQwen, kTool),
      "<|start|>system\n"
      "# Tools\n"
      "<tools>\n"
      "{\"type\": \"function\", \"function\": {\"name\": \"weather\", \"description\": \"Of a place\", "
      "\"parameters\": {\"type\": \"object\", \"required\": [\"city\"], \"properties\": {\"city\": "
      "{\"type\": \"string\"}, \"days\": {\"type\": [\"integer\", \"null\"], \"enum\": [1, 3]}, \"at\": "
      "{\"type\": \"object\", \"properties\": {\"lat\": {\"type\": \"number\"}}}}}}}\n"
      "</tools><|end|>\n"
      "<|start|>user\n"
      "Weather?<|end|>\n"
      "<|start|>assistant\n"
      "<call>{\"name\": \"weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 3}}</call><|end|>\n"
      "<|start|>user\n"
      "<result>\n"
      "22 °C\n"
      "</result><|end|>\n"
      "<|start|>assistant\n"
      "<think>\n"
      "\n"
      "</think>\n"
      "\n"
      "It is 22.<|end|>\n");
}

TEST(Qwen, RendersWithoutThinking) {
  EXPECT_EQ(rendered(kQwen, kNoThinking),
            "<|start|>user\n"
            "Hi<|end|>\n"
            "<|start|>assistant\n"
            "<think>\n"
            "\n"
            "</think>\n"
            "\n");
}

TEST(Qwen, RendersParts) {
  EXPECT_EQ(rendered(kQwen, kParts),
            "<|start|>system\n"
            "# Tools\n"
            "<tools>\n"
            "{\"type\": \"function\", \"function\": {\"name\": \"weather\", \"description\": \"Of a place\", "
            "\"parameters\": {\"type\": \"object\", \"required\": [\"city\"], \"properties\": {\"city\": "
            "{\"type\": \"string\"}, \"days\": {\"type\": [\"integer\", \"null\"], \"enum\": [1, 3]}, "
            "\"at\": {\"type\": \"object\", \"properties\": {\"lat\": {\"type\": \"number\"}}}}}}}\n"
            "</tools><|end|>\n"
            "<|start|>user\n"
            " See <|pad|>this<|end|>\n"
            "<|start|>assistant\n");
}

}  // namespace
}  // namespace aurora::chat
