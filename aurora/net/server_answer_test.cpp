// Answers, whole and in pieces, over real sockets.
#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/net/http_client.h"
#include "aurora/net/http_server.h"
#include "aurora/net/net_testing.h"

namespace aurora::net {
namespace {

TEST(HttpServer, AnswersOnOneKeptConnection) {
  HttpServer server({}, describe_request);
  HttpClient client(server.urls().front());
  for (int i = 0; i < 3; ++i) {
    const HttpResponse answer = client.post("/a%20b?x=1", "body");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "POST /a b x=1 4");
    EXPECT_EQ(answer.headers.get("content-length"), "15");
  }
  EXPECT_EQ(server.stats().accepted, 1u);
  EXPECT_EQ(server.stats().requests, 3u);
}

TEST(HttpServer, PassesEveryMethodToTheHandler) {
  HttpServer server({}, describe_request);
  HttpClient client(server.urls().front());
  for (const char* method : {"GET", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW"}) {
    EXPECT_EQ(client.send(make_request(method, "/p")).body, std::string(method) + " /p  0");
  }
  HttpRequest all = make_request("OPTIONS", "*");
  EXPECT_EQ(client.send(all).body, "OPTIONS *  0");
}

TEST(HttpServer, SendsNoBodyForHeadButItsLength) {
  HttpServer server({}, describe_request);
  HttpClient client(server.urls().front());
  const HttpResponse head = client.send(make_request("HEAD", "/p"));
  EXPECT_EQ(head.body, "");
  EXPECT_EQ(head.headers.get("Content-Length"), "10");
  EXPECT_EQ(client.get("/p").body, "GET /p  0");  // the connection is still in step
}

TEST(HttpServer, SendsNoBodyWhereTheStatusHasNone) {
  HttpServer server({},
                    [](HttpRequest, Responder responder) { responder.send(text_response("ignored", 204)); });
  HttpClient client(server.urls().front());
  EXPECT_EQ(client.get("/").status, 204);
  EXPECT_FALSE(client.get("/").headers.has("Content-Length"));
}

TEST(HttpServer, StreamsPiecesFromAnotherThreadAsTheyCome) {
  std::thread maker;
  Signal first_seen;
  HttpServer server({}, [&](HttpRequest, Responder responder) {
    maker = std::thread([&, responder] {
      responder.begin(text_response("one "));
      first_seen.wait();
      EXPECT_TRUE(responder.write("two "));
      EXPECT_TRUE(responder.write("three"));
      responder.end();
      EXPECT_FALSE(responder.write("after the end"));
    });
  });
  HttpClient client(server.urls().front());
  const HttpResponse head = client.open(make_request("GET", "/"));
  EXPECT_EQ(head.headers.get("Transfer-Encoding"), "chunked");
  EXPECT_EQ(client.read(), "one ");  // before the rest exists
  first_seen.raise();
  std::string rest;
  while (auto piece = client.read()) rest += *piece;
  EXPECT_EQ(rest, "two three");
  maker.join();
  EXPECT_EQ(server.stats().accepted, 1u);
}

TEST(HttpServer, StreamsUntilTheCloseForHttp10) {
  HttpServer server({}, [](HttpRequest, Responder responder) {
    responder.begin(text_response("a"));
    responder.write("b");
    responder.end();
  });
  RawClient client(server.port());
  client.send("GET / HTTP/1.0\r\n\r\n");
  const std::string got = client.read_all();
  EXPECT_TRUE(got.ends_with("\r\n\r\nab")) << got;
  EXPECT_EQ(count_of(got, "chunked"), 0u);
  EXPECT_TRUE(client.closed());
}

TEST(HttpServer, KeepsHttp10ConnectionsOnlyWhenAsked) {
  HttpServer server({}, describe_request);
  RawClient once(server.port());
  once.send("GET /1 HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(once.read_all().ends_with("GET /1  0"));
  EXPECT_TRUE(once.closed());
  RawClient kept(server.port());
  for (int i = 0; i < 2; ++i) {
    kept.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(count_of(kept.read_past("GET /1  0"), "Connection: keep-alive"), 1u);
  }
}

TEST(HttpServer, ClosesWhenTheClientAsksForIt) {
  HttpServer server({}, describe_request);
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(count_of(client.read_all(), "Connection: close"), 1u);
  EXPECT_TRUE(client.closed());
}

TEST(HttpServer, TakesChunkedBodiesAndForgetsTrailers) {
  std::string seen;
  HttpServer server({}, [&](HttpRequest request, Responder responder) {
    seen = request.body;
    responder.send(text_response(request.headers.has("Late") ? "trailer kept" : "done"));
  });
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;name=value\r\nhello\r\n");
  client.send("1\r\n \r\n5\r\nworld\r\n0\r\nLate: field\r\n\r\n");
  EXPECT_TRUE(client.read_past("done").ends_with("done"));
  EXPECT_EQ(seen, "hello world");
}

TEST(HttpServer, SaysContinueOnlyToAWaitingClient) {
  HttpServer server({}, describe_request);
  RawClient waiting(server.port());
  waiting.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(waiting.read_past("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  waiting.send("abc");
  EXPECT_TRUE(waiting.read_past("POST").starts_with("HTTP/1.1 200 OK\r\n"));
  RawClient hasty(server.port());
  hasty.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc");
  EXPECT_TRUE(hasty.read_past("POST").starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST(HttpServer, RefusesByAdmitBeforeTheBodyComes) {
  ServerSettings settings;
  settings.admit = [](const HttpRequest& head) -> std::optional<HttpResponse> {
    if (head.headers.has("Authorization")) return std::nullopt;
    return problem_response({401, "no_key", "Give a key."});
  };
  HttpServer server(settings, describe_request);
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_TRUE(client.read_all().starts_with("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_EQ(server.stats().requests, 0u);
}

TEST(HttpServer, AnswersPipelinedRequestsInOrderOneAtATime) {
  std::atomic<int> running{0}, most{0};
  std::vector<std::thread> makers;
  HttpServer server({}, [&](HttpRequest request, Responder responder) {
    most = std::max<int>(most, ++running);
    makers.emplace_back([&running, request, responder] {
      std::this_thread::sleep_for(Milliseconds(5));
      --running;
      responder.send(text_response("<" + request.path + ">"));
    });
  });
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 10; ++i) all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  client.send(all);
  const std::string got = client.read_past("</9>");
  size_t last = 0;
  for (int i = 0; i < 10; ++i) {
    const size_t at = got.find("</" + std::to_string(i) + ">");
    ASSERT_NE(at, got.npos);
    EXPECT_GE(at, last);
    last = at;
  }
  EXPECT_EQ(most, 1);
  for (std::thread& maker : makers) maker.join();
}

TEST(HttpServer, HoldsBackReadingWhenTooMuchIsPipelined) {
  ServerSettings settings;
  settings.limits.pipelined_bytes = 1000;
  Signal go;
  std::thread maker;
  std::atomic<int> calls{0};
  HttpServer server(settings, [&](HttpRequest, Responder responder) {
    if (++calls > 1) return responder.send(text_response("x"));
    maker = std::thread([&go, responder] {
      go.wait();
      responder.send(text_response("x"));
    });
  });
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 4000; ++i) all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  std::thread writer([&] { client.send(all); });
  EXPECT_TRUE(eventually([&] { return server.stats().bytes_in >= 1000; }));
  std::this_thread::sleep_for(Milliseconds(20));
  EXPECT_LT(server.stats().bytes_in, 140'000u);
  go.raise();
  const std::string got = client.read_until(
      [](const std::string& text) { return count_of(text, "HTTP/1.1 200") == 4000; }, Milliseconds(5000));
  EXPECT_EQ(count_of(got, "HTTP/1.1 200"), 4000u);
  writer.join();
  maker.join();
}

TEST(HttpServer, Answers500WhenTheHandlerFailsOrForgets) {
  std::vector<AccessRecord> records;
  ServerSettings settings;
  settings.access = [&](const AccessRecord& record) { records.push_back(record); };
  {
    HttpServer server(settings, [](HttpRequest request, Responder) {
      if (request.path == "/throw") throw Error("broken", "here", "mend it");
    });
    HttpClient client(server.urls().front());
    EXPECT_EQ(client.get("/throw").status, 500);
    EXPECT_EQ(client.get("/forget").status, 500);
    EXPECT_EQ(server.stats().accepted, 1u);
  }
  ASSERT_EQ(records.size(), 2u);
  EXPECT_NE(records[0].note.find("broken"), std::string::npos);
}

TEST(HttpServer, CutsAStreamThatItsMakerDoesNotEnd) {
  HttpServer server({}, [](HttpRequest, Responder responder) { responder.begin(text_response("half")); });
  HttpClient client(server.urls().front());
  EXPECT_THROW(client.get("/"), Error);
}

TEST(HttpServer, SendsLargeAnswersWholeToASlowReader) {
  const std::string large(3 << 20, 'x');
  HttpServer server({}, [&](HttpRequest, Responder responder) { responder.send(text_response(large)); });
  RawClient client(server.port(), 32 << 10);
  client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  std::this_thread::sleep_for(Milliseconds(50));
  EXPECT_GT(client.read_all().size(), large.size());
}

TEST(HttpServer, KeepsHeaderFieldsInOnePiece) {
  HttpServer server({}, [&](HttpRequest, Responder responder) {
    HttpResponse response = text_response("x");
    response.headers.add("X-Echo", "a\r\nInjected: b");
    response.headers.add("Bad Name", "c");
    responder.send(response);
  });
  HttpClient client(server.urls().front());
  const HttpResponse answer = client.get("/");
  EXPECT_EQ(answer.headers.get("X-Echo"), "a  Injected: b");
  EXPECT_FALSE(answer.headers.has("Injected"));
  EXPECT_FALSE(answer.headers.has("Bad Name"));
}

TEST(HttpServer, TellsEachRequestToTheAccessLog) {
  AccessRecord seen;
  Signal told;
  ServerSettings settings;
  settings.access = [&](const AccessRecord& record) {
    seen = record;
    told.raise();
  };
  HttpServer server(settings, [](HttpRequest, Responder responder) {
    responder.set_note("key: one");
    responder.send(text_response("four", 202));
  });
  HttpClient client(server.urls().front());
  client.post("/path?q=1", "12345");
  ASSERT_TRUE(told.wait());
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/path?q=1");
  EXPECT_EQ(seen.status, 202);
  EXPECT_EQ(seen.received, 5u);
  EXPECT_GT(seen.sent, 4u);
  EXPECT_EQ(seen.note, "key: one");
  EXPECT_TRUE(seen.complete);
  EXPECT_TRUE(seen.peer.starts_with("127.0.0.1:"));
}

TEST(HttpServer, ListensOnIpv6WhereThereIsOne) {
  try {
    HttpServer server({.host = "::1"}, describe_request);
    EXPECT_EQ(HttpClient(server.urls().front()).get("/six").body, "GET /six  0");
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("cannot listen"), std::string::npos) << error.what();
  }
}

TEST(HttpServer, SaysWhatIsWrongWithAnAddress) {
  HttpServer first({}, describe_request);
  EXPECT_THROW(HttpServer({.port = first.port()}, describe_request), Error);
  EXPECT_THROW(HttpServer({.host = "192.0.2.1"}, describe_request), Error);
  EXPECT_THROW(HttpServer({.threads = 0}, describe_request), UsageError);
}

TEST(HttpServer, AnswersTwoHundredConnectionsAtOnceOnSeveralThreads) {
  std::mutex mutex;
  std::vector<std::pair<std::string, Responder>> waiting;
  ServerSettings settings;
  settings.threads = 3;
  HttpServer server(settings, [&](HttpRequest request, Responder responder) {
    const std::lock_guard lock(mutex);
    waiting.emplace_back(request.path, responder);
  });
  std::vector<RawClient> clients;
  for (int i = 0; i < 200; ++i) {
    clients.emplace_back(server.port());
    clients.back().send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  ASSERT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex);
    return waiting.size() == 200;
  }));
  EXPECT_EQ(server.stats().open, 200);
  for (const auto& [path, responder] : waiting) responder.send(text_response("<" + path + ">"));
  for (int i = 0; i < 200; ++i) {
    const std::string mark = "</" + std::to_string(i) + ">";
    EXPECT_TRUE(clients[i].read_past(mark).ends_with(mark));
  }
}

}  // namespace
}  // namespace aurora::net
