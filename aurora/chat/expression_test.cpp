// Expressions. What is expected was rendered with transformers 5 and Jinja 3.1.6.
#include <gtest/gtest.h>

#include "aurora/chat/template_test.h"

namespace aurora::chat {
namespace {

constexpr const char* kContext =
    R"({"s": "Hello World", "u": "Straße 日本", "e": "", "n": 7, "f": 2.5, "l": [3, 1, 2], "w": ["b", "A", "c"], "d": {"b": 1, "a": "x", "items": [0]}, "o": [{"k": 2, "v": "B"}, {"k": 1, "v": "a"}, {"k": 2, "v": "b"}], "html": "<a&'\">", "nil": null, "yes": true})";

std::string shown(const std::string& source) {
  return rendered(source, kContext);
}

TEST(Expression, KeepsPythonsArithmetic) {
  EXPECT_EQ(shown("{{ 7 / 2 }}"), "3.5");
  EXPECT_EQ(shown("{{ 7 // 2 }}"), "3");
  EXPECT_EQ(shown("{{ -7 // 2 }}"), "-4");
  EXPECT_EQ(shown("{{ -7 % 3 }}"), "2");
  EXPECT_EQ(shown("{{ 7.5 // -2 }}"), "-4.0");
  EXPECT_EQ(shown("{{ 2 ** 10 }}"), "1024");
  EXPECT_EQ(shown("{{ 2 ** -1 }}"), "0.5");
  EXPECT_EQ(shown("{{ 2 ** 3 ** 2 }}"), "64");
  EXPECT_EQ(shown("{{ 1 + 2 * 3 - 4 }}"), "3");
  EXPECT_EQ(shown("{{ 0.1 + 0.2 }}"), "0.30000000000000004");
  EXPECT_EQ(shown("{{ 1e16 }}"), "1e+16");
  EXPECT_EQ(shown("{{ 1e15 }}"), "1000000000000000.0");
  EXPECT_EQ(shown("{{ 1e-5 }}"), "1e-05");
  EXPECT_EQ(shown("{{ -0.0 }}"), "-0.0");
  EXPECT_EQ(shown("{{ true + 1 }}"), "2");
  EXPECT_EQ(shown("{{ 3 * 1.0 }}"), "3.0");
  EXPECT_EQ(shown("{{ 10 % 3.5 }}"), "3.0");
}

TEST(Expression, ComparesAsPythonDoes) {
  EXPECT_EQ(shown("{{ 1 < 2 < 3 }}"), "True");
  EXPECT_EQ(shown("{{ 1 < 3 < 2 }}"), "False");
  EXPECT_EQ(shown("{{ 'a' < 'b' }}"), "True");
  EXPECT_EQ(shown("{{ 1 == 1.0 == true }}"), "True");
  EXPECT_EQ(shown("{{ [1, 2] < [1, 3] }}"), "True");
  EXPECT_EQ(shown("{{ 1 == '1' }}"), "False");
  EXPECT_EQ(shown("{{ none == missing }}"), "False");
  EXPECT_EQ(shown("{{ missing == other }}"), "True");
  EXPECT_EQ(shown("{{ (1, 2) == [1, 2] }}"), "False");
  EXPECT_EQ(shown("{{ {'a': 1} == {'a': 1.0} }}"), "True");
  EXPECT_EQ(shown("{{ 1 != 2 }}"), "True");
}

TEST(Expression, FindsMembers) {
  EXPECT_EQ(shown("{{ 'lo' in s }}"), "True");
  EXPECT_EQ(shown("{{ 'x' not in s }}"), "True");
  EXPECT_EQ(shown("{{ 1 in l }}"), "True");
  EXPECT_EQ(shown("{{ 'a' in d }}"), "True");
  EXPECT_EQ(shown("{{ 1 in d.values() }}"), "True");
  EXPECT_EQ(shown("{{ 3 in range(4) }}"), "True");
  EXPECT_EQ(shown("{{ 1 in missing }}"), "False");
  EXPECT_EQ(shown("{{ not 1 in l }}"), "False");
}

TEST(Expression, AndOrGiveOperands) {
  EXPECT_EQ(shown("{{ e or 'x' }}"), "x");
  EXPECT_EQ(shown("{{ s and n }}"), "7");
  EXPECT_EQ(shown("{{ 0 or none }}"), "None");
  EXPECT_EQ(shown("{{ yes and e or n }}"), "7");
  EXPECT_EQ(shown("{{ not e }}"), "True");
  EXPECT_EQ(shown("{{ not not s }}"), "True");
}

TEST(Expression, JoinsWithTilde) {
  EXPECT_EQ(shown("{{ 1 ~ none ~ true ~ 1.5 ~ [1] ~ missing ~ 'x' }}"), "1NoneTrue1.5[1]x");
  EXPECT_EQ(shown("{{ 'a' ~ 1 * 2 }}"), "a2");
  EXPECT_EQ(shown("{{ ('<' | e) ~ '<' }}"), "&lt;<");
}

TEST(Expression, ConcatenatesAndRepeats) {
  EXPECT_EQ(shown("{{ 'a' + 'b' }}"), "ab");
  EXPECT_EQ(shown("{{ 'ab' * 2 }}"), "abab");
  EXPECT_EQ(shown("{{ 2 * [1] }}"), "[1, 1]");
  EXPECT_EQ(shown("{{ [1] + [2] }}"), "[1, 2]");
  EXPECT_EQ(shown("{{ (1,) + (2,) }}"), "(1, 2)");
  EXPECT_EQ(shown("{{ '-' * -1 }}"), "");
}

TEST(Expression, IndexesByCodePoint) {
  EXPECT_EQ(shown("{{ u[4] }}"), "ß");
  EXPECT_EQ(shown("{{ u[-1] }}"), "本");
  EXPECT_EQ(shown("{{ u[7:] }}"), "日本");
  EXPECT_EQ(shown("{{ u[::-1] }}"), "本日 eßartS");
  EXPECT_EQ(shown("{{ u[1:6:2] }}"), "tae");
  EXPECT_EQ(shown("{{ u[100] }}"), "");
  EXPECT_EQ(shown("{{ l[-1] }}"), "2");
  EXPECT_EQ(shown("{{ l[5] }}"), "");
  EXPECT_EQ(shown("{{ l[::2] }}"), "[3, 2]");
  EXPECT_EQ(shown("{{ l[::-1] }}"), "[2, 1, 3]");
  EXPECT_EQ(shown("{{ (1, 2, 3)[1:] }}"), "(2, 3)");
  EXPECT_EQ(shown("{{ range(10)[2:8:3]|list }}"), "[2, 5]");
  EXPECT_EQ(shown("{{ s[:5] }}"), "Hello");
  EXPECT_EQ(shown("{{ s[-5:] }}"), "World");
}

TEST(Expression, LooksUpAttributesBeforeItems) {
  EXPECT_EQ(
      shown(
          R"({{ d.a }} {{ d["items"] }} {{ d.items()|list }} {{ d.missing is defined }} {{ d.get("q", 5) }})"),
      "x [0] [('b', 1), ('a', 'x'), ('items', [0])] False 5");
  EXPECT_EQ(shown("{{ nil.x is defined }}{{ n.x }}{{ s.x }}"), "False");
}

TEST(Expression, PrintsAsPythonDoes) {
  EXPECT_EQ(shown("{{ none }}"), "None");
  EXPECT_EQ(shown("{{ true }}"), "True");
  EXPECT_EQ(shown(R"({{ [1, 2.0, "a'b", none, (1,), {"k": [true]}] }})"),
            R"([1, 2.0, "a'b", None, (1,), {'k': [True]}])");
  EXPECT_EQ(shown(R"({{ "a" }})"), "a");
  EXPECT_EQ(shown("{{ 1e22 }}"), "1e+22");
  EXPECT_EQ(shown("{{ 1.0 }}"), "1.0");
  EXPECT_EQ(shown("{{ 100000.0 }}"), "100000.0");
  EXPECT_EQ(shown("{{ {\"é\": \"\\u200b\\n\\t\\\\\"} }}"), "{'é': '\\u200b\\n\\t\\\\'}");
  EXPECT_EQ(shown(R"({{ ['it\'s', 'say "x"'] }})"), R"(["it's", 'say "x"'])");
  EXPECT_EQ(shown("{{ () }}"), "()");
  EXPECT_EQ(shown("{{ range(3) }}"), "range(0, 3)");
  EXPECT_EQ(shown("{{ d }}"), "{'b': 1, 'a': 'x', 'items': [0]}");
  EXPECT_EQ(shown("{{ d.keys() }}"), "dict_keys(['b', 'a', 'items'])");
  EXPECT_EQ(shown("{{ d.values() }}"), "dict_values([1, 'x', [0]])");
  EXPECT_EQ(shown("{{ d.items() }}"), "dict_items([('b', 1), ('a', 'x'), ('items', [0])])");
}

TEST(Expression, ReadsLiterals) {
  EXPECT_EQ(shown(R"({{ 'a\n\x41\u00e9\101\q' }})"), "a\nAéA\\q");
  EXPECT_EQ(shown(R"({{ "it's" }})"), "it's");
  EXPECT_EQ(shown("{{ 'a' 'b' }}"), "ab");
  EXPECT_EQ(shown("{{ 1_000 }}"), "1000");
  EXPECT_EQ(shown("{{ 0xff }}"), "255");
  EXPECT_EQ(shown("{{ 0b11 }}"), "3");
  EXPECT_EQ(shown("{{ 0o17 }}"), "15");
  EXPECT_EQ(shown("{{ 1_0.5e1 }}"), "105.0");
  EXPECT_EQ(shown(R"({{ '\\' }})"), R"(\)");
  EXPECT_EQ(shown("{{ [1, 2,] }}"), "[1, 2]");
  EXPECT_EQ(shown("{{ {} }}"), "{}");
  EXPECT_EQ(shown("{{ (1,) }}"), "(1,)");
  EXPECT_EQ(shown("{{ {1: 2}[1] }}"), "2");
}

TEST(Expression, ChoosesInline) {
  EXPECT_EQ(shown("{{ 'a' if yes else 'b' }}"), "a");
  EXPECT_EQ(shown("{{ 'a' if e }}"), "");
  EXPECT_EQ(shown("{{ 'a' if e else 'b' if e else 'c' }}"), "c");
  EXPECT_EQ(shown("{{ ('x' if e) is defined }}"), "False");
}

TEST(Expression, TestsValues) {
  EXPECT_EQ(shown("{{ n is odd }}"), "True");
  EXPECT_EQ(shown("{{ n is even }}"), "False");
  EXPECT_EQ(shown("{{ n is divisibleby 7 }}"), "True");
  EXPECT_EQ(shown("{{ n is divisibleby(2) }}"), "False");
  EXPECT_EQ(shown("{{ missing is defined }}"), "False");
  EXPECT_EQ(shown("{{ missing is undefined }}"), "True");
  EXPECT_EQ(shown("{{ nil is none }}"), "True");
  EXPECT_EQ(shown("{{ s is string }}"), "True");
  EXPECT_EQ(shown("{{ n is number }}"), "True");
  EXPECT_EQ(shown("{{ true is number }}"), "True");
  EXPECT_EQ(shown("{{ n is integer }}"), "True");
  EXPECT_EQ(shown("{{ true is integer }}"), "False");
  EXPECT_EQ(shown("{{ f is float }}"), "True");
  EXPECT_EQ(shown("{{ d is mapping }}"), "True");
  EXPECT_EQ(shown("{{ s is sequence }}"), "True");
  EXPECT_EQ(shown("{{ d is sequence }}"), "True");
  EXPECT_EQ(shown("{{ n is iterable }}"), "False");
  EXPECT_EQ(shown("{{ l is iterable }}"), "True");
  EXPECT_EQ(shown("{{ yes is true }}"), "True");
  EXPECT_EQ(shown("{{ yes is boolean }}"), "True");
  EXPECT_EQ(shown("{{ s is lower }}"), "False");
  EXPECT_EQ(shown(R"({{ "AB" is upper }})"), "True");
  EXPECT_EQ(shown("{{ n is eq 7 }}"), "True");
  EXPECT_EQ(shown("{{ n is gt(3) }}"), "True");
  EXPECT_EQ(shown("{{ n is not ne 7 }}"), "True");
  EXPECT_EQ(shown("{{ n is in [7] }}"), "True");
  EXPECT_EQ(shown("{{ range is callable }}"), "True");
  EXPECT_EQ(shown("{{ nil is sameas none }}"), "True");
  EXPECT_EQ(shown("{{ (s|e) is escaped }}"), "True");
  EXPECT_EQ(shown("{{ 'upper' is filter }}"), "True");
  EXPECT_EQ(shown("{{ 'odd' is test }}"), "True");
}

TEST(Expression, CallsTextMethods) {
  EXPECT_EQ(shown("{{ '  a b '.strip() }}"), "a b");
  EXPECT_EQ(shown("{{ 'xxaxx'.strip('x') }}"), "a");
  EXPECT_EQ(shown("{{ 'xxa'.lstrip('x') }}"), "a");
  EXPECT_EQ(shown("{{ 'a,b,c'.split(',') }}"), "['a', 'b', 'c']");
  EXPECT_EQ(shown("{{ 'a,b,c'.split(',', 1) }}"), "['a', 'b,c']");
  EXPECT_EQ(shown("{{ ' a  b '.split() }}"), "['a', 'b']");
  EXPECT_EQ(shown("{{ ' a b c '.split(none, 1) }}"), "['a', 'b c ']");
  EXPECT_EQ(shown("{{ 'a b c'.rsplit(' ', 1) }}"), "['a b', 'c']");
  EXPECT_EQ(shown(R"({{ 'a\nb\r\n'.splitlines() }})"), "['a', 'b']");
  EXPECT_EQ(shown("{{ s.startswith('He') }}"), "True");
  EXPECT_EQ(shown("{{ s.endswith(('x', 'ld')) }}"), "True");
  EXPECT_EQ(shown("{{ s.replace('l', 'L', 2) }}"), "HeLLo World");
  EXPECT_EQ(shown("{{ u.upper() }}"), "STRASSE 日本");
  EXPECT_EQ(shown("{{ 'ΑΣ'.lower() }}"), "ας");
  EXPECT_EQ(shown(R"({{ 'they\'re bill'.title() }})"), "They'Re Bill");
  EXPECT_EQ(shown("{{ 'éA'.capitalize() }}"), "Éa");
  EXPECT_EQ(shown("{{ s.find('o') }}"), "4");
  EXPECT_EQ(shown("{{ s.find('zz') }}"), "-1");
  EXPECT_EQ(shown("{{ s.rfind('o') }}"), "7");
  EXPECT_EQ(shown("{{ u.index('本') }}"), "8");
  EXPECT_EQ(shown("{{ s.count('l') }}"), "3");
  EXPECT_EQ(shown("{{ ', '.join(w) }}"), "b, A, c");
  EXPECT_EQ(shown("{{ '{} {}'.format(1, 'x') }}"), "1 x");
  EXPECT_EQ(shown("{{ '{0}-{a[k]}-{a.k!r:>5}'.format(1, a={'k': 'v'}) }}"), "1-v-  'v'");
  EXPECT_EQ(shown("{{ '{:>6.2f}|{:05d}|{:,}'.format(1.234, 42, 1234567) }}"), "  1.23|00042|1,234,567");
  EXPECT_EQ(shown("{{ '%s and %r, %05.1f%%' % ('a', 'b', 2.25) }}"), "a and 'b', 002.2%");
  EXPECT_EQ(shown("{{ '%(a)s' % {'a': 1} }}"), "1");
  EXPECT_EQ(shown("{{ '12'.isdigit() }}"), "True");
  EXPECT_EQ(shown("{{ '²'.isdigit() }}"), "True");
  EXPECT_EQ(shown("{{ 'ab1'.isalnum() }}"), "True");
  EXPECT_EQ(shown("{{ ''.isalpha() }}"), "False");
  EXPECT_EQ(shown("{{ '42'.zfill(5) }}"), "00042");
  EXPECT_EQ(shown("{{ 'a'.center(4, '*') }}"), "*a**");
  EXPECT_EQ(shown("{{ 'a=b'.partition('=') }}"), "('a', '=', 'b')");
  EXPECT_EQ(shown("{{ 'a.b.c'.rpartition('.') }}"), "('a.b', '.', 'c')");
  EXPECT_EQ(shown("{{ 'pre-x'.removeprefix('pre-') }}"), "x");
}

TEST(Expression, CallsContainerMethods) {
  EXPECT_EQ(shown("{{ d.get('a') }}"), "x");
  EXPECT_EQ(shown("{{ d.get('q') }}"), "None");
  EXPECT_EQ(shown("{{ d.keys()|list }}"), "['b', 'a', 'items']");
  EXPECT_EQ(shown("{{ d.values()|list }}"), "[1, 'x', [0]]");
  EXPECT_EQ(shown("{{ l.index(2) }}"), "2");
  EXPECT_EQ(shown("{{ l.count(3) }}"), "1");
  EXPECT_EQ(shown("{{ (1, 1).count(1) }}"), "2");
  EXPECT_EQ(shown("{{ d.copy() == d }}"), "True");
}

TEST(Expression, GivesGlobalFunctions) {
  EXPECT_EQ(shown("{{ range(3)|list }}"), "[0, 1, 2]");
  EXPECT_EQ(shown("{{ range(5, 0, -2)|list }}"), "[5, 3, 1]");
  EXPECT_EQ(shown("{{ dict(a=1, **{'b': 2}) }}"), "{'a': 1, 'b': 2}");
  EXPECT_EQ(shown("{{ dict([('a', 1)]) }}"), "{'a': 1}");
  EXPECT_EQ(shown("{{ namespace(a=1).a }}"), "1");
  EXPECT_EQ(shown("{{ strftime_now('%d %B %Y, %H:%M:%S %j %%') }}"), "14 November 2023, 22:13:20 318 %");
  EXPECT_EQ(shown("{{ strftime_now('') }}"), "");
  EXPECT_EQ(
      shown(
          R"({% set c = cycler("a", "b") %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }}{% set j = joiner("|") %}{{ j() }}x{{ j() }}y)"),
      "ababx|y");
}

TEST(Expression, EscapesWhatIsAddedToMarkup) {
  EXPECT_EQ(shown("{{ ('<b>'|safe) + '<i>' }}"), "<b>&lt;i&gt;");
  EXPECT_EQ(shown("{{ '<i>' + ('<b>'|safe) }}"), "&lt;i&gt;<b>");
  EXPECT_EQ(shown("{{ ('<b>'|safe) * 2 + '&' }}"), "<b><b>&amp;");
  EXPECT_EQ(shown("{{ ('<b>'|safe)|upper + '<' }}"), "<B>&lt;");
  EXPECT_EQ(shown("{{ ['<'|e] }}"), "[Markup('&lt;')]");
  EXPECT_EQ(shown("{{ ('%s'|safe) % '<' }}"), "&lt;");
  EXPECT_EQ(shown("{{ ('<b>'|safe).join(['<', 'x']) }}"), "&lt;<b>x");
  EXPECT_EQ(shown("{{ ('<b>'|safe)|replace('b', '<') }}"), "<<>");
  EXPECT_EQ(shown("{{ html|tojson|safe }}"), R"("<a&'\">")");
}

TEST(Expression, ErrsOnlyWhereUndefinedIsUsed) {
  EXPECT_EQ(shown("{{ missing }}"), "");
  EXPECT_EQ(shown("{{ missing|default(1) }}"), "1");
  EXPECT_EQ(shown("{{ missing|length }}"), "0");
  EXPECT_EQ(shown("{{ missing|list }}"), "[]");
  EXPECT_EQ(shown("{{ missing|upper }}"), "");
  EXPECT_EQ(shown("{{ missing|join }}"), "");
  EXPECT_EQ(shown("{{ missing|first }}"), "");
  EXPECT_EQ(shown("{{ missing is defined }}"), "False");
  EXPECT_EQ(shown("{{ missing == 1 }}"), "False");
}

}  // namespace
}  // namespace aurora::chat
