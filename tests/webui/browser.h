// Headless Chromium, driven through chromedriver by the WebDriver protocol (W3C WebDriver, level 2). For
// tests: every failure throws Error with the browser's own words.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "aurora/base/file.h"
#include "aurora/net/http_client.h"

namespace aurora::testing {

using Json = nlohmann::json;

// Keys of the WebDriver protocol, as UTF-8.
namespace keys {
inline constexpr const char* kEnter = "\uE007";
inline constexpr const char* kShift = "\uE008";
inline constexpr const char* kControl = "\uE009";
inline constexpr const char* kEscape = "\uE00C";
inline constexpr const char* kUp = "\uE013";
}  // namespace keys

class Browser {
 public:
  // Whether chromium and chromedriver are installed.
  static bool available();

  // Starts both, with a fresh profile. language: "en-US", "ja", ...
  explicit Browser(const std::string& language = "en-US");
  ~Browser();
  Browser(const Browser&) = delete;

  void open(const std::string& url);
  void reload();
  void resize(int width, int height);
  // A phone: touch, small, two pixels each way.
  void be_phone();
  void prefer_dark(bool dark);

  // Runs a function body in the page and returns what it returns; `arguments` are its arguments.
  Json run(const std::string& script, const Json& arguments = Json::array());
  std::string text(const std::string& selector);  // innerText of the first match; "" when there is none
  int count(const std::string& selector);
  // Waits until the expression is true. Error after `seconds`, with the expression.
  void wait(const std::string& expression, double seconds = 20);

  void click(const std::string& selector);  // a real click, where the element is
  void hover(const std::string& selector);
  void type(const std::string& text);  // into what has the focus
  void press(const std::string& key);  // one key
  void chord(const std::string& held, const std::string& key);
  void cdp(const std::string& command, const Json& parameters);  // Chrome's own protocol

  void screenshot(const Path& png);
  // What the page logged as errors since the last call, one per line.
  std::string errors();

 private:
  Json call(const std::string& method, const std::string& path, const Json& body = nullptr);
  std::string element(const std::string& selector);
  void act(const Json& actions);

  pid_t driver_ = 0;
  std::unique_ptr<net::HttpClient> client_;
  std::string session_;
};

}  // namespace aurora::testing
