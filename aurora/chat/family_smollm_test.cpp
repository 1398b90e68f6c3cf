#include <gtest/gtest.h>

#include "aurora/chat/family_test.h"

namespace aurora::chat {
namespace {

constexpr const char* kSmolLM = R"({# ---- defaults ---- #}
{%- if enable_thinking is not defined -%}
{%- set enable_thinking = true -%}
{%- endif -%}
{%- set mode = "/think" if enable_thinking else "/no_think" -%}
{%- if messages[0].role == "system" -%}
  {%- set opening = messages[0].content -%}
  {%- if "/no_think" in opening -%}
    {%- set mode = "/no_think" -%}
  {%- endif -%}
  {%- set custom = opening.replace("/no_think", "").replace("/think", "").rstrip() -%}
{%- endif -%}
{{- "<|start|>system\n" -}}
{%- if opening is defined and "/override" in opening -%}
  {{- custom.replace("/override", "").rstrip() -}}
{%- else -%}
  {{- "Mode: " + mode + "\n" -}}
  {%- if custom -%}
    {{- custom + "\n" -}}
  {%- else -%}
    {{- "Be helpful.\n" -}}
  {%- endif -%}
  {%- if tools -%}
    {%- set ns = namespace(text="Tools:\n") -%}
    {%- for tool in tools[:] -%}
      {%- set ns.text = ns.text ~ (tool | string) ~ "\n" -%}
    {%- endfor -%}
    {{- ns.text -}}
  {%- endif -%}
{%- endif -%}
{{- "<|end|>\n" -}}
{%- for message in messages -%}
    {%- if loop.first and messages[0]['role'] != 'system' %}{{ '(no system)\n' }}{% endif -%}
    {%- set content = message.content if message.content is string else "" -%}
    {%- if message.role == "user" -%}
        {{ "<|start|>user\n" + content + "<|end|>\n" }}
    {%- elif message.role == "assistant" -%}
        {% generation %}
        {%- if mode == "/think" -%}
            {{ "<|start|>assistant\n" + content.lstrip("\n") + "<|end|>\n" }}
        {%- else -%}
            {{ "<|start|>assistant\n<think>\n\n</think>\n" + content.lstrip("\n") + "<|end|>\n" }}
        {%- endif -%}
        {% endgeneration %}
    {%- elif message.role == "tool" -%}
        {{ "<|start|>user\n" + content + "<|end|>\n" }}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{- "<|start|>assistant\n" + ("" if mode == "/think" else "<think>\n\n</think>\n") -}}
{%- endif -%}
)";

TEST(SmolLM, RendersTurns) {
  EXPECT_EQ(rendered(kSmolLM, kPlain),
            "<|start|>system\n"
            "Mode: /think\n"
            " Be brief.\n"
            "<|end|>\n"
            "<|start|>user\n"
            "Hi <|end|>\n"
            "<|start|>assistant\n"
            "<think>\n"
            "hm\n"
            "</think>\n"
            "\n"
            "Hello 日本<|end|>\n"
            "<|start|>user\n"
            "Bye<|end|>\n"
            "<|start|>assistant\n");
}

TEST(SmolLM, RendersTools) {
  EXPECT_EQ(rendered(kSmolLM, kTool),
            "<|start|>system\n"
            "Mode: /think\n"
            "Be helpful.\n"
            "Tools:\n"
            "{'type': 'function', 'function': {'name': 'weather', 'description': 'Of a place', 'parameters': "
            "{'type': 'object', 'required': ['city'], 'properties': {'city': {'type': 'string'}, 'days': "
            "{'type': ['integer', 'null'], 'enum': [1, 3]}, 'at': {'type': 'object', 'properties': {'lat': "
            "{'type': 'number'}}}}}}}\n"
            "<|end|>\n"
            "(no system)\n"
            "<|start|>user\n"
            "Weather?<|end|>\n"
            "<|start|>assistant\n"
            "<|end|>\n"
            "<|start|>user\n"
            "22 °C<|end|>\n"
            "<|start|>assistant\n"
            "It is 22.<|end|>\n");
}

TEST(SmolLM, RendersWithoutThinking) {
  EXPECT_EQ(rendered(kSmolLM, kNoThinking),
            "<|start|>system\n"
            "Mode: /no_think\n"
            "X\n"
            "<|end|>\n"
            "<|start|>user\n"
            "Hi<|end|>\n"
            "<|start|>assistant\n"
            "<think>\n"
            "\n"
            "</think>\n");
}

}  // namespace
}  // namespace aurora::chat
