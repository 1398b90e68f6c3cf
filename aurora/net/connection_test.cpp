// Limits, refusals and time, without sockets or waiting.
#include "aurora/net/connection.h"

#include <gtest/gtest.h>

#include "aurora/net/connection_testing.h"
#include "aurora/net/net_testing.h"

namespace aurora::net {
namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

// "413 body_too_large" of an answer in the shape of problem_response; "" for none.
std::string refusal(const std::string& answer) {
  const std::string mark = "\"code\":\"";
  const size_t at = answer.find(mark);
  if (answer.empty() || at == answer.npos) return answer;
  EXPECT_NE(answer.find("Connection: close\r\n"), answer.npos);
  const size_t begin = at + mark.size();
  return answer.substr(9, 4) + answer.substr(begin, answer.find('"', begin) - begin);
}

std::string refusal_of(std::string_view request, const HttpLimits& limits = {}) {
  TestConnection test({.limits = limits}, describe_request);
  const std::string answer = test.give(request);
  EXPECT_EQ(test.shared().requests, 0u) << answer;
  return refusal(answer);
}

TEST(Connection, RefusesWhatTwoProgramsCouldReadInTwoWays) {
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(refusal_of(post + "Content-Length: 3\r\n" + chunked + "\r\n0\r\n\r\n"), "400 bad_length");
  EXPECT_EQ(refusal_of(post + chunked + "Content-Length: 3\r\n\r\n0\r\n\r\n"), "400 bad_length");
  EXPECT_EQ(refusal_of(post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"), "400 bad_length");
  EXPECT_EQ(refusal_of(post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), "400 bad_header");
  EXPECT_EQ(refusal_of(post + "Content-Length: 3, 3\r\n\r\nabc"), "400 bad_length");
  EXPECT_EQ(refusal_of(post + "Content-Length: +3\r\n\r\nabc"), "400 bad_length");
  EXPECT_EQ(refusal_of(post + "Content-Length: 0x3\r\n\r\nabc"), "400 bad_length");
  EXPECT_EQ(refusal_of(post + "Content-Length: -1\r\n\r\n"), "400 bad_length");
  EXPECT_EQ(refusal_of(post + "Content-Length: 99999999999999999999\r\n\r\n"), "400 bad_length");
  EXPECT_EQ(refusal_of(post + "Content-Length:\r\n\r\n"), "400 bad_length");
  EXPECT_EQ(refusal_of(post + "Content-Length : 3\r\n\r\nabc"), "400 bad_request");
  EXPECT_EQ(refusal_of(post + chunked + chunked + "\r\n0\r\n\r\n"), "400 bad_length");
  EXPECT_EQ(refusal_of(post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
            "501 unsupported_encoding");
  EXPECT_EQ(refusal_of(post + "Transfer-Encoding: identity\r\n\r\n"), "501 unsupported_encoding");
  EXPECT_EQ(refusal_of(post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), "501 unsupported_encoding");
  EXPECT_EQ(refusal_of("POST / HTTP/1.0\r\n" + chunked + "\r\n0\r\n\r\n"), "400 bad_length");
}

TEST(Connection, RefusesMalformedRequests) {
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\n\r\n"), "400 bad_host");
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), "400 bad_header");
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), "400 bad_host");
  EXPECT_EQ(refusal_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), "400 bad_request");
  EXPECT_EQ(refusal_of("GET /\r\n\r\n"), "400 bad_request");
  EXPECT_EQ(refusal_of("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), "400 bad_request");
  EXPECT_EQ(refusal_of("GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n"), "400 bad_target");
  EXPECT_EQ(refusal_of("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"), "400 bad_target");
  EXPECT_EQ(refusal_of("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"), "400 bad_target");
  EXPECT_EQ(refusal_of("GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n"), "400 bad_target");
  EXPECT_EQ(refusal_of("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), "400 bad_target");
  EXPECT_EQ(refusal_of("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"), "400 bad_target");
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\nHost: a\n\n\r\n\r\n"), "400 bad_request");
  EXPECT_EQ(refusal_of("G@T / HTTP/1.1\r\nHost: a\r\n\r\n"), "400 bad_request");
  EXPECT_EQ(refusal_of("GET / HTTP/1.1\r\nHost: a\r\nbad name: x\r\n\r\n"), "400 bad_request");
  EXPECT_EQ(refusal_of(std::string("GET / HTTP/1.1\r\nHost: a\r\nx: \x01\r\n\r\n")), "400 bad_request");
  EXPECT_EQ(refusal_of("POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n"), "417 unknown_expectation");
  EXPECT_EQ(refusal_of("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 TLS on a plain port\r\n\r\n"),
            "400 bad_request");
}

TEST(Connection, RefusesMalformedChunks) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(refusal_of(head + "x\r\nabc\r\n"), "400 bad_request");
  EXPECT_EQ(refusal_of(head + "3\r\nabcd\r\n0\r\n\r\n"), "400 bad_request");
  EXPECT_EQ(refusal_of(head + "-1\r\nabc\r\n"), "400 bad_request");
  EXPECT_EQ(refusal_of(head + "fffffffffffffffff\r\nabc\r\n"), "400 bad_request");
  EXPECT_EQ(refusal_of(head + "3\nabc\n0\n\n\r\n"), "400 bad_request");
  EXPECT_EQ(refusal_of(head + "3;" + std::string(100'000, 'x')), "431 header_too_large");
  EXPECT_EQ(refusal_of(head + "0\r\nTrailer: " + std::string(100'000, 'x')), "431 header_too_large");
}

TEST(Connection, RefusesWhatIsTooLarge) {
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(refusal_of(get + "x: " + std::string(40'000, 'x')), "431 header_too_large");
  EXPECT_EQ(refusal_of(get + "x: " + std::string(40'000, 'x') + "\r\n\r\n"), "431 header_too_large");
  EXPECT_EQ(refusal_of("GET /" + std::string(10'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"),
            "414 target_too_long");
  EXPECT_EQ(refusal_of(std::string(40'000, 'x')), "431 header_too_large");
  std::string many = get;
  for (int i = 0; i < 200; ++i) many += "x: y\r\n";
  EXPECT_EQ(refusal_of(many + "\r\n"), "431 header_too_large");
  const HttpLimits small{.body_bytes = 10};
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(refusal_of(post + "Content-Length: 11\r\n\r\n", small), "413 body_too_large");
  EXPECT_EQ(refusal_of(post + "Transfer-Encoding: chunked\r\n\r\nb\r\n", small), "413 body_too_large");
  EXPECT_EQ(refusal_of(post + "Transfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n6\r\nabcdef\r\n", small),
            "413 body_too_large");
  EXPECT_EQ(refusal_of(post + "Content-Length: 9\r\n\r\nabcdefgh", {.all_bodies_bytes = 7}),
            "503 too_much_input");
}

TEST(Connection, KeepsTheHeaderLimitAlsoWhenFieldsTrickleIn) {
  TestConnection test({}, describe_request);
  std::string answer = test.give("GET / HTTP/1.1\r\nHost: a\r\n");
  for (int i = 0; i < 100 && answer.empty(); ++i) answer = test.give("x: " + std::string(1000, 'x') + "\r\n");
  EXPECT_EQ(refusal(answer), "431 header_too_large");
}

TEST(Connection, ReadsTheSameByteByByte) {
  const std::string request =
      "\r\nPOST /a?b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nt: u\r\n\r\n";
  TestConnection test({}, describe_request);
  std::string answer;
  for (const char c : request + request) answer += test.give({&c, 1});
  EXPECT_EQ(count_of(answer, "\r\n\r\nPOST /a b 5"), 2u);
  EXPECT_EQ(test.shared().body_bytes, 0u);
}

TEST(Connection, TakesTheFormOfTargetsForProxies) {
  TestConnection test({}, describe_request);
  EXPECT_TRUE(test.give("GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("GET /b c 0"));
  EXPECT_TRUE(test.give("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("GET /  0"));
}

TEST(Connection, RefusesAHeaderThatTakesTooLong) {
  TestConnection test({}, describe_request);
  std::string answer;
  for (int i = 0; i < 30 && answer.empty(); ++i) {
    answer = test.give(kGet.substr(i % 10, 1)) + test.wait(Milliseconds(1000));
  }
  EXPECT_EQ(refusal(answer), "408 header_too_slow");
  EXPECT_FALSE(test.connection().gone());
  test.wait(Milliseconds(2001));  // lingering
  EXPECT_TRUE(test.connection().gone());
}

TEST(Connection, RefusesABodyThatComesTooSlowly) {
  TestConnection test({}, describe_request);
  test.give("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_EQ(test.wait(Milliseconds(9000)), "");
  for (int i = 0; i < 20; ++i) {
    test.give(std::string(5000, 'x'));
    EXPECT_EQ(test.wait(Milliseconds(1000)), "") << i;  // 4096 bytes per second will do
  }
  std::string answer;
  for (int i = 0; i < 60 && answer.empty(); ++i) answer = test.wait(Milliseconds(1000));
  EXPECT_EQ(refusal(answer), "408 body_too_slow");
  EXPECT_EQ(test.shared().body_bytes, 0u);
}

TEST(Connection, ClosesIdleConnectionsWithoutAWord) {
  TestConnection silent({}, describe_request);
  EXPECT_EQ(silent.wait(Milliseconds(9000)), "");
  EXPECT_FALSE(silent.connection().gone());
  EXPECT_EQ(silent.wait(Milliseconds(2000)), "");  // no byte within the header's time
  EXPECT_TRUE(silent.connection().gone());
  EXPECT_FALSE(silent.connection().cut());
  TestConnection kept({}, describe_request);
  kept.give(kGet);
  kept.wait(Milliseconds(70'000));
  EXPECT_TRUE(kept.give(kGet).ends_with("GET /  0"));
  kept.wait(Milliseconds(76'000));
  EXPECT_TRUE(kept.connection().gone());
}

TEST(Connection, WaitsForAnAnswerWithoutLimit) {
  std::optional<Responder> held;
  TestConnection test({}, [&](HttpRequest, Responder responder) { held = responder; });
  test.give(kGet);
  EXPECT_EQ(test.wait(Milliseconds(3'600'000)), "");
  held->send(text_response("late"));
  EXPECT_TRUE(test.take().ends_with("late"));
}

TEST(Connection, CutsOffAClientThatTakesNothing) {
  std::string note;
  ServerSettings settings;
  settings.access = [&](const AccessRecord& record) { note = record.note; };
  TestConnection test(settings, describe_request);
  test.connection().take_input(kGet, test.now());
  test.connection().answer_ready(test.now());
  ASSERT_FALSE(test.connection().next_output().empty());
  test.connection().tick(test.now() + Milliseconds(29'000));
  EXPECT_FALSE(test.connection().gone());
  test.connection().tick(test.now() + Milliseconds(31'000));
  EXPECT_TRUE(test.connection().gone());
  EXPECT_TRUE(test.connection().cut());
  EXPECT_EQ(note, "client stopped reading");
}

TEST(Connection, BoundsWhatAStreamMayLeaveUnsent) {
  std::optional<Responder> held;
  bool told = false;
  TestConnection test({.limits = {.unsent_bytes = 1000}}, [&](HttpRequest, Responder responder) {
    held = responder;
    held->begin(text_response(""));
    held->on_hang_up([&] { told = true; });
  });
  test.give(kGet);
  const std::string piece(400, 'x');
  EXPECT_TRUE(held->write(piece) && held->write(piece) && held->write(piece));
  EXPECT_FALSE(held->write(piece));  // more than 1000 bytes wait already
  EXPECT_TRUE(held->gone());
  EXPECT_FALSE(told);
  held.reset();  // giving up does not hide it
  test.take();
  EXPECT_TRUE(told);
  EXPECT_TRUE(test.connection().cut());
}

TEST(Connection, TellsOfAHangUpOnceAndOnlyBeforeTheEnd) {
  std::optional<Responder> held;
  int told = 0;
  const auto handler = [&](HttpRequest, Responder responder) {
    held = responder;
    responder.on_hang_up([&] { ++told; });
  };
  TestConnection gone({}, handler);
  gone.give(kGet);
  gone.connection().input_ended(gone.now());
  EXPECT_EQ(told, 1);
  EXPECT_TRUE(held->gone());
  held->on_hang_up([&] { ++told; });  // too late: told at once
  EXPECT_EQ(told, 2);
  held->send(text_response("nobody reads this"));
  EXPECT_EQ(gone.take(), "");

  TestConnection answered({}, handler);
  answered.give(kGet);
  held->send(text_response("x"));
  answered.connection().input_ended(answered.now());
  EXPECT_TRUE(answered.take().ends_with("x"));  // it may have closed its sending half only
  answered.close();
  EXPECT_EQ(told, 2);
}

TEST(Connection, RespondersMayOutliveIt) {
  std::optional<Responder> held;
  TestConnection test({}, [&](HttpRequest, Responder responder) { held = responder; });
  test.give(kGet);
  test.close();
  EXPECT_TRUE(held->gone());
  held->begin(text_response("x"));
  EXPECT_FALSE(held->write("y"));
  held->end();
  held.reset();
  EXPECT_EQ(test.shared().active, 0u);
}

TEST(Connection, KeepsTheConnectionWhenAdmitAnswersARequestWithoutABody) {
  ServerSettings settings;
  settings.admit = [](const HttpRequest& head) -> std::optional<HttpResponse> {
    if (head.path == "/handled") return std::nullopt;
    return text_response("<" + head.path + ">");
  };
  TestConnection test(settings, describe_request);
  EXPECT_TRUE(test.give("GET /page HTTP/1.1\r\nHost: a\r\n\r\nGET /handled HTTP/1.1\r\nHost: a\r\n\r\n")
                  .ends_with("GET /handled  0"));
  EXPECT_TRUE(test.give("HEAD /page HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("Content-Length: 7\r\n\r\n"));
  EXPECT_EQ(test.shared().requests, 1u);
  EXPECT_EQ(
      count_of(test.give("POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"), "Connection: close"),
      1u);
  EXPECT_TRUE(test.connection().output_done());
}

TEST(Connection, RefusesWhenItIsOneTooMany) {
  TestConnection test({}, describe_request, {.name = "", .secure = false, .refused = true});
  const std::string answer = test.take();
  EXPECT_EQ(refusal(answer), "503 too_many_connections");
  EXPECT_EQ(count_of(answer, "Retry-After: 1\r\n"), 1u);
  EXPECT_EQ(test.give(kGet), "");
}

}  // namespace
}  // namespace aurora::net
