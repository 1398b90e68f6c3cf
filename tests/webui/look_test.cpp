// Languages, colours, names for screen readers, drawn answers, the phone. Leaves pictures in webui-pictures/
// of the working directory.
#include <nlohmann/json.hpp>
#include "tests/webui/web_page.h"

namespace aurora::testing {
namespace {

using ::testing::HasSubstr;

TEST_F(WebPage, LanguagesAreSwitchedAndKept) {
  for (const auto& [code, send] :
       {std::pair("ja", "送信"), {"fr", "Envoyer"}, {"de", "Senden"}, {"es", "Enviar"}}) {
    page().run(
        "const language = document.querySelector('#language'); language.value = arguments[0]; "
        "language.dispatchEvent(new Event('change'))",
        {code});
    EXPECT_EQ(page().run("return document.querySelector('#send').getAttribute('aria-label')"), send);
    EXPECT_EQ(page().run("return document.documentElement.lang"), code);
  }
  page().reload();
  EXPECT_EQ(page().text("#new-chat"), "Nueva conversación");
}

TEST_F(WebPage, EveryTextIsThereInEveryLanguage) {
  page().run(R"(window.short = null;
    import(new URL('js/strings.js', location)).then((strings) => {
      window.short = [];
      for (const code of Object.keys(strings.languages)) {
        strings.set_language(code);
        for (const element of document.querySelectorAll('[data-text], [data-label], [data-placeholder], [data-hint]'))
          for (const key of Object.values(element.dataset)) if (!strings.text(key)) window.short.push(code + key);
      }
      for (const [key, row] of strings.all_rows) if (row.length !== 5 || !row.every(Boolean)) window.short.push(key);
    }))");
  page().wait("window.short");
  EXPECT_EQ(page().run("return window.short"), Json::array());
}

TEST_F(WebPage, ColoursFollowTheSystemAndTheSwitch) {
  const std::string back = "return getComputedStyle(document.body).backgroundColor";
  const Json light = page().run(back);
  page().prefer_dark(true);
  const Json dark = page().run(back);
  EXPECT_NE(light, dark);
  page().click("#theme");
  EXPECT_EQ(page().run(back), light);
  page().prefer_dark(false);
  page().click("#theme");
  EXPECT_EQ(page().run(back), dark);
  page().reload();
  EXPECT_EQ(page().run(back), dark);
}

TEST_F(WebPage, EveryButtonAndFieldHasAName) {
  ask("hello");
  const Json nameless = page().run(R"(
    return [...document.querySelectorAll('button, select, input, textarea, summary')].filter((element) =>
      !(element.textContent.trim() || element.ariaLabel || element.labels?.length)).map((element) => element.outerHTML))");
  EXPECT_EQ(nameless, Json::array());
}

TEST_F(WebPage, MarkdownMathematicsAndCodeAreDrawn) {
  page().cdp("Emulation.setDeviceMetricsOverride",
             {{"width", 1200}, {"height", 860}, {"deviceScaleFactor", 1}, {"mobile", false}});
  ask("What is a neutron star?");
  page().wait("document.querySelector('.hljs-keyword') && document.querySelector('.katex-display')");
  EXPECT_EQ(page().text(".assistant strong"), "neutron star");
  EXPECT_EQ(page().count(".assistant table"), 1);
  EXPECT_GE(page().count(".katex"), 5);
  EXPECT_EQ(page().count("code.math"), 0);
  page().run("window.copied = ''; navigator.clipboard.writeText = async (text) => { window.copied = text; }");
  page().click("[aria-label='Copy code']");
  EXPECT_THAT(page().run("return window.copied").get<std::string>(),
              HasSubstr("from math import pi\n\ndef radius"));

  page().run("document.activeElement.blur()");
  page().run(
      "document.querySelector('#toast').hidden = true; document.querySelector('#scroll').scrollTop = 0");
  picture("light");
  page().prefer_dark(true);
  picture("dark");
  page().prefer_dark(false);
  page().click("#open-settings");
  picture("settings");
  page().click("#settings-cancel");
}

TEST_F(WebPage, AlternativesAreDrawn) {
  page().click("#probabilities");
  ask("What is a neutron star?");
  page().hover(".tokens span:nth-child(200)");
  page().wait("!document.querySelector('#alternatives').hidden");
  picture("tokens");
}

TEST_F(WebPage, APhoneHasADrawerAndNoSidewaysScroll) {
  Browser phone("ja");
  phone.be_phone();
  phone.open(server_->url());
  EXPECT_EQ(phone.run("return document.documentElement.lang"), "ja");
  std::filesystem::create_directories("webui-pictures");
  phone.screenshot("webui-pictures/phone-empty.png");
  phone.click("#input");
  phone.type("What is a neutron star?");
  phone.click("#send");
  phone.wait("document.querySelector('.katex-display') && document.querySelector('.hljs-keyword')");
  EXPECT_TRUE(phone.run("return document.documentElement.scrollWidth <= innerWidth").get<bool>());
  EXPECT_TRUE(phone.run("const s = document.querySelector('#scroll'); return s.scrollWidth <= s.clientWidth")
                  .get<bool>());
  phone.screenshot("webui-pictures/phone.png");
  phone.click("#open-sidebar");
  phone.wait("document.querySelector('#sidebar').getBoundingClientRect().left === 0");
  phone.screenshot("webui-pictures/phone-list.png");
  phone.click("#conversations .choose");
  phone.wait("document.querySelector('#sidebar').inert");
  EXPECT_EQ(phone.errors(), "");
}

}  // namespace
}  // namespace aurora::testing
