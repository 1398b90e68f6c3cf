#include "aurora/net/static_files.h"

#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"

namespace aurora::net {
namespace {

HttpRequest get(std::string path, Headers headers = {}) {
  HttpRequest request = make_request("GET", std::move(path));
  request.headers = std::move(headers);
  return request;
}

TEST(StaticFiles, AnswersWithTypeAndTag) {
  StaticFiles files({{"Content-Security-Policy", "default-src 'self'"}});
  files.add("/index.html", "<p>");
  for (const char* path : {"/", "/index.html"}) {
    const auto answer = files.answer(get(path));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->content(), "<p>");
    EXPECT_EQ(answer->headers.get("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(answer->headers.get("Content-Security-Policy"), "default-src 'self'");
    EXPECT_FALSE(answer->headers.has("Vary"));
  }
}

TEST(StaticFiles, KnowsWhatTheClientHasAlready) {
  StaticFiles files;
  files.add("/a.css", "one");
  const std::string tag(files.answer(get("/a.css"))->headers.get("ETag"));
  for (const std::string& known : {tag, "W/" + tag, "\"x\", " + tag, std::string("*")}) {
    const auto answer = files.answer(get("/a.css", {{"If-None-Match", known}}));
    EXPECT_EQ(answer->status, 304) << known;
    EXPECT_EQ(answer->content(), "");
  }
  EXPECT_EQ(files.answer(get("/a.css", {{"If-None-Match", "\"other\""}}))->status, 200);
  files.add("/a.css", "two");
  EXPECT_EQ(files.answer(get("/a.css", {{"If-None-Match", tag}}))->status, 200);
}

TEST(StaticFiles, SendsTextCompressedToThoseWhoTakeIt) {
  StaticFiles files;
  files.add("/a.js", std::string(5000, 'x'));
  files.add("/a.png", std::string(5000, 'x'));
  const Headers gzip{{"Accept-Encoding", "br, gzip"}};
  const auto packed = files.answer(get("/a.js", gzip));
  EXPECT_EQ(packed->headers.get("Content-Encoding"), "gzip");
  EXPECT_LT(packed->content().size(), 100u);
  const auto plain = files.answer(get("/a.js"));
  EXPECT_EQ(plain->content().size(), 5000u);
  EXPECT_EQ(plain->headers.get("Vary"), "Accept-Encoding");
  EXPECT_NE(plain->headers.get("ETag"), packed->headers.get("ETag"));
  EXPECT_FALSE(files.answer(get("/a.png", gzip))->headers.has("Content-Encoding"));
}

TEST(StaticFiles, ReadsAcceptEncoding) {
  EXPECT_TRUE(accepts_gzip("gzip"));
  EXPECT_TRUE(accepts_gzip("deflate, GZIP ; q=0.5"));
  EXPECT_TRUE(accepts_gzip("*"));
  EXPECT_FALSE(accepts_gzip(""));
  EXPECT_FALSE(accepts_gzip("deflate, br"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0.00, *"));
}

TEST(StaticFiles, ServesAFolderAndNothingBesideIt) {
  const TestFolder folder;
  write_file_atomic(folder / "secret.txt", "secret");
  write_file_atomic(folder / "site/index.html", "index");
  write_file_atomic(folder / "site/sub/a b.txt", "text");
  write_file_atomic(folder / "site/.hidden/x.txt", "hidden");
  StaticFiles files;
  files.add_folder(folder / "site", "/web/");
  EXPECT_EQ(files.answer(get("/web/"))->content(), "index");
  EXPECT_EQ(files.answer(get("/web/sub/a%20b.txt"))->content(), "text");
  for (const char* path : {"/", "/web", "/web/../secret.txt", "/web/%2e%2e/secret.txt", "/web//index.html",
                           "/web/.hidden/x.txt", "/web/sub/", "/web/sub/../index.html", "/web/sub%2fa"}) {
    EXPECT_FALSE(files.answer(get(path))) << path;
  }
}

TEST(StaticFiles, RefusesOtherMethods) {
  StaticFiles files;
  files.add("/a.txt", "x");
  EXPECT_EQ(files.answer(make_request("POST", "/a.txt"))->status, 405);
  EXPECT_EQ(files.answer(make_request("HEAD", "/a.txt"))->status, 200);
  EXPECT_FALSE(files.answer(make_request("POST", "/b.txt")));
  EXPECT_THROW(files.add("a.txt", "x"), UsageError);
}

}  // namespace
}  // namespace aurora::net
