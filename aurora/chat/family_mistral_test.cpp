#include <gtest/gtest.h>

#include "aurora/chat/family_test.h"

namespace aurora::chat {
namespace {

constexpr const char* kMistral = R"({%- if messages[0]["role"] == "system" %}
    {%- set opening = messages[0]["content"] %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set rest = messages %}
{%- endif %}
{%- if not tools is defined %}
    {%- set tools = none %}
{%- endif %}
{%- set users = rest | selectattr("role", "equalto", "user") | list %}
{%- set ns = namespace() %}
{%- set ns.index = 0 %}
{%- for message in rest %}
    {%- if not (message.role == "tool" or message.role == "tool_results" or (message.tool_calls is defined and message.tool_calls is not none)) %}
        {%- if (message["role"] == "user") != (ns.index % 2 == 0) %}
            {{- raise_exception("roles must alternate: " + message["role"]) }}
        {%- endif %}
        {%- set ns.index = ns.index + 1 %}
    {%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in rest %}
    {%- if message["role"] == "user" %}
        {%- if tools is not none and (message == users[-1]) %}
            {{- "[TOOLS] [" }}
            {%- for tool in tools %}
                {%- set tool = tool.function %}
                {{- '{"type": "function", "function": {' }}
                {%- for key, val in tool.items() if key != "return" %}
                    {%- if val is string %}
                        {{- '"' + key + '": "' + val + '"' }}
                    {%- else %}
                        {{- '"' + key + '": ' + val|tojson }}
                    {%- endif %}
                    {%- if not loop.last %}
                        {{- ", " }}
                    {%- endif %}
                {%- endfor %}
                {{- "}}" }}
                {%- if not loop.last %}
                    {{- ", " }}
                {%- else %}
                    {{- "]" }}
                {%- endif %}
            {%- endfor %}
            {{- "[/TOOLS]" }}
        {%- endif %}
        {%- if loop.last and opening is defined %}
            {{- "[INST] " + opening + "\n\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message.tool_calls is defined and message.tool_calls is not none %}
        {{- "[CALLS] [" }}
        {%- for call in message.tool_calls %}
            {%- set out = call.function|tojson %}
            {{- out[:-1] }}
            {%- if not call.id is defined or call.id|length != 9 %}
                {{- raise_exception("ids have 9 characters") }}
            {%- endif %}
            {{- ', "id": "' + call.id + '"}' }}
            {{- "]" + eos_token if loop.last else ", " }}
        {%- endfor %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token}}
    {%- else %}
        {%- if message.content is defined and message.content.content is defined %}
            {%- set content = message.content.content %}
        {%- else %}
            {%- set content = message.content %}
        {%- endif %}
        {{- '[RESULT] {"content": ' + content|string + "}[/RESULT]" }}
    {%- endif %}
{%- endfor %}
)";

TEST(Mistral, RendersTurns) {
  EXPECT_EQ(rendered(kMistral, kPlain),
            "<s>[INST] Hi [/INST] <think>\n"
            "hm\n"
            "</think>\n"
            "\n"
            "Hello 日本</s>[INST]  Be brief. \n"
            "\n"
            "Bye[/INST]");
}

TEST(Mistral, RendersTools) {
  EXPECT_EQ(
      rendered(kMistral, kTool),
      "<s>[TOOLS] [{\"type\": \"function\", \"function\": {\"name\": \"weather\", \"description\": \"Of a "
      "place\", \"parameters\": {\"type\": \"object\", \"required\": [\"city\"], \"properties\": {\"city\": "
      "{\"type\": \"string\"}, \"days\": {\"type\": [\"integer\", \"null\"], \"enum\": [1, 3]}, \"at\": "
      "{\"type\": \"object\", \"properties\": {\"lat\": {\"type\": \"number\"}}}}}}}][/TOOLS][INST] "
      "Weather?[/INST][CALLS] [{\"name\": \"weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": 3}, "
      "\"id\": \"call00001\"}]</s>[RESULT] {\"content\": 22 °C}[/RESULT] It is 22.</s>");
}

TEST(Mistral, RefusesTwoUsersInARow) {
  EXPECT_EQ(refusal(kMistral, kTwoUsers).substr(0, 26), "roles must alternate: user");
}

}  // namespace
}  // namespace aurora::chat
