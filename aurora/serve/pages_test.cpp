#include "aurora/serve/pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "aurora/serve/service.h"

namespace aurora::serve {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::optional<net::HttpResponse> get(const std::string& path) {
  static const auto page = web_page();
  return page(net::make_request("GET", path));
}

TEST(Pages, TheFolderIsTheIndex) {
  const auto response = get("/");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->headers.get("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(std::string(response->content()), HasSubstr("<main>"));
}

TEST(Pages, ThePolicyAllowsNoInlineScript) {
  const std::string policy(get("/")->headers.get("Content-Security-Policy"));
  EXPECT_THAT(policy, HasSubstr("default-src 'self'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  const std::string html(get("/index.html")->content());
  EXPECT_FALSE(std::regex_search(html, std::regex("<script>|<style| on[a-z]+=| style=")));
}

TEST(Pages, OnlyRelativeAddressesAreUsed) {
  for (const PageFile& file : page_files()) {
    if (file.path.starts_with("/vendor/")) continue;
    std::string text(file.bytes);
    // The name of a language is no address.
    text = std::regex_replace(text, std::regex("http://www\\.w3\\.org/2000/svg"), "");
    EXPECT_FALSE(std::regex_search(text, std::regex("https?://[a-z]|(src|href)=\"/|fetch\\(\"/")))
        << file.path;
  }
}

TEST(Pages, WhatTheIndexNamesIsThere) {
  const std::string html(get("/")->content());
  const std::regex named("(?:src|href)=\"([^\"#]+)");
  for (std::sregex_iterator at(html.begin(), html.end(), named), end; at != end; ++at) {
    const std::string path = "/" + (*at)[1].str();
    if (path.starts_with("/vendor/")) continue;  // as the building machine had them
    EXPECT_TRUE(get(path)) << path;
  }
}

TEST(Pages, NothingElseIsReached) {
  for (const char* path : {"/secret", "/js/", "/js", "/../CMakeLists.txt", "/js/../../CMakeLists.txt",
                           "//etc/passwd", "/%2e%2e/CMakeLists.txt", "/index.html/"})
    EXPECT_FALSE(get(path)) << path;
}

TEST(Pages, AKeptCopyIsNotSentAgain) {
  const auto page = web_page();
  net::HttpRequest request = net::make_request("GET", "/style.css");
  const std::string tag(page(request)->headers.get("ETag"));
  ASSERT_FALSE(tag.empty());
  request.headers.add("If-None-Match", tag);
  EXPECT_EQ(page(request)->status, 304);
}

}  // namespace
}  // namespace aurora::serve
