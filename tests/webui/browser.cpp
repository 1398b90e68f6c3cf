#include "tests/webui/browser.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <thread>

#include "aurora/base/error.h"

extern char** environ;

namespace aurora::testing {
namespace {

constexpr const char* kDriver = "/usr/bin/chromedriver";
constexpr const char* kBrowser = "/usr/bin/chromium";

// Starts chromedriver on a port of its choice, which it tells on its standard output.
pid_t start_driver(std::string* url) {
  int out[2];
  if (pipe2(out, O_CLOEXEC) != 0) throw Error("no pipe", kDriver, "look at the limit of open files");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  std::string program = kDriver, port = "--port=0";
  char* arguments[] = {program.data(), port.data(), nullptr};
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, kDriver, &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  if (failed) throw Error("cannot be started", kDriver, "install chromium-driver");
  std::string said;
  constexpr std::string_view kTold = "successfully on port ";
  char buffer[512];
  for (ssize_t n; (n = read(out[0], buffer, sizeof buffer)) > 0;) {
    said.append(buffer, static_cast<size_t>(n));
    const size_t at = said.find(kTold);
    if (at == said.npos || said.find('\n', at) == said.npos) continue;
    *url = fmt::format("http://127.0.0.1:{}", std::stoi(said.substr(at + kTold.size())));
    break;
  }
  // Left open: chromedriver may go on writing.
  if (url->empty()) throw Error("did not say its port: " + said, kDriver, "run it by hand");
  return pid;
}

std::string from_base64(const std::string& text) {
  std::string bytes;
  uint32_t bits = 0;
  int have = 0;
  for (const char c : text) {
    static constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t digit = kDigits.find(c);
    if (digit == kDigits.npos) break;
    bits = bits << 6 | static_cast<uint32_t>(digit);
    if ((have += 6) < 8) continue;
    have -= 8;
    bytes += static_cast<char>(bits >> have & 0xff);
  }
  return bytes;
}

}  // namespace

bool Browser::available() {
  return access(kDriver, X_OK) == 0 && access(kBrowser, X_OK) == 0;
}

Browser::Browser(const std::string& language) {
  std::string url;
  driver_ = start_driver(&url);
  client_ = std::make_unique<net::HttpClient>(
      net::ClientSettings{.url = url, .timeout = std::chrono::milliseconds(120'000)});
  // No sandbox: tests may run as root, where Chromium has none.
  Json arguments = {"--headless=new",          "--no-sandbox",      "--disable-gpu",
                    "--disable-dev-shm-usage", "--no-first-run",    "--force-color-profile=srgb",
                    "--window-size=1280,800",  "--lang=" + language};
  Json options = {
      {"binary", kBrowser}, {"args", arguments}, {"prefs", {{"intl.accept_languages", language}}}};
  Json wanted = {{"browserName", "chrome"},
                 {"goog:chromeOptions", options},
                 {"goog:loggingPrefs", {{"browser", "ALL"}}}};
  Json session = call("POST", "/session", {{"capabilities", {{"alwaysMatch", wanted}}}});
  session_ = "/session/" + session["sessionId"].get<std::string>();
}

Browser::~Browser() {
  try {
    if (!session_.empty()) call("DELETE", "");
  } catch (const Error&) {
    // The driver's end takes the browser with it.
  }
  kill(driver_, SIGTERM);
  waitpid(driver_, nullptr, 0);
}

Json Browser::call(const std::string& method, const std::string& path, const Json& body) {
  net::HttpRequest request =
      net::make_request(method, session_ + path, body.is_null() ? std::string() : body.dump());
  request.headers.add("Content-Type", "application/json");
  const net::HttpResponse response = client_->send(request);
  const Json answer = Json::parse(response.body, nullptr, false);
  if (response.status != 200 || !answer.is_object())
    throw Error(fmt::format("{} {} failed: {}", method, path, response.body.substr(0, 2000)), "the browser",
                "look at the page in a browser with its console open");
  return answer["value"];
}

void Browser::open(const std::string& url) {
  call("POST", "/url", {{"url", url}});
  wait("document.body.dataset.ready");
}

void Browser::reload() {
  call("POST", "/refresh", Json::object());
  wait("document.body.dataset.ready");
}

void Browser::resize(int width, int height) {
  call("POST", "/window/rect", {{"width", width}, {"height", height}});
}

void Browser::cdp(const std::string& command, const Json& parameters) {
  call("POST", "/goog/cdp/execute", {{"cmd", command}, {"params", parameters}});
}

void Browser::be_phone() {
  cdp("Emulation.setDeviceMetricsOverride",
      {{"width", 390}, {"height", 780}, {"deviceScaleFactor", 2}, {"mobile", true}});
  cdp("Emulation.setTouchEmulationEnabled", {{"enabled", true}});
}

void Browser::prefer_dark(bool dark) {
  const Json feature = {{"name", "prefers-color-scheme"}, {"value", dark ? "dark" : "light"}};
  cdp("Emulation.setEmulatedMedia", {{"features", Json::array({feature})}});
}

Json Browser::run(const std::string& script, const Json& arguments) {
  return call("POST", "/execute/sync", {{"script", script}, {"args", arguments}});
}

std::string Browser::text(const std::string& selector) {
  return run("return document.querySelector(arguments[0])?.innerText ?? ''", {selector}).get<std::string>();
}

int Browser::count(const std::string& selector) {
  return run("return document.querySelectorAll(arguments[0]).length", {selector}).get<int>();
}

void Browser::wait(const std::string& expression, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (!run("return Boolean(" + expression + ")").get<bool>()) {
    if (std::chrono::steady_clock::now() > end)
      throw Error("never became true: " + expression + "\n" + text("body"), "the page", errors());
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
}

std::string Browser::element(const std::string& selector) {
  const Json found = call("POST", "/element", {{"using", "css selector"}, {"value", selector}});
  return found.begin().value().get<std::string>();
}

void Browser::click(const std::string& selector) {
  call("POST", "/element/" + element(selector) + "/click", Json::object());
}

void Browser::hover(const std::string& selector) {
  const Json origin = {{"element-6066-11e4-a52e-4f735466cecf", element(selector)}};
  act({{"type", "pointer"},
       {"id", "mouse"},
       {"actions", {{{"type", "pointerMove"}, {"duration", 0}, {"origin", origin}, {"x", 0}, {"y", 0}}}}});
}

void Browser::act(const Json& actions) {
  call("POST", "/actions", {{"actions", Json::array({actions})}});
}

void Browser::type(const std::string& text) {
  cdp("Input.insertText", {{"text", text}});
}

void Browser::press(const std::string& key) {
  act({{"type", "key"},
       {"id", "keyboard"},
       {"actions", {{{"type", "keyDown"}, {"value", key}}, {{"type", "keyUp"}, {"value", key}}}}});
}

void Browser::chord(const std::string& held, const std::string& key) {
  act({{"type", "key"},
       {"id", "keyboard"},
       {"actions",
        {{{"type", "keyDown"}, {"value", held}},
         {{"type", "keyDown"}, {"value", key}},
         {{"type", "keyUp"}, {"value", key}},
         {{"type", "keyUp"}, {"value", held}}}}});
}

void Browser::screenshot(const Path& png) {
  std::ofstream(png, std::ios::binary) << from_base64(call("GET", "/screenshot").get<std::string>());
}

std::string Browser::errors() {
  std::string lines;
  for (const Json& entry : call("POST", "/se/log", {{"type", "browser"}}))
    if (entry["level"] == "SEVERE") lines += entry["message"].get<std::string>() + "\n";
  return lines;
}

}  // namespace aurora::testing
