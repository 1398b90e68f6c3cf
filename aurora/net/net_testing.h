// For this folder's tests: raw sockets that say exactly what a test wants, and meeting points between
// threads.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "aurora/net/http_server.h"

namespace aurora::net {

// A client that knows no HTTP. Closes when it goes.
class RawClient {
 public:
  // receive_bytes: the kernel's receive buffer; 0: the default.
  explicit RawClient(uint16_t port, int receive_bytes = 0) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_bytes > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
  }
  ~RawClient() { close(); }
  RawClient(RawClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)), connected_(other.connected_) {}

  bool connected() const { return connected_; }
  // False: the server takes no more.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(put));
    }
    return true;
  }
  void end_output() { ::shutdown(socket_, SHUT_WR); }
  // Everything until the server closes; what came when nothing more comes for `patience`.
  std::string read_all(Milliseconds patience = Milliseconds(5000)) {
    return read_until([](const std::string&) { return false; }, patience);
  }
  // Until `text` stands in what came.
  std::string read_past(std::string_view text, Milliseconds patience = Milliseconds(5000)) {
    return read_until([&](const std::string& got) { return got.find(text) != got.npos; }, patience);
  }
  std::string read_until(const std::function<bool(const std::string&)>& enough, Milliseconds patience) {
    std::string got;
    while (!enough(got)) {
      pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, static_cast<int>(patience.count())) != 1) break;
      char buffer[16384];
      const ssize_t size = ::recv(socket_, buffer, sizeof buffer, 0);
      if (size <= 0) {
        closed_ = true;
        break;
      }
      got.append(buffer, static_cast<size_t>(size));
    }
    return got;
  }
  bool closed() const { return closed_; }  // a read has met the end
  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

 private:
  int socket_;
  bool connected_ = false;
  bool closed_ = false;
};

// Something that happens once, in another thread.
class Signal {
 public:
  void raise() {
    const std::lock_guard lock(mutex_);
    raised_ = true;
    changed_.notify_all();
  }
  bool wait(Milliseconds patience = Milliseconds(5000)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return raised_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool raised_ = false;
};

inline bool eventually(const std::function<bool()>& holds, Milliseconds patience = Milliseconds(5000)) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(Milliseconds(2));
  }
  return true;
}

inline size_t count_of(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

inline HttpResponse text_response(std::string body, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain");
  response.body = std::move(body);
  return response;
}

// Says what it was asked: "METHOD path query bytes".
inline void describe_request(HttpRequest request, Responder responder) {
  responder.send(text_response(request.method + " " + request.path + " " + request.query + " " +
                               std::to_string(request.body.size())));
}

}  // namespace aurora::net
