#include <gtest/gtest.h>

#include "aurora/corpus/extract_html_tree.h"
#include "aurora/corpus/read_test_sink.h"

namespace aurora::corpus {
namespace {

std::string repeated(std::string_view piece, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += piece;
  return all;
}

TEST(Html, HeadingsAndParagraphsAreBlocks) {
  EXPECT_EQ(html("<h1>Title</h1><p>One\n two <b>thr</b>ee.</p><p>Four<br>five</p>"),
            "Title\n\nOne two three.\n\nFour\nfive");
}

TEST(Html, TitleAndLanguageAreKept) {
  const Outcome outcome = read_bytes("a.html", "<html lang='de-AT'><title> A\nB </title><p>x</p>");
  ASSERT_EQ(outcome.documents.size(), 1u);
  EXPECT_EQ(outcome.documents[0].title, "A B");
  EXPECT_EQ(outcome.documents[0].language_hint, "de");
}

TEST(Html, FurnitureIsDropped) {
  EXPECT_EQ(html("<body><nav>menu</nav><div role=navigation>x</div><div class='sphinxsidebar "
                 "big'>y</div><header role=banner>b</header>"
                 "<div id=searchbox>s</div><script>var a;</script><style>p{}</style><form><input "
                 "value=q><button>go</button></form>"
                 "<p>Text<a class=headerlink href=#>¶</a></p><div hidden>h</div><p "
                 "style='display:none'>n</p><footer>foot</footer>"),
            "Text");
}

TEST(Html, TheMainElementIsTheText) {
  EXPECT_EQ(html("<div>Before it some words</div><main><p>" + repeated("The body of the page. ", 5) +
                 "</p></main><div>After</div>"),
            "The body of the page. The body of the page. The body of the page. The body of the page. The "
            "body of the page.");
}

TEST(Html, APageWhoseAuthorCallsEverythingHeaderIsKept) {
  const std::string text = repeated("All of the words of this page. ", 20);
  EXPECT_EQ(html("<div class=header><p>" + text + "</p></div>"), text.substr(0, text.size() - 1));
}

TEST(Html, ListsNestAndNumber) {
  EXPECT_EQ(
      html("<p>A:</p><ul><li>one</li><li><p>two</p><ol start=4><li>four<li>five</ol></li></ul><p>B</p>"),
      "A:\n\n- one\n- two\n  4. four\n  5. five\n\nB");
}

TEST(Html, ListsOfLinksAreNavigation) {
  EXPECT_EQ(html("<ul>" + repeated("<li><a href=x>Some page</a></li>", 6) + "</ul><p>Text</p>"), "Text");
  EXPECT_EQ(html("<ul>" + repeated("<li><a href=x>f</a> does a thing to it</li>", 5) + "</ul>"),
            "- f does a thing to it\n- f does a thing to it\n- f does a thing to it\n- f does a thing to "
            "it\n- f does a thing to it");
}

TEST(Html, DefinitionsIndentTheirBody) {
  EXPECT_EQ(html("<dl><dt>a<dd><p>First.</p><p>More.</p><dt>b<dd>Second.</dl>"),
            "a\n  First.\n\n  More.\n\nb\n  Second.");
}

TEST(Html, CodeIsFencedAndKeepsItsLines) {
  EXPECT_EQ(html("<p>x</p><div class='highlight-python3'><pre>\nif a &lt; b:\n    "
                 "<span>f</span>()\n\n</pre></div><p>y</p>"),
            "x\n\n```python\nif a < b:\n    f()\n```\n\ny");
  EXPECT_EQ(html("<pre>a ``` b</pre>"), "````\na ``` b\n````");
}

TEST(Html, TablesBecomeRowsAndLayoutTablesBlocks) {
  EXPECT_EQ(
      html("<table><caption>Cap</caption><tr><th>a<th>b<tr><td>1<td><p>2</p><p>3</p><tr><td><td>4</table>"),
      "Cap\n\na | b\n1 | 2 3\n| 4");
  EXPECT_EQ(html("<table><tr><td><pre>code</pre></td><td><p>text</p></td></tr></table>"),
            "```\ncode\n```\n\ntext");
}

TEST(Html, FormulasKeepTheirLatex) {
  EXPECT_EQ(html("<p>So <math alttext='x^2'><mi>x</mi></math> and <math><semantics><mi>y</mi><annotation "
                 "encoding='application/x-tex'>"
                 "\\frac{1}{2}</annotation></semantics></math> and <span class=math>\\(z\\)</span> and "
                 "<script type='math/tex'>w_1</script> and <img class=math alt='a+b'><img alt=photo>.</p>"),
            "So $x^2$ and $\\frac{1}{2}$ and \\(z\\) and $w_1$ and $a+b$.");
}

TEST(Html, MathMLWithoutLatexIsWrittenOut) {
  EXPECT_EQ(html("<p><math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><msup><mi>c</mi><mn>2</mn></"
                 "msup></mfrac><mo>=</mo>"
                 "<msqrt><mn>2</mn></msqrt></math></p>"),
            "(a + b)/(c^2) = √(2)");
}

TEST(Html, ScriptsAboveAndBelowAreMarked) {
  EXPECT_EQ(
      html("<p>x<sup>2</sup> H<sub>2</sub>O v<sub>max</sub> 1<sup>st</sup> y<sup><a href=#n>1</a></sup></p>"),
      "x^2 H2O v_max 1st y1");
}

TEST(Html, EntitiesAndNoBreakSpaces) {
  EXPECT_EQ(html("<p>a&nbsp;&amp;&eacute;&#x3b1;</p>"), "a &éα");
}

TEST(Html, JapaneseLineEndsJoinWithoutSpaces) {
  EXPECT_EQ(html("<p>日本\n語の abc\n文</p>"), "日本語の abc 文");
}

TEST(Html, CharsetsAreHonoured) {
  EXPECT_EQ(html("<meta charset=iso-8859-1><p>caf\xe9</p>"), "café");
  EXPECT_EQ(
      html("<meta http-equiv=Content-Type content='text/html; charset=Shift_JIS'><p>\x93\xfa\x96\x7b</p>"),
      "日本");
  EXPECT_EQ(html("<p>\x93quoted\x94 caf\xe9</p>"), "“quoted” café");
  EXPECT_EQ(html(std::string_view("\xff\xfe<\0p\0>\0x\0", 10)), "x");
}

TEST(Html, DeepNestingIsAProblemNotACrash) {
  EXPECT_EQ(read_bytes("x.html", repeated("<div>", 100000) + "x").reasons(), "too_deep");
  EXPECT_EQ(read_bytes("x.html", repeated("<b>", 100000) + "x").reasons(), "too_deep");
  EXPECT_EQ(read_bytes("x.html", "<svg>" + repeated("<td>", 100000) + "x").reasons(), "too_deep");
  EXPECT_EQ(html("<p>" + repeated("<p>a", 3) + repeated("<br>", 5000)), "a\n\na\n\na");
}

TEST(Html, FormattingThatMultipliesIsAProblem) {
  std::string page = "<p>";
  for (int i = 0; i < 700; ++i) page += "<font id=f" + std::to_string(i) + ">";
  page += "x</p>" + repeated("<p>x</p>", 20000);
  EXPECT_EQ(read_bytes("x.html", page).reasons(), "too_large");
}

TEST(Html, DepthCountsOnlyWhatCanNest) {
  EXPECT_EQ(estimate_html_depth("<div><p>a<p>b<br><li>c</div><b>", 100), 1);
  EXPECT_EQ(estimate_html_depth("<div><div></span></div>", 100), 2);
}

}  // namespace
}  // namespace aurora::corpus
