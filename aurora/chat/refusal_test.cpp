// What is refused, and what is bounded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/chat/template_test.h"

namespace aurora::chat {
namespace {

using ::testing::HasSubstr;

TEST(Refusal, NamesWhatIsNotInTheSubsetWithItsPlace) {
  EXPECT_EQ(refusal("a\n{% include 'x' %}"),
            "the statement 'include' is not in the subset of Jinja that is known here | chat template:2:4");
  EXPECT_EQ(refusal("é {{ x|random }}"),
            "the filter 'random' is not in the subset of Jinja that is known here | chat template:1:8");
  for (const char* statement : {"import 'x' as y", "from 'x' import y", "extends 'x'", "block x",
                                "autoescape true", "do x", "trans"}) {
    EXPECT_THAT(refusal(std::string("{% ") + statement + " %}"), HasSubstr("is not in the subset"));
  }
  EXPECT_THAT(refusal("{{ 'a'.encode() }}"), HasSubstr("'encode' of a str is not in the subset"));
  EXPECT_THAT(refusal("{{ self.x() }}"), HasSubstr("belongs to blocks"));
  EXPECT_THAT(refusal("{{ lipsum() }}"), HasSubstr("'lipsum' is not in the subset"));
}

TEST(Refusal, NamesWhatIsWrongInTheSource) {
  EXPECT_EQ(refusal("{% if x %}"), "the template ends before 'endif' | chat template:1:11");
  EXPECT_EQ(refusal("{{ x"), "expected '}}', got the end of the template | chat template:1:5");
  EXPECT_EQ(refusal("{{ x y }}"), "expected '}}', got 'y' | chat template:1:6");
  EXPECT_EQ(refusal("{{ (1 ] }}"), "unexpected ']', expected ')' | chat template:1:7");
  EXPECT_EQ(refusal("{# x"), "a comment is not closed | chat template:1:5");
  EXPECT_EQ(refusal("{% foo %}"), "unknown statement 'foo' | chat template:1:4");
  EXPECT_EQ(refusal("{{ x|foo }}"), "there is no filter named 'foo' | chat template:1:6");
  EXPECT_EQ(refusal("{% break %}"), "break or continue outside a loop | chat template:1:4");
  EXPECT_EQ(refusal("{% for loop in x %}{% endfor %}"),
            "'loop' cannot be assigned to in a loop | chat template:1:8");
  EXPECT_EQ(refusal("{{ 99999999999999999999 }}"), "the integer does not fit 64 bits | chat template:1:4");
  EXPECT_THAT(refusal("\xff"), HasSubstr("not valid UTF-8"));
}

TEST(Refusal, LeavesUnknownFiltersAloneInBranchesThatAreNotTaken) {
  EXPECT_EQ(rendered("{% if false %}{{ 1|foo }}{% endif %}{{ 1|foo if false else 2 }}"), "2");
  EXPECT_EQ(refusal("{% if true %}{{ 1|foo }}{% endif %}"),
            "there is no filter named 'foo' | chat template:1:19");
}

TEST(Refusal, TellsTheTemplatesOwnException) {
  EXPECT_EQ(refusal("a\n  {{ raise_exception('Roles must alternate: ' ~ x) }}", R"({"x": 1})"),
            "Roles must alternate: 1 | chat template:2:21");
}

TEST(Refusal, NamesAnUndefinedValueThatIsUsed) {
  EXPECT_EQ(refusal("{{ x.y }}"), "'x' is undefined | chat template:1:5");
  EXPECT_EQ(refusal("{{ x.y.z }}", R"({"x": {}})"), "'dict object' has no attribute 'y' | chat template:1:7");
  EXPECT_EQ(refusal("{{ x[3].z }}", R"({"x": []})"), "list object has no element 3 | chat template:1:8");
  EXPECT_EQ(refusal("{{ x + 1 }}"), "'x' is undefined | chat template:1:6");
  EXPECT_EQ(refusal("{{ f() }}"), "'f' is undefined | chat template:1:5");
}

TEST(Refusal, KeepsListsAndMappingsAsTheyAre) {
  EXPECT_EQ(refusal("{{ x.append(1) }}", R"({"x": []})"),
            "access to attribute 'append' of 'list' object is unsafe. | chat template:1:12");
  EXPECT_EQ(refusal("{{ x.update({}) }}", R"({"x": {}})"),
            "access to attribute 'update' of 'dict' object is unsafe. | chat template:1:12");
  EXPECT_EQ(refusal("{% set x.a = 1 %}", R"({"x": {}})"),
            "cannot assign attribute on non-namespace object | chat template:1:4");
  EXPECT_EQ(rendered("{{ x.__class__ is defined }}{{ x.__class__ }}", R"({"x": {}})"), "False");
  EXPECT_THAT(refusal("{{ namespace(_x=1) }}"), HasSubstr("underscore-prefixed"));
}

TEST(Refusal, DoesNotPrintAddresses) {
  EXPECT_THAT(refusal("{{ [1]|map('string') }}"), HasSubstr("Python would print its address"));
  EXPECT_THAT(refusal("{{ range }}"), HasSubstr("Python would print its address"));
}

TEST(Refusal, WantsAnObjectForContext) {
  EXPECT_THROW(rendered("x", "[]"), Error);
  EXPECT_THROW(rendered("x", "{"), Error);
  EXPECT_THROW(rendered("x", R"({"a": 99999999999999999999})"), Error);
  EXPECT_THROW(rendered("x", "{\"a\": " + std::string(500, '[') + std::string(500, ']') + "}"), Error);
}

TEST(Limits, StopLongRenderings) {
  const char* loop = "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}";
  EXPECT_THAT(refusal(loop, "{}", {.steps = 10'000}), HasSubstr("it takes more than 10000 steps"));
  EXPECT_THAT(refusal("{{ 'a' * 1000000000000 }}"), HasSubstr("it makes more than 67108864 bytes"));
  EXPECT_THAT(refusal("{{ [0] * 1000000000000 }}"), HasSubstr("was stopped"));
  EXPECT_THAT(refusal("{{ 'a'|center(1000000000000) }}"), HasSubstr("was stopped"));
  EXPECT_THAT(refusal("{{ '%1000000000d' % 1 }}"), HasSubstr("was stopped"));
  EXPECT_THAT(refusal("{% for i in range(9) %}{{ 'a' * 100 }}{% endfor %}", "{}", {.output_bytes = 500}),
              HasSubstr("500 bytes"));
  EXPECT_THAT(refusal("{{ range(1000000) }}"), HasSubstr("range too big"));
}

TEST(Limits, StopWhatDoublesItself) {
  const char* text =
      "{% set ns = namespace(x='a') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}";
  EXPECT_THAT(refusal(text), HasSubstr("was stopped"));
  // 100 levels of lists that share their halves: small, but endless to print or to compare.
  const std::string lists =
      "{% set ns = namespace(x=[], y=[]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}"
      "{% set ns.y = [ns.y, ns.y] %}{% endfor %}";
  EXPECT_THAT(refusal(lists + "{{ ns.x }}"), HasSubstr("was stopped"));
  EXPECT_THAT(refusal(lists + "{{ ns.x == ns.y }}"), HasSubstr("was stopped"));
  EXPECT_THAT(refusal(lists + "{{ ns.x|tojson }}"), HasSubstr("was stopped"));
}

TEST(Limits, StopDeepNesting) {
  EXPECT_THAT(refusal("{{ " + std::string(5000, '(') + "1" + std::string(5000, ')') + " }}"),
              HasSubstr("nests deeper"));
  EXPECT_THAT(refusal("{{ " + std::string(5000, '-') + "1 }}"), HasSubstr("nests deeper"));
  std::string nested, filters = "{{ 1", sum = "{{ 0";
  for (int i = 0; i < 5000; ++i) {
    nested += "{% if true %}";
    filters += "|abs";
    sum += " + 1";
  }
  EXPECT_THAT(refusal(nested), HasSubstr("nests deeper"));
  EXPECT_THAT(refusal(filters + " }}"), HasSubstr("nests deeper"));
  EXPECT_EQ(rendered(sum + " }}"), "5000");
  EXPECT_THAT(refusal("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
              HasSubstr("it nests deeper than 200 calls"));
  EXPECT_THAT(
      refusal("{% set ns = namespace(x=[]) %}{% for i in range(9999) %}{% set ns.x = [ns.x] %}{% endfor %}"),
      HasSubstr("nest deeper than 200 levels"));
}

TEST(Limits, KeepTheStackShallowEvenWhereEveryCallNests) {
  std::string tags, ends;
  for (int i = 0; i < 30; ++i) {
    tags += "{% for i in [1] recursive %}{% filter trim %}{% if i %}";
    ends += "{% endif %}{% endfilter %}{% endfor %}";
  }
  const std::string lists = "{{ " + std::string(25, '[') + "m()" + std::string(25, ']') + " }}";
  EXPECT_THAT(refusal("{% macro m() %}" + tags + lists + ends + "{% endmacro %}{{ m() }}"),
              HasSubstr("nests deeper than 200 calls"));
}

TEST(Limits, FreeWhatHoldsItself) {
  EXPECT_EQ(
      rendered("{% set ns = namespace() %}{% set ns.me = ns %}{% macro m() %}{% endmacro %}{% set ns.m = m %}"
               "{% for i in range(50000) %}{% set ns.x = namespace(x=ns.x) %}{% endfor %}ok"),
      "ok");
  EXPECT_EQ(rendered("{% set ns = namespace(g=[1]) %}{% for i in range(50) %}{% set ns.g = "
                     "ns.g|map('string') %}{% endfor %}{{ ns.g|list }}"),
            "['1']");
  EXPECT_THAT(refusal("{% set ns = namespace(g=[1]) %}{% for i in range(50000) %}{% set ns.g = "
                      "ns.g|map('string') %}{% endfor %}{{ ns.g|list }}"),
              HasSubstr("nests deeper"));
}

}  // namespace
}  // namespace aurora::chat
