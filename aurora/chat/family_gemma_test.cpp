#include <gtest/gtest.h>

#include "aurora/chat/family_test.h"

namespace aurora::chat {
namespace {

constexpr const char* kGemma = R"({%- macro kind(schema) -%}
    {%- if schema.type is string -%}
        {{- schema.type | upper -}}
    {%- else -%}
        {{- schema.type | map('upper') | join('|') -}}
    {%- endif -%}
{%- endmacro -%}
{%- macro fields(properties, required) -%}
    {%- set skipped = ['type', 'description'] -%}
    {%- set ns = namespace(found=false) -%}
    {%- for key, value in properties | dictsort -%}
        {%- if key not in skipped -%}
            {%- if ns.found %},{% endif -%}
            {%- set ns.found = true -%}
            {{ key }}:{type:{{ kind(value) }}
            {%- if value['enum'] is defined %},enum:[{{ value['enum'] | join(',') }}]{% endif -%}
            {%- if value.properties is defined and value.properties is mapping %},of:{ {{- fields(value.properties, value.required or []) -}} }{% endif -%}
            {%- if key in required %},needed{% endif -%}
            }
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}
{{ bos_token }}
{%- if messages[0]['role'] in ['system', 'developer'] -%}
    {%- if messages[0]['content'] is string -%}
        {%- set prefix = messages[0]['content'] + '\n\n' -%}
    {%- else -%}
        {%- set prefix = messages[0]['content'][0]['text'] + '\n\n' -%}
    {%- endif -%}
    {%- set turns = messages[1:] -%}
{%- else -%}
    {%- set prefix = "" -%}
    {%- set turns = messages -%}
{%- endif -%}
{%- for tool in tools or [] -%}
<tool>{{ tool['function']['name'] }}({{ fields(tool.function.parameters.properties, tool.function.parameters.required|default([])) }})</tool>
{%- endfor -%}
{%- for message in turns -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception("turns must alternate") }}
    {%- endif -%}
    {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}
    {{ '<turn>' + role + '\n' + (prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'image' -%}
                {{ '<image>' }}
            {%- elif item['type'] == 'text' -%}
                {{ item['text'] | trim }}
            {%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("no content") }}
    {%- endif -%}
    {{ '</turn>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {{'<turn>model\n'}}
{%- endif -%}
)";

TEST(Gemma, RendersTurns) {
  EXPECT_EQ(rendered(kGemma, kPlain),
            "<s><turn>user\n"
            " Be brief. \n"
            "\n"
            "Hi</turn>\n"
            "<turn>model\n"
            "<think>\n"
            "hm\n"
            "</think>\n"
            "\n"
            "Hello 日本</turn>\n"
            "<turn>user\n"
            "Bye</turn>\n"
            "<turn>model\n");
}

TEST(Gemma, RendersParts) {
  EXPECT_EQ(rendered(kGemma, kParts),
            "<s><tool>weather(at:{type:OBJECT,of:{lat:{type:NUMBER}}},city:{type:STRING,needed},days:{type:"
            "INTEGER|NULL,enum:[1,3]})</tool><turn>user\n"
            "See<image>this</turn>\n"
            "<turn>model\n");
}

TEST(Gemma, RefusesTwoUsersInARow) {
  EXPECT_EQ(refusal(kGemma, kTwoUsers).substr(0, 20), "turns must alternate");
}

}  // namespace
}  // namespace aurora::chat
