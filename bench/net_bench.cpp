// The HTTP server on loopback: requests per second of small answers, how long they take while 500 connections
// are open, events per second of streams, and the memory of an idle connection. Client and server share this
// process and its cores; processor time is that of both.
//
//   build/net_bench [SECONDS]
#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/net/http_client.h"
#include "aurora/net/http_server.h"

namespace {

using namespace aurora;       // NOLINT
using namespace aurora::net;  // NOLINT
using Clock = std::chrono::steady_clock;

constexpr std::string_view kRequest = "GET /health HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\n\r\n";
constexpr std::string_view kBody = R"({"status":"ok"})";

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double processor_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Of this process, in bytes.
double resident_bytes() {
  const std::string text = read_file("/proc/self/statm");
  return std::stod(text.substr(text.find(' ') + 1)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

int connect_to(uint16_t port) {
  const int made = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) std::perror("connect");
  return made;
}

std::vector<int> connect_many(uint16_t port, int count) {
  std::vector<int> made;
  for (int i = 0; i < count; ++i) made.push_back(connect_to(port));
  return made;
}

void close_all(const std::vector<int>& sockets) {
  for (const int one : sockets) ::close(one);
}

void answer(HttpRequest, Responder responder) {
  HttpResponse response;
  response.headers.add("Content-Type", "application/json");
  response.body = kBody;
  responder.send(std::move(response));
}

struct Load {
  double per_second = 0;
  double processor_us = 0;  // of client and server, for one request
  double p50_ms = 0, p99_ms = 0;
};

// One request under way on each of `active` connections; with pause_us between rounds of all of them.
Load measure(uint16_t port, int active, double seconds, int pause_us) {
  const std::vector<int> sockets = connect_many(port, active);
  std::vector<pollfd> waiting;
  for (const int one : sockets) waiting.push_back({.fd = one, .events = POLLIN, .revents = 0});
  std::vector<Clock::time_point> sent(sockets.size());
  std::vector<double> times;
  char buffer[4096];
  const auto begin = Clock::now();
  const double processor = processor_seconds();
  const auto ask = [&](size_t i) {
    sent[i] = Clock::now();
    if (::send(sockets[i], kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) std::perror("send");
  };
  while (seconds_since(begin) < seconds) {
    for (size_t i = 0; i < sockets.size(); ++i) ask(i);
    size_t left = sockets.size();
    const auto round = Clock::now();
    const bool paced = pause_us > 0;
    while (left > 0) {
      ::poll(waiting.data(), waiting.size(), 1000);
      for (size_t i = 0; i < sockets.size(); ++i) {
        if (!(waiting[i].revents & POLLIN) || ::recv(sockets[i], buffer, sizeof buffer, 0) <= 0) continue;
        times.push_back(seconds_since(sent[i]) * 1e3);
        // Unpaced, a connection asks again at once for a while.
        if (!paced && seconds_since(round) < 0.5) {
          ask(i);
        } else {
          --left;
        }
      }
    }
    if (paced) std::this_thread::sleep_for(std::chrono::microseconds(pause_us));
  }
  Load load;
  load.per_second = static_cast<double>(times.size()) / seconds_since(begin);
  load.processor_us = (processor_seconds() - processor) * 1e6 / static_cast<double>(times.size());
  std::sort(times.begin(), times.end());
  load.p50_ms = times[times.size() / 2];
  load.p99_ms = times[times.size() * 99 / 100];
  close_all(sockets);
  return load;
}

void print(const char* what, const Load& load) {
  fmt::print("{:<44} {:>8.0f} requests/s, {:.1f} us of processor each, p50 {:.3f} ms, p99 {:.3f} ms\n", what,
             load.per_second, load.processor_us, load.p50_ms, load.p99_ms);
}

void measure_idle(HttpServer& server, int count) {
  const double before = resident_bytes();
  const std::vector<int> sockets = connect_many(server.port(), count);
  char buffer[4096];
  for (const int one : sockets) {  // each has had one request
    if (::send(one, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) std::perror("send");
    if (::recv(one, buffer, sizeof buffer, 0) <= 0) std::perror("recv");
  }
  fmt::print("{:<44} {:>8.0f} bytes\n", fmt::format("an idle connection (of {})", count),
             (resident_bytes() - before) / count);
  close_all(sockets);
}

void measure_stream(double seconds) {
  std::thread maker;
  HttpServer server({}, [&](HttpRequest, Responder responder) {
    maker = std::thread([responder] {
      responder.begin(HttpResponse{});
      const std::string event = "data: {\"choices\":[{\"delta\":{\"content\":\" token\"}}]}\n\n";
      while (!responder.gone()) {
        if (responder.unsent_bytes() < 100'000) responder.write(event);
      }
    });
  });
  HttpClient client(server.urls().front());
  client.open(make_request("GET", "/"));
  const auto begin = Clock::now();
  uint64_t bytes = 0;
  while (seconds_since(begin) < seconds) bytes += client.read().value_or("").size();
  fmt::print("{:<44} {:>8.0f} events/s\n", "one stream of events",
             static_cast<double>(bytes) / 53 / seconds_since(begin));
  client.close();
  maker.join();
}

}  // namespace

int main(int count, char** arguments) {
  const double seconds = count > 1 ? std::stod(arguments[1]) : 3;
  ServerSettings settings;
  settings.limits.connections = 5000;
  HttpServer server(settings, answer);
  measure_idle(server, 4000);
  print("1 connection", measure(server.port(), 1, seconds, 0));
  print("64 connections", measure(server.port(), 64, seconds, 0));
  const std::vector<int> idle = connect_many(server.port(), 468);
  print("64 connections beside 468 idle ones", measure(server.port(), 64, seconds, 0));
  print("32 at once, 50 times a second, 468 idle", measure(server.port(), 32, seconds, 20'000));
  close_all(idle);
  print("500 connections, all active", measure(server.port(), 500, seconds, 0));
  measure_stream(seconds);
  return 0;
}
