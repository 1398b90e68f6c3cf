// Statements and white space. What is expected was rendered with transformers 5 and Jinja 3.1.6.
#include <gtest/gtest.h>

#include "aurora/chat/template_test.h"

namespace aurora::chat {
namespace {

constexpr const char* kContext =
    R"({"items": [1, 2, 3], "tree": [{"n": "a", "c": [{"n": "b", "c": []}, {"n": "c", "c": [{"n": "d", "c": []}]}]}], "pairs": [["a", 1], ["b", 2]], "d": {"x": 1, "y": 2}, "x": 5, "messages": [{"role": "user", "content": "Hi"}]})";

std::string shown(const std::string& source) {
  return rendered(source, kContext);
}

TEST(Statement, TakesTheLineEndAfterATag) {
  EXPECT_EQ(shown("{% if true %}\na\n{% endif %}\nb"), "a\nb");
  EXPECT_EQ(shown("  {% if true %}  \n  a\n  {% endif %}\nb\n"), "  \n  a\nb");
  EXPECT_EQ(shown("a {% if true %}b{% endif %} c"), "a b c");
  EXPECT_EQ(shown("{{ x }}\nb\n\n"), "5\nb\n");
  EXPECT_EQ(shown("{% if true +%}\na{%+ endif %}"), "\na");
  EXPECT_EQ(shown("x\n  {%+ if true %}y{% endif %}"), "x\n  y");
}

TEST(Statement, StripsWhiteSpaceAtDashes) {
  EXPECT_EQ(shown("a  {%- if true -%}  b  {%- endif -%}  c"), "abc");
  EXPECT_EQ(shown("a \n {{- x -}} \n b"), "a5b");
  EXPECT_EQ(shown("a {#- c -#} b"), "ab");
  EXPECT_EQ(shown("a  {%- if true %}b{% endif %}"), "ab");
  EXPECT_EQ(shown(" {% raw -%} \n {{ x }} {%- endraw %} y"), "{{ x }} y");
}

TEST(Statement, HidesCommentsAndKeepsRaw) {
  EXPECT_EQ(shown("a{# {{ x }} {% if %} #}b"), "ab");
  EXPECT_EQ(shown("  {# c #}\nb"), "b");
  EXPECT_EQ(shown("{% raw %}{{ x }} {% if %}{% endraw %}"), "{{ x }} {% if %}");
  EXPECT_EQ(shown("{# a\nb #}c"), "c");
}

TEST(Statement, NormalizesLineEnds) {
  EXPECT_EQ(shown("a\r\nb\rc\n"), "a\nb\nc");
  EXPECT_EQ(shown("{{ \"a\r\nb\" }}"), "a\nb");
}

TEST(Statement, Chooses) {
  EXPECT_EQ(shown("{% if x == 1 %}a{% elif x == 5 %}b{% else %}c{% endif %}"), "b");
  EXPECT_EQ(shown("{% if missing %}a{% else %}c{% endif %}"), "c");
  EXPECT_EQ(shown("{% if missing %}a{% endif %}"), "");
}

TEST(Statement, Loops) {
  EXPECT_EQ(shown("{% for i in items %}{{ i }}{% endfor %}"), "123");
  EXPECT_EQ(shown("{% for i in [] %}a{% else %}none{% endfor %}"), "none");
  EXPECT_EQ(shown("{% for a, b in pairs %}{{ a }}{{ b }}{% endfor %}"), "a1b2");
  EXPECT_EQ(shown("{% for k in d %}{{ k }}{% endfor %}"), "xy");
  EXPECT_EQ(shown("{% for k, v in d.items() %}{{ k }}{{ v }}{% endfor %}"), "x1y2");
  EXPECT_EQ(shown("{% for c in \"日本\" %}{{ c }},{% endfor %}"), "日,本,");
  EXPECT_EQ(shown("{% for i in items if i != 2 %}{{ i }}{{ loop.length }}{% endfor %}"), "1232");
  EXPECT_EQ(shown("{% for i in missing %}a{% else %}b{% endfor %}"), "b");
}

TEST(Statement, KnowsItsPlaceInALoop) {
  EXPECT_EQ(shown("{% for i in items %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 "
                  "}}{{ loop.first }}{{ loop.last }}{{ loop.length }};{% endfor %}"),
            "1032TrueFalse3;2121FalseFalse3;3210FalseTrue3;");
  EXPECT_EQ(shown("{% for i in items %}{{ loop.previtem }}<{{ i }}>{{ loop.nextitem }} {% endfor %}"),
            "<1>2 1<2>3 2<3> ");
  EXPECT_EQ(shown(R"({% for i in items %}{{ loop.cycle("a", "b") }}{% endfor %})"), "aba");
  EXPECT_EQ(shown("{% for i in [1, 1, 2] %}{{ loop.changed(i) }}{% endfor %}"), "TrueFalseTrue");
  EXPECT_EQ(shown("{% for i in items %}{% for j in items %}{{ loop.index }}{% endfor %}{{ loop.index }} {% "
                  "endfor %}"),
            "1231 1232 1233 ");
}

TEST(Statement, BreaksAndContinues) {
  EXPECT_EQ(shown("{% for i in items %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}"), "1");
  EXPECT_EQ(shown("{% for i in items %}{% if i == 2 %}{% continue %}{% endif %}{{ i }}{% endfor %}"), "13");
  EXPECT_EQ(shown("{% for i in items %}{% continue %}{% else %}e{% endfor %}"), "e");
}

TEST(Statement, Recurses) {
  EXPECT_EQ(shown("{% for t in tree recursive %}{{ t.n }}{{ loop.depth }}({{ loop(t.c) }}){% endfor %}"),
            "a1(b2()c2(d3()))");
}

TEST(Statement, KeepsAssignmentsInTheirScope) {
  EXPECT_EQ(shown("{% set a = 1 %}{% for i in items %}{% set a = i %}{{ a }}{% endfor %}{{ a }}"), "1231");
  EXPECT_EQ(shown("{% for i in items %}{{ q }}{% set q = i %}{% endfor %}{{ q }}"), "");
  EXPECT_EQ(shown("{% if true %}{% set a = 2 %}{% endif %}{{ a }}"), "2");
  EXPECT_EQ(
      shown(
          "{% set ns = namespace(n=0) %}{% for i in items %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}"),
      "6");
  EXPECT_EQ(shown("{% set a, b = 1, 2 %}{{ a }}{{ b }}"), "12");
  EXPECT_EQ(shown("{% for i in items %}{{ x }}{% set x = i %}{{ x }} {% endfor %}{{ x }}"), "51 52 53 5");
  EXPECT_EQ(shown("{% for i in [1] %}{{ x }}{% endfor %}{% set x = 1 %}{{ x }}"), "1");
  EXPECT_EQ(shown("{% macro m() %}{{ x }}{% endmacro %}{% set x = 9 %}{{ m() }}"), "9");
  EXPECT_EQ(shown("{% if false %}{% set x = 1 %}{% endif %}{{ x }}"), "5");
  EXPECT_EQ(shown("{% set ns = namespace(a=1) %}{% set ns.b, c = 2, 3 %}{{ ns.b }}{{ c }}{{ ns }}"),
            "23<Namespace {'a': 1, 'b': 2}>");
}

TEST(Statement, SetsBlocks) {
  EXPECT_EQ(shown("{% set a %}x{{ x }}y{% endset %}[{{ a }}]"), "[x5y]");
  EXPECT_EQ(shown(R"({% set a | upper | replace("X", "-") %}x{{ x }}y{% endset %}{{ a }})"), "-5Y");
}

TEST(Statement, CallsMacros) {
  EXPECT_EQ(shown("{% macro m(a, b=2, c=a) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ "
                  "m(c=5, a=0) }} {{ m() }}"),
            "121 131 025 2");
  EXPECT_EQ(shown("{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, k=3) }}"),
            "(1, 2){'k': 3}");
  EXPECT_EQ(shown("{% macro f(n) %}{{ n }}{% if n > 0 %}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(3) }}"),
            "3210");
  EXPECT_EQ(shown(R"({% macro m(a) %}{{ a|upper }}{% endmacro %}{{ m("x") + "y" }}{{ m.name }})"), "Xym");
}

TEST(Statement, CallsBack) {
  EXPECT_EQ(
      shown("{% macro m(a) %}[{{ caller(a) }}]{% endmacro %}{% call(v) m(7) %}{{ v }}{{ x }}{% endcall %}"),
      "[75]");
  EXPECT_EQ(shown("{% macro m() %}{% for i in items %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(i) "
                  "m() %}<{{ i }}>{% endcall %}"),
            "<1><2><3>");
  EXPECT_EQ(shown("{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}"), "False");
}

TEST(Statement, FiltersBlocks) {
  EXPECT_EQ(shown("{% filter upper %}a{{ x }}b{% endfilter %}"), "A5B");
  EXPECT_EQ(shown("{% filter trim|indent(2) %} a\nb {% endfilter %}"), "a\n  b");
}

TEST(Statement, OpensScopesWithWith) {
  EXPECT_EQ(shown("{% with a = 1, b = x %}{{ a }}{{ b }}{% endwith %}{{ a }}"), "15");
  EXPECT_EQ(shown("{% with x = 1 %}{{ x }}{% endwith %}{{ x }}"), "15");
}

TEST(Statement, TreatsGenerationAsItsBody) {
  EXPECT_EQ(shown("{% generation %}a{{ x }}{% set x = 1 %}{% endgeneration %}{{ x }}"), "a55");
  EXPECT_EQ(shown("{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}{% endfor %}"),
            "Hi");
}

TEST(Statement, PrintsWithPrint) {
  EXPECT_EQ(shown("{% print x, 1 %}"), "51");
}

}  // namespace
}  // namespace aurora::chat
