// A connection without sockets, for tests and the fuzz target: bytes and moments by hand, answers at once.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aurora/net/connection.h"

namespace aurora::net {

class TestConnection {
 public:
  TestConnection(ServerSettings settings, HttpHandler handler, Connection::Peer peer = {}) {
    shared_.settings = std::move(settings);
    shared_.handler = std::move(handler);
    connection_.emplace(
        shared_, std::move(peer), [this] { woken_ = true; }, now_);
    connection_->established(now_);
  }

  // What comes back for these bytes.
  std::string give(std::string_view bytes) {
    connection_->take_input(bytes, now_);
    return take();
  }
  // Time goes by, the clock is looked at.
  std::string wait(Milliseconds time) {
    now_ += time;
    connection_->tick(now_);
    return take();
  }
  // All output there is.
  std::string take() {
    std::string out;
    for (;;) {
      if (std::exchange(woken_, false)) connection_->answer_ready(now_);
      const std::string_view bytes = connection_->gone() ? std::string_view() : connection_->next_output();
      if (bytes.empty() && !woken_) return out;
      out += bytes;
      if (!bytes.empty()) connection_->output_taken(bytes.size(), now_);
    }
  }

  Connection& connection() { return *connection_; }
  ServerShared& shared() { return shared_; }
  Moment now() const { return now_; }
  void close() { connection_.reset(); }

 private:
  Moment now_{};
  ServerShared shared_;
  bool woken_ = false;
  std::optional<Connection> connection_;
};

}  // namespace aurora::net
