// Filters. What is expected was rendered with transformers 5 and Jinja 3.1.6.
#include <gtest/gtest.h>

#include "aurora/chat/template_test.h"

namespace aurora::chat {
namespace {

constexpr const char* kContext =
    R"({"s": "Hello World", "u": "Straße 日本", "e": "", "n": 7, "f": 2.5, "l": [3, 1, 2], "w": ["b", "A", "c"], "d": {"b": 1, "a": "x", "items": [0]}, "o": [{"k": 2, "v": "B"}, {"k": 1, "v": "a"}, {"k": 2, "v": "b"}], "html": "<a&'\">", "nil": null, "yes": true})";

std::string shown(const std::string& source) {
  return rendered(source, kContext);
}

TEST(Filter, WritesJsonAsPythonDoes) {
  EXPECT_EQ(shown("{{ d|tojson }}"), R"({"b": 1, "a": "x", "items": [0]})");
  EXPECT_EQ(shown("{{ [1, 2.0, none, true, \"é\\\"\\\\\\n\", 1e30]|tojson }}"),
            "[1, 2.0, null, true, \"é\\\"\\\\\\n\", 1e+30]");
  EXPECT_EQ(shown("{{ d|tojson(indent=2) }}"),
            "{\n  \"b\": 1,\n  \"a\": \"x\",\n  \"items\": [\n    0\n  ]\n}");
  EXPECT_EQ(shown("{{ [[], {}]|tojson(indent=1) }}"), "[\n [],\n {}\n]");
  EXPECT_EQ(shown("{{ d|tojson(separators=(',', ':')) }}"), R"({"b":1,"a":"x","items":[0]})");
  EXPECT_EQ(shown("{{ d|tojson(sort_keys=true) }}"), R"({"a": "x", "b": 1, "items": [0]})");
  EXPECT_EQ(shown("{{ \"é🙂\\x7f\"|tojson(ensure_ascii=true) }}"), R"("\u00e9\ud83d\ude42\u007f")");
  EXPECT_EQ(shown("{{ {1: 2, none: 3, true: 4, 1.5: 5}|tojson }}"), R"({"1": 4, "null": 3, "1.5": 5})");
  EXPECT_EQ(shown("{{ html|tojson }}"), R"("<a&'\">")");
  EXPECT_EQ(shown(R"({{ (1, "x")|tojson }})"), R"([1, "x"])");
  EXPECT_EQ(shown("{{ d|tojson(indent='> ') }}"),
            "{\n> \"b\": 1,\n> \"a\": \"x\",\n> \"items\": [\n> > 0\n> ]\n}");
}

TEST(Filter, ChangesCase) {
  EXPECT_EQ(shown("{{ s|upper }}"), "HELLO WORLD");
  EXPECT_EQ(shown("{{ u|lower }}"), "straße 日本");
  EXPECT_EQ(shown("{{ u|capitalize }}"), "Straße 日本");
  EXPECT_EQ(shown("{{ 'foo-bar (baz) o\\'neil ßx'|title }}"), "Foo-Bar (Baz) O'neil SSx");
  EXPECT_EQ(shown("{{ u|upper }}"), "STRASSE 日本");
}

TEST(Filter, TrimsAndPads) {
  EXPECT_EQ(shown("{{ '  x '|trim }}"), "x");
  EXPECT_EQ(shown("{{ 'xax'|trim('x') }}"), "a");
  EXPECT_EQ(shown("{{ 'ab'|center(6) }}"), "  ab  ");
  EXPECT_EQ(shown("{{ 'ab'|center(5) }}"), "  ab ");
}

TEST(Filter, Indents) {
  EXPECT_EQ(shown(R"({{ 'a\n\nb'|indent }})"), "a\n\n    b");
  EXPECT_EQ(shown(R"({{ 'a\n\nb'|indent(2, true) }})"), "  a\n\n  b");
  EXPECT_EQ(shown(R"({{ 'a\n\nb'|indent(1, blank=true) }})"), "a\n \n b");
  EXPECT_EQ(shown(R"({{ 'a\nb'|indent('> ') }})"), "a\n> b");
  EXPECT_EQ(shown(R"({{ 'a\nb\n'|indent(2) }})"), "a\n  b\n");
}

TEST(Filter, ReplacesJoinsAndReverses) {
  EXPECT_EQ(shown("{{ s|replace('l', 'L') }}"), "HeLLo WorLd");
  EXPECT_EQ(shown("{{ s|replace('l', 'L', 1) }}"), "HeLlo World");
  EXPECT_EQ(shown("{{ 'ab'|replace('', '-') }}"), "-a-b-");
  EXPECT_EQ(shown("{{ l|join(', ') }}"), "3, 1, 2");
  EXPECT_EQ(shown("{{ o|join('-', attribute='v') }}"), "B-a-b");
  EXPECT_EQ(shown("{{ [1, none, 'x']|join }}"), "1Nonex");
  EXPECT_EQ(shown("{{ s|reverse }}"), "dlroW olleH");
  EXPECT_EQ(shown("{{ l|reverse|list }}"), "[2, 1, 3]");
}

TEST(Filter, Truncates) {
  EXPECT_EQ(shown("{{ 'foo bar baz qux'|truncate(9) }}"), "foo...");
  EXPECT_EQ(shown("{{ 'foo bar baz qux'|truncate(9, true) }}"), "foo ba...");
  EXPECT_EQ(shown("{{ 'foo bar baz qux'|truncate(11) }}"), "foo bar baz qux");
  EXPECT_EQ(shown("{{ 'foo bar baz qux'|truncate(11, false, '...', 0) }}"), "foo bar...");
}

TEST(Filter, CountsAndSums) {
  EXPECT_EQ(shown("{{ s|length }}"), "11");
  EXPECT_EQ(shown("{{ u|count }}"), "9");
  EXPECT_EQ(shown("{{ l|sum }}"), "6");
  EXPECT_EQ(shown("{{ o|sum('k') }}"), "5");
  EXPECT_EQ(shown("{{ l|sum(start=0.5) }}"), "6.5");
  EXPECT_EQ(shown("{{ 'a b-c_d é'|wordcount }}"), "4");
  EXPECT_EQ(shown("{{ d|length }}"), "3");
}

TEST(Filter, TakesNumbers) {
  EXPECT_EQ(shown("{{ '42'|int }}"), "42");
  EXPECT_EQ(shown("{{ '4.9'|int }}"), "4");
  EXPECT_EQ(shown("{{ 'x'|int }}"), "0");
  EXPECT_EQ(shown("{{ 'x'|int(5) }}"), "5");
  EXPECT_EQ(shown("{{ 'ff'|int(0, 16) }}"), "255");
  EXPECT_EQ(shown("{{ '0x1f'|int(0, 16) }}"), "31");
  EXPECT_EQ(shown("{{ ' 1_0 '|int }}"), "10");
  EXPECT_EQ(shown("{{ 3.9|int }}"), "3");
  EXPECT_EQ(shown("{{ true|int }}"), "1");
  EXPECT_EQ(shown("{{ none|int }}"), "0");
  EXPECT_EQ(shown("{{ '1.5'|float }}"), "1.5");
  EXPECT_EQ(shown("{{ 'x'|float(2) }}"), "2");
  EXPECT_EQ(shown("{{ -3|abs }}"), "3");
  EXPECT_EQ(shown("{{ -2.5|abs }}"), "2.5");
  EXPECT_EQ(shown("{{ 2.5|round }}"), "2.0");
  EXPECT_EQ(shown("{{ 3.5|round }}"), "4.0");
  EXPECT_EQ(shown("{{ 2.675|round(2) }}"), "2.67");
  EXPECT_EQ(shown("{{ 2.1|round(0, 'ceil') }}"), "3.0");
  EXPECT_EQ(shown("{{ 42|round }}"), "42");
  EXPECT_EQ(shown("{{ 2.55|round(1, 'floor') }}"), "2.5");
  EXPECT_EQ(shown("{{ 1234|round(-2) }}"), "1200");
}

TEST(Filter, Selects) {
  EXPECT_EQ(shown("{{ l|select('odd')|list }}"), "[3, 1]");
  EXPECT_EQ(shown("{{ l|reject('gt', 1)|list }}"), "[1]");
  EXPECT_EQ(shown("{{ o|selectattr('k', 'eq', 2)|list }}"), "[{'k': 2, 'v': 'B'}, {'k': 2, 'v': 'b'}]");
  EXPECT_EQ(shown("{{ o|rejectattr('k', 'equalto', 2)|map(attribute='v')|list }}"), "['a']");
  EXPECT_EQ(shown("{{ [0, 1, '']|select|list }}"), "[1]");
  EXPECT_EQ(shown("{{ [1, none]|reject('none')|list }}"), "[1]");
  EXPECT_EQ(shown("{{ l|select('in', [1, 2])|list }}"), "[1, 2]");
}

TEST(Filter, Maps) {
  EXPECT_EQ(shown("{{ w|map('upper')|list }}"), "['B', 'A', 'C']");
  EXPECT_EQ(shown("{{ o|map(attribute='v')|join }}"), "Bab");
  EXPECT_EQ(shown("{{ o|map(attribute='z', default='-')|list }}"), "['-', '-', '-']");
  EXPECT_EQ(shown("{{ w|map('replace', 'b', 'x')|list }}"), "['x', 'A', 'c']");
  EXPECT_EQ(shown("{{ [[1, 2], [3]]|map('first')|list }}"), "[1, 3]");
  EXPECT_EQ(shown("{{ [[1, 2], [3]]|map(attribute='0')|list }}"), "[1, 3]");
}

TEST(Filter, Sorts) {
  EXPECT_EQ(shown("{{ l|sort }}"), "[1, 2, 3]");
  EXPECT_EQ(shown("{{ l|sort(reverse=true) }}"), "[3, 2, 1]");
  EXPECT_EQ(shown("{{ w|sort }}"), "['A', 'b', 'c']");
  EXPECT_EQ(shown("{{ w|sort(case_sensitive=true) }}"), "['A', 'b', 'c']");
  EXPECT_EQ(shown("{{ o|sort(attribute='k') }}"),
            "[{'k': 1, 'v': 'a'}, {'k': 2, 'v': 'B'}, {'k': 2, 'v': 'b'}]");
  EXPECT_EQ(shown("{{ o|sort(attribute='k,v')|map(attribute='v')|list }}"), "['a', 'B', 'b']");
  EXPECT_EQ(shown("{{ d|dictsort }}"), "[('a', 'x'), ('b', 1), ('items', [0])]");
  EXPECT_EQ(shown("{{ {'b': 1, 'A': 2}|dictsort }}"), "[('A', 2), ('b', 1)]");
  EXPECT_EQ(shown("{{ {'b': 1, 'a': 2}|dictsort(by='value') }}"), "[('b', 1), ('a', 2)]");
  EXPECT_EQ(shown("{{ d|dictsort(reverse=true) }}"), "[('items', [0]), ('b', 1), ('a', 'x')]");
}

TEST(Filter, FindsExtremesAndUniques) {
  EXPECT_EQ(shown("{{ l|min }}"), "1");
  EXPECT_EQ(shown("{{ l|max }}"), "3");
  EXPECT_EQ(shown("{{ w|max }}"), "c");
  EXPECT_EQ(shown("{{ o|min(attribute='k') }}"), "{'k': 1, 'v': 'a'}");
  EXPECT_EQ(shown("{{ ['a', 'A', 'b']|unique|list }}"), "['a', 'b']");
  EXPECT_EQ(shown("{{ ['a', 'A']|unique(true)|list }}"), "['a', 'A']");
  EXPECT_EQ(shown("{{ o|unique(attribute='k')|map(attribute='v')|list }}"), "['B', 'a']");
  EXPECT_EQ(shown("{{ []|max }}"), "");
}

TEST(Filter, Groups) {
  EXPECT_EQ(shown("{% for g in o|groupby('k') %}{{ g.grouper }}:{{ g.list|map(attribute='v')|join(',') }};{% "
                  "endfor %}"),
            "1:a;2:B,b;");
  EXPECT_EQ(shown("{% for k, items in o|groupby('v') %}{{ k }}={{ items|length }} {% endfor %}"), "a=1 B=2 ");
  EXPECT_EQ(shown("{{ o|groupby('k') }}"),
            "[(1, [{'k': 1, 'v': 'a'}]), (2, [{'k': 2, 'v': 'B'}, {'k': 2, 'v': 'b'}])]");
}

TEST(Filter, BatchesAndSlices) {
  EXPECT_EQ(shown("{{ [1, 2, 3]|batch(2)|list }}"), "[[1, 2], [3]]");
  EXPECT_EQ(shown("{{ [1, 2, 3]|batch(2, 0)|list }}"), "[[1, 2], [3, 0]]");
  EXPECT_EQ(shown("{{ range(5)|slice(3)|list }}"), "[[0, 1], [2, 3], [4]]");
  EXPECT_EQ(shown("{{ range(4)|slice(3, 'x')|list }}"), "[[0, 1], [2, 'x'], [3, 'x']]");
}

TEST(Filter, TakesItemsAndEnds) {
  EXPECT_EQ(shown("{{ d|items|list }}"), "[('b', 1), ('a', 'x'), ('items', [0])]");
  EXPECT_EQ(shown("{{ missing|items|list }}"), "[]");
  EXPECT_EQ(shown("{{ l|first }}"), "3");
  EXPECT_EQ(shown("{{ l|last }}"), "2");
  EXPECT_EQ(shown("{{ s|first }}"), "H");
  EXPECT_EQ(shown("{{ []|first }}"), "");
  EXPECT_EQ(shown("{{ d|first }}"), "b");
  EXPECT_EQ(shown("{{ s|list }}"), "['H', 'e', 'l', 'l', 'o', ' ', 'W', 'o', 'r', 'l', 'd']");
  EXPECT_EQ(shown("{{ d|list }}"), "['b', 'a', 'items']");
}

TEST(Filter, Defaults) {
  EXPECT_EQ(shown("{{ missing|default('x') }}"), "x");
  EXPECT_EQ(shown("{{ e|default('x') }}"), "");
  EXPECT_EQ(shown("{{ e|default('x', true) }}"), "x");
  EXPECT_EQ(shown("{{ nil|d(1) }}"), "None");
  EXPECT_EQ(shown("{{ missing.x|default(1) if false else 2 }}"), "2");
}

TEST(Filter, Escapes) {
  EXPECT_EQ(shown("{{ html|e }}"), "&lt;a&amp;&#39;&#34;&gt;");
  EXPECT_EQ(shown("{{ html|escape }}"), "&lt;a&amp;&#39;&#34;&gt;");
  EXPECT_EQ(shown("{{ html|e|e }}"), "&lt;a&amp;&#39;&#34;&gt;");
  EXPECT_EQ(shown("{{ html|e|forceescape }}"), "&amp;lt;a&amp;amp;&amp;#39;&amp;#34;&amp;gt;");
  EXPECT_EQ(shown("{{ html|safe }}"), R"(<a&'">)");
  EXPECT_EQ(shown("{{ 'a b/é?'|urlencode }}"), "a%20b/%C3%A9%3F");
  EXPECT_EQ(shown("{{ {'a b': 'c/d', 'e': 1}|urlencode }}"), "a+b=c%2Fd&e=1");
  EXPECT_EQ(shown("{{ {'class': 'a<b', 'x': none}|xmlattr }}"), R"( class="a&lt;b")");
}

TEST(Filter, Formats) {
  EXPECT_EQ(shown("{{ '%s, %d!'|format('a', 3) }}"), "a, 3!");
  EXPECT_EQ(shown("{{ '%(x)s'|format(x=1) }}"), "1");
}

TEST(Filter, IteratesOnce) {
  EXPECT_EQ(
      shown(
          R"({% set g = l|select("gt", 1) %}{{ g|list }}{{ g|list }}{{ "yes" if [].x|default([])|select else "no" }})"),
      "[3, 2][]yes");
}

}  // namespace
}  // namespace aurora::chat
