#include "aurora/net/http.h"

#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/net/http_client.h"
#include "aurora/net/message_writer.h"
#include "aurora/net/sse.h"

namespace aurora::net {
namespace {

TEST(Headers, CompareNamesWithoutCaseAndKeepOrder) {
  Headers headers{{"Accept", "a"}, {"X", "1"}};
  headers.add("accept", "b");
  EXPECT_EQ(headers.get("ACCEPT"), "a");
  EXPECT_EQ(headers.size(), 3u);
  headers.set("accept", "c");
  EXPECT_EQ(headers.get("Accept"), "c");
  EXPECT_EQ(headers.size(), 2u);
  EXPECT_FALSE(headers.has("Y"));
}

TEST(Http, SplitsTargets) {
  const HttpRequest request = make_request("GET", "/a%2Fb%20c?x=%201&y&x=2");
  EXPECT_EQ(request.path, "/a/b c");
  EXPECT_EQ(query_value(request.query, "x"), " 1");
  EXPECT_EQ(query_value(request.query, "y"), "");
  EXPECT_EQ(query_value(request.query, "z"), std::nullopt);
  EXPECT_THROW(make_request("GET", "a"), Error);
  EXPECT_THROW(make_request("GET", "/a b"), Error);
  EXPECT_THROW(make_request("GET", "/a#b"), Error);
}

TEST(Http, DecodesPercents) {
  EXPECT_EQ(percent_decode("%41%62+c"), "Ab+c");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  EXPECT_EQ(percent_decode("%4"), std::nullopt);
  EXPECT_EQ(percent_decode("%"), std::nullopt);
  EXPECT_EQ(percent_decode("%g0"), std::nullopt);
}

TEST(Http, FindsTokensInLists) {
  EXPECT_TRUE(has_token("gzip, BR ;q=1, br", "br"));
  EXPECT_TRUE(has_token("Keep-Alive", "keep-alive"));
  EXPECT_FALSE(has_token("xgzip,gzipx", "gzip"));
  EXPECT_FALSE(has_token("", "gzip"));
}

TEST(Http, PrintsProblemsAsOpenAiDoes) {
  const HttpResponse response = problem_response({413, "body_too_large", "A \"body\"\n"});
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body,
            "{\"error\":{\"message\":\"A \\\"body\\\"\\u000a\",\"type\":\"invalid_request_error\","
            "\"param\":null,\"code\":\"body_too_large\"}}");
}

TEST(Http, ParsesUrls) {
  const Url url = parse_url("https://[::1]:8443/a?b");
  EXPECT_TRUE(url.secure);
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.target, "/a?b");
  EXPECT_EQ(parse_url("http://host").port, 80);
  EXPECT_EQ(parse_url("https://host/").port, 443);
  for (const char* bad : {"host", "ftp://host", "http://", "http://host:", "http://host:70000",
                          "http://host:1x", "http://[::1", "http://[::1]8"}) {
    EXPECT_THROW(parse_url(bad), Error) << bad;
  }
}

TEST(MessageWriter, FramesChunks) {
  std::string out;
  append_chunk(out, std::string(31, 'x'));
  append_chunk(out, "");
  EXPECT_EQ(out, "1f\r\n" + std::string(31, 'x') + "\r\n");
}

std::string parsed(const std::string& stream, size_t piece) {
  SseParser parser;
  std::string out;
  for (size_t at = 0; at < stream.size(); at += piece) {
    parser.feed(std::string_view(stream).substr(at, piece),
                [&](const SseEvent& event) { out += event.name + "=" + event.data + "|"; });
  }
  return out;
}

TEST(Sse, ReadsWhatItWritesInPiecesOfAnySize) {
  const std::string stream = sse_event("one") + sse_comment("wait\n") + sse_event("two\nlines\r\n", "named") +
                             sse_event("") + sse_event(" space");
  for (const size_t piece : {1, 2, 3, 1000}) {
    EXPECT_EQ(parsed(stream, piece), "message=one|named=two\nlines\n|message=|message= space|");
  }
}

TEST(Sse, FollowsTheStandardInLineEndsAndFields) {
  for (const size_t piece : {1, 7, 1000}) {
    EXPECT_EQ(parsed("data:a\rdata: b\r\ndata\n\r\nid: 7\nretry: 1\n\ndata: unfinished\n", piece),
              "message=a\nb\n|");
    EXPECT_EQ(parsed("event: x\n\ndata: y\n\n", piece), "message=y|");
  }
}

TEST(Sse, RefusesEventsWithoutEnd) {
  SseParser parser(100);
  EXPECT_THROW(parser.feed(std::string(101, 'x'), [](const SseEvent&) {}), Error);
}

}  // namespace
}  // namespace aurora::net
