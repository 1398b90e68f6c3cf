// Slow, rude and many clients, over real sockets.
#include <gtest/gtest.h>

#include <atomic>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/net/http_client.h"
#include "aurora/net/http_server.h"
#include "aurora/net/net_testing.h"

namespace aurora::net {
namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

HttpLimits hurried() {
  HttpLimits limits;
  limits.header_time = Milliseconds(200);
  limits.body_grace = Milliseconds(200);
  limits.linger_time = Milliseconds(200);
  return limits;
}

TEST(HttpServer, RefusesSlowHeadersAndBodies) {
  HttpServer server({.limits = hurried()}, describe_request);
  RawClient slow_header(server.port());
  std::thread dripping([&] {
    for (int i = 0; i < 200 && slow_header.send("G"); ++i) std::this_thread::sleep_for(Milliseconds(20));
  });
  EXPECT_TRUE(slow_header.read_all().starts_with("HTTP/1.1 408 "));
  dripping.join();
  RawClient slow_body(server.port());
  slow_body.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx");
  EXPECT_TRUE(slow_body.read_all().starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(slow_body.closed());
}

TEST(HttpServer, LetsARefusalBeReadByAClientThatGoesOnSending) {
  HttpServer server({.limits = {.body_bytes = 1000}}, describe_request);
  HttpClient client(server.urls().front());
  const HttpResponse answer = client.post("/", std::string(20 << 20, 'x'));
  EXPECT_EQ(answer.status, 413);
  EXPECT_NE(answer.body.find("1000 bytes"), std::string::npos);
  EXPECT_EQ(client.post("/", "x").status, 200);
}

TEST(HttpServer, CutsOffAReaderSlowerThanItsStream) {
  std::atomic<bool> told{false};
  std::atomic<bool> stopped{false};
  std::thread maker;
  ServerSettings settings;
  settings.limits.unsent_bytes = 100'000;
  settings.limits.socket_send_bytes = 16 << 10;
  HttpServer server(settings, [&](HttpRequest, Responder responder) {
    responder.on_hang_up([&] { told = true; });
    responder.begin(text_response(""));
    maker = std::thread([&stopped, responder] {
      while (responder.write(std::string(10'000, 'x'))) std::this_thread::yield();
      stopped = true;
    });
  });
  RawClient client(server.port(), 4096);
  client.send(kGet);
  EXPECT_TRUE(eventually([&] { return told && stopped; }));
  EXPECT_TRUE(eventually([&] { return server.stats().open == 0; }));
  maker.join();
}

TEST(HttpServer, NoticesAHangUpWhileNothingIsWritten) {
  Signal called, told;
  std::optional<Responder> held;
  HttpServer server({}, [&](HttpRequest request, Responder responder) {
    if (request.path == "/stream") responder.begin(text_response("begun"));
    responder.on_hang_up([&] { told.raise(); });
    held = responder;
    called.raise();
  });
  {
    RawClient client(server.port());
    client.send(kGet);
    ASSERT_TRUE(called.wait());
  }
  EXPECT_TRUE(told.wait());
  EXPECT_TRUE(held->gone());
  EXPECT_TRUE(eventually([&] { return server.stats().open == 0; }));
}

TEST(HttpServer, NoticesAHangUpInTheMiddleOfAStream) {
  Signal told;
  std::optional<Responder> held;
  Signal called;
  HttpServer server({}, [&](HttpRequest, Responder responder) {
    responder.begin(text_response("begun"));
    responder.on_hang_up([&] { told.raise(); });
    held = responder;
    called.raise();
  });
  {
    HttpClient client(server.urls().front());
    client.open(make_request("GET", "/"));
    EXPECT_EQ(client.read(), "begun");
  }
  EXPECT_TRUE(told.wait());
  EXPECT_FALSE(held->write("more"));
}

TEST(HttpServer, RefusesConnectionsBeyondItsLimitAndGoesOn) {
  HttpServer server({.limits = {.connections = 5, .linger_time = Milliseconds(200)}}, describe_request);
  std::vector<RawClient> clients;
  for (int i = 0; i < 5; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(kGet);
    EXPECT_TRUE(clients.back().read_past("GET /  0").starts_with("HTTP/1.1 200 "));
  }
  RawClient sixth(server.port());
  sixth.send(kGet);
  EXPECT_TRUE(sixth.read_all().starts_with("HTTP/1.1 503 "));
  clients.pop_back();
  sixth.close();
  EXPECT_TRUE(eventually([&] {
    RawClient again(server.port());
    again.send(kGet);
    return again.read_past("\r\n").starts_with("HTTP/1.1 200 ");
  }));
  EXPECT_GE(server.stats().refused, 1u);
}

TEST(HttpServer, DrainLetsAnswersEndAndClosesIdleConnections) {
  std::optional<Responder> held;
  Signal called;
  HttpServer server({}, [&](HttpRequest request, Responder responder) {
    if (request.path == "/quick") return responder.send(text_response("quick"));
    responder.begin(text_response("one "));
    held = responder;
    called.raise();
  });
  RawClient idle(server.port());
  idle.send("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n");
  idle.read_past("quick");
  RawClient client(server.port());
  client.send(kGet);
  ASSERT_TRUE(called.wait());
  std::thread drainer([&] { EXPECT_TRUE(server.drain(Milliseconds(10'000))); });
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_TRUE(idle.closed());
  EXPECT_FALSE(RawClient(server.port()).connected());
  held->write("two");
  held->end();
  EXPECT_EQ(count_of(client.read_all(), "two\r\n0\r\n\r\n"), 1u);
  EXPECT_TRUE(client.closed());
  client.close();
  drainer.join();
}

TEST(HttpServer, DrainGivesUpAtItsDeadline) {
  std::optional<Responder> held;
  Signal called, told;
  HttpServer server({}, [&](HttpRequest, Responder responder) {
    held = responder;
    responder.on_hang_up([&] { told.raise(); });
    called.raise();
  });
  RawClient client(server.port());
  client.send(kGet);
  ASSERT_TRUE(called.wait());
  EXPECT_FALSE(server.drain(Milliseconds(50)));
  EXPECT_TRUE(told.wait());
  EXPECT_EQ(client.read_all(), "");
}

TEST(HttpServer, GoesDownWithAnswersPendingAndRespondersInUse) {
  std::mutex mutex;
  std::vector<Responder> held;
  std::atomic<int> told{0};
  std::atomic<bool> stop{false};
  std::vector<RawClient> clients;
  std::thread maker([&] {
    while (!stop) {
      const std::lock_guard lock(mutex);
      for (const Responder& responder : held) responder.write("piece");
    }
  });
  {
    HttpServer server({.threads = 2}, [&](HttpRequest, Responder responder) {
      responder.on_hang_up([&] { ++told; });
      responder.begin(text_response("begun"));
      const std::lock_guard lock(mutex);
      held.push_back(responder);
    });
    for (int i = 0; i < 20; ++i) {
      clients.emplace_back(server.port());
      clients.back().send(kGet);
    }
    EXPECT_TRUE(eventually([&] { return server.stats().active == 20; }));
  }
  EXPECT_EQ(told, 20);
  stop = true;
  maker.join();
}

TEST(HttpServer, SurvivesManyRudeClientsAtOnce) {
  std::mutex mutex;
  std::vector<std::thread> makers;
  HttpServer server({.threads = 2, .limits = hurried()}, [&](HttpRequest request, Responder responder) {
    const std::lock_guard lock(mutex);
    makers.emplace_back([responder, body = std::move(request.body)] {
      responder.begin(text_response(""));
      for (int i = 0; i < 20 && responder.write(body); ++i) std::this_thread::yield();
      responder.end();
    });
  });
  std::vector<std::thread> clients;
  std::atomic<int> whole{0};
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round) {
        RawClient client(server.port());
        const std::string mark(100, static_cast<char>('a' + i));
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n");
        if (round % 5 == 1) continue;  // hangs up within the body
        client.send(mark);
        if (round % 5 == 2) continue;  // ... before the answer
        if (round % 5 == 3) {
          client.read_past(mark);  // ... within it
          continue;
        }
        const std::string got = client.read_past("\r\n0\r\n\r\n");
        if (count_of(got, mark) == 20) ++whole;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(whole, 8 * 4);
  EXPECT_TRUE(eventually([&] { return server.stats().open == 0 && server.stats().active == 0; }));
  const std::lock_guard lock(mutex);
  for (std::thread& maker : makers) maker.join();
}

}  // namespace
}  // namespace aurora::net
