#include <gtest/gtest.h>

#include "aurora/chat/family_test.h"

namespace aurora::chat {
namespace {

constexpr const char* kLlama = R"({{- bos_token }}
{%- if custom_tools is defined %}
    {%- set tools = custom_tools %}
{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "1 Jan 2020" %}
    {%- endif %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set opening = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set opening = "" %}
{%- endif %}
{{- "<|head|>system<|/head|>\n\n" }}
{{- "Date: " + date_string + "\n\n" }}
{%- if tools is not none %}
    {{- "Functions:\n" }}
    {%- for t in tools %}
        {{- t | tojson(indent=4) }}
        {{- "\n\n" }}
    {%- endfor %}
{%- endif %}
{{- opening + "<|end|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|head|>' + message['role'] + '<|/head|>\n\n'+ message['content'] | trim + '<|end|>' }}
    {%- elif 'tool_calls' in message %}
        {%- if not message.tool_calls|length == 1 %}
            {{- raise_exception("one call at a time") }}
        {%- endif %}
        {%- set call = message.tool_calls[0].function %}
        {{- '<|head|>assistant<|/head|>\n\n{"name": "' + call.name + '", "parameters": ' }}
        {{- call.arguments | tojson }}
        {%- for k, v in call.arguments | items %}
            {{- k + '="' ~ v ~ '"' }}
            {%- if not loop.last %}
                {{- ", " }}
            {%- endif %}
        {%- endfor %}
        {{- "}<|end|>" }}
    {%- elif message.role == "tool" or message.role == "ipython" %}
        {{- "<|head|>ipython<|/head|>\n\n" }}
        {%- if message.content is mapping or message.content is iterable %}
            {{- message.content | tojson }}
        {%- else %}
            {{- message.content }}
        {%- endif %}
        {{- "<|end|>" }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|head|>assistant<|/head|>\n\n' }}
{%- endif %}
)";

TEST(Llama, RendersTurns) {
  EXPECT_EQ(rendered(kLlama, kPlain),
            "<s><|head|>system<|/head|>\n"
            "\n"
            "Date: 14 Nov 2023\n"
            "\n"
            "Be brief.<|end|><|head|>user<|/head|>\n"
            "\n"
            "Hi<|end|><|head|>assistant<|/head|>\n"
            "\n"
            "<think>\n"
            "hm\n"
            "</think>\n"
            "\n"
            "Hello 日本<|end|><|head|>user<|/head|>\n"
            "\n"
            "Bye<|end|><|head|>assistant<|/head|>\n"
            "\n");
}

TEST(Llama, RendersTools) {
  EXPECT_EQ(rendered(kLlama, kTool),
            "<s><|head|>system<|/head|>\n"
            "\n"
            "Date: 14 Nov 2023\n"
            "\n"
            "Functions:\n"
            "{\n"
            "    \"type\": \"function\",\n"
            "    \"function\": {\n"
            "        \"name\": \"weather\",\n"
            "        \"description\": \"Of a place\",\n"
            "        \"parameters\": {\n"
            "            \"type\": \"object\",\n"
            "            \"required\": [\n"
            "                \"city\"\n"
            "            ],\n"
            "            \"properties\": {\n"
            "                \"city\": {\n"
            "                    \"type\": \"string\"\n"
            "                },\n"
            "                \"days\": {\n"
            "                    \"type\": [\n"
            "                        \"integer\",\n"
            "                        \"null\"\n"
            "                    ],\n"
            "                    \"enum\": [\n"
            "                        1,\n"
            "                        3\n"
            "                    ]\n"
            "                },\n"
            "                \"at\": {\n"
            "                    \"type\": \"object\",\n"
            "                    \"properties\": {\n"
            "                        \"lat\": {\n"
            "                            \"type\": \"number\"\n"
            "                        }\n"
            "                    }\n"
            "                }\n"
            "            }\n"
            "        }\n"
            "    }\n"
            "}\n"
            "\n"
            "<|end|><|head|>user<|/head|>\n"
            "\n"
            "Weather?<|end|><|head|>assistant<|/head|>\n"
            "\n"
            "{\"name\": \"weather\", \"parameters\": {\"city\": \"Zürich\", \"days\": 3}city=\"Zürich\", "
            "days=\"3\"}<|end|><|head|>ipython<|/head|>\n"
            "\n"
            "\"22 °C\"<|end|><|head|>assistant<|/head|>\n"
            "\n"
            "It is 22.<|end|>");
}

TEST(Llama, RefusesTwoCalls) {
  EXPECT_EQ(refusal(kLlama, kTwoCalls).substr(0, 18), "one call at a time");
}

}  // namespace
}  // namespace aurora::chat
