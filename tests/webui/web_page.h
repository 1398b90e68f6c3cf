// One browser for all tests of a file, and for each test a server with the page, opened.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/webui/browser.h"
#include "tests/webui/page_server.h"

namespace aurora::testing {

inline const Dialogue kDialogue = {
    {"hello", "Hello there!"},
    {"again", "Once more."},
    {"slow", std::string(400, 'a') + " end"},
    {"日本語", "こんにちは、世界。"},
    {"What is a neutron star?",
     "A **neutron star** is what remains of a star of about $10$ to $25\\,M_\\odot$ after its core has "
     "collapsed.\n\nIts radius follows from the balance of gravity and the pressure of degenerate "
     "neutrons:\n\n"
     "$$R \\approx \\frac{(9\\pi)^{2/3}}{8}\\,\\frac{\\hbar^2}{G\\,m_n^{8/3}\\,M^{1/3}} \\approx 12\\ "
     "\\mathrm{km}$$\n\n| quantity | value |\n|---|---|\n| mass | $1.4\\,M_\\odot$ |\n| density | "
     "$4\\times10^{17}\\ \\mathrm{kg/m^3}$ |\n\nThe same in Python:\n\n```python\nfrom math import pi\n\n"
     "def radius(mass, hbar=1.055e-34, G=6.674e-11, m_n=1.675e-27):\n    \"\"\"Metres, for a mass in "
     "kilograms."
     "\"\"\"\n    return (9 * pi) ** (2 / 3) / 8 * hbar**2 / (G * m_n ** (8 / 3) * mass ** (1 / 3))\n```\n"},
};

class WebPage : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (Browser::available()) browser_ = new Browser();
  }
  static void TearDownTestSuite() {
    delete browser_;
    browser_ = nullptr;
  }
  // Each server has a port, hence a browser storage, of its own.
  void SetUp() override {
    if (!browser_) GTEST_SKIP() << "no Chromium: install chromium and chromium-driver";
    begin(kDialogue);
  }
  void begin(const Dialogue& dialogue, std::vector<std::string> names = {"parrot"},
             serve::ServiceSettings settings = {}) {
    const bool asks_key = !settings.keys.empty();
    server_ = std::make_unique<PageServer>(dialogue, std::move(names), std::move(settings));
    page().open(server_->url());
    if (!asks_key) page().wait("document.querySelector('#model').value");
  }
  void TearDown() override {
    if (!browser_) return;
    EXPECT_EQ(page().errors(), "");
  }

  Browser& page() { return *browser_; }
  void say(const std::string& words) {
    page().run("document.querySelector('#input').focus()");
    page().type(words);
    page().press(keys::kEnter);
  }
  void wait_until_idle() { page().wait("!document.querySelector('#send').hidden"); }
  void ask(const std::string& words) {
    say(words);
    wait_until_idle();
  }
  std::string last_answer() {
    return page().run("return [...document.querySelectorAll('.assistant .body')].at(-1)?.innerText").dump();
  }
  Json last_request() { return Json::parse(server_->asked().back()); }
  void picture(const std::string& name) {
    std::filesystem::create_directories("webui-pictures");
    page().screenshot("webui-pictures/" + name + ".png");
  }

  static inline Browser* browser_ = nullptr;
  std::unique_ptr<PageServer> server_;
};

}  // namespace aurora::testing
