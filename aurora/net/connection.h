// One client's connection as a machine of bytes and moments, without sockets: bytes in, calls of the handler,
// bytes out. Whoever owns it (worker.cpp, the fuzz target) carries the bytes and says what time it is. One
// thread.
//
//   handshake -> idle -> header -> body -> answering -> idle ... -> lingering -> gone
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aurora/net/exchange.h"
#include "aurora/net/http_server.h"
#include "aurora/net/message_parser.h"
#include "aurora/net/message_writer.h"

namespace aurora::net {

using Moment = std::chrono::steady_clock::time_point;

// What all connections of a server share; outlives them.
struct ServerShared {
  ServerSettings settings;
  HttpHandler handler;
  std::atomic<bool> draining{false};
  std::atomic<int> open{0};
  std::atomic<uint64_t> body_bytes{0};  // of bodies that are being received
  std::atomic<uint64_t> accepted{0}, refused{0}, requests{0}, active{0}, cut_off{0}, bytes_in{0},
      bytes_out{0};
};

class Connection {
 public:
  struct Peer {
    std::string name;      // "127.0.0.1:50000"
    bool secure = false;   // begins with a handshake
    bool refused = false;  // one connection too many: gets 503 and goes
  };
  // wake: called from any thread when answer_ready() should be.
  Connection(ServerShared& shared, Peer peer, std::function<void()> wake, Moment now);
  // A pending answer is told that its client has gone.
  ~Connection();
  Connection(const Connection&) = delete;

  void established(Moment now);  // after the handshake, or at once
  void take_input(std::string_view bytes, Moment now);
  void input_ended(Moment now);  // end of stream, or an error
  void answer_ready(Moment now);
  void tick(Moment now);  // looks at the time limits
  void start_drain();

  bool wants_input() const;
  // What to send next; empty: nothing now. Valid until the next call of anything.
  std::string_view next_output() const;
  void output_taken(size_t bytes, Moment now);
  void output_failed(Moment now);  // nothing can be sent any more
  // Everything is sent and nothing will follow: close the sending half (and go on reading until gone()).
  bool output_done() const;
  // Close at once; `cut`: with a reset, as what is in the kernel's buffers shall not be sent.
  bool gone() const { return phase_ == Phase::kGone; }
  bool cut() const { return cut_; }

 private:
  enum class Phase { kHandshake, kIdle, kHeader, kBody, kAnswering, kLingering, kGone };

  static void empty(std::string& buffer);  // of an idle connection: gives its memory back

  size_t advance(std::string_view bytes, Moment now);
  bool accept_header(bool body_is_here, Moment now);
  bool account_body(Moment now);
  void release_body();
  void start_answer(Moment now);
  void dispatch(Moment now);
  void collect(Moment now);
  void finish_answer(Moment now);
  void answer_at_once(const HttpResponse& response, const std::string& why, Moment now);
  void refuse(const HttpProblem& problem, Moment now);
  void cut_off(const std::string& why, Moment now);
  void break_off(const std::string& why, Moment now);
  void record(bool complete, const std::string& note, Moment now);
  HttpResponse describe(const HttpProblem& problem) const;

  ServerShared& shared_;
  const HttpLimits& limits_;
  const Peer peer_;
  const std::function<void()> wake_;
  Phase phase_;
  Moment since_;       // when the phase began
  Moment progress_;    // when output was last taken
  bool fresh_ = true;  // no request yet
  bool cut_ = false;
  bool keep_alive_ = true;

  std::string input_;  // came, not yet parsed
  std::optional<RequestParser> parser_;
  uint64_t body_counted_ = 0;  // of this body in shared_.body_bytes
  std::shared_ptr<Exchange> exchange_;
  HeadSpec spec_;
  bool without_body_ = false;  // HEAD
  bool answer_ended_ = false;
  AccessRecord record_;

  std::string output_;
  size_t output_sent_ = 0;
  std::shared_ptr<const std::string> shared_output_;  // behind output_
  size_t shared_sent_ = 0;
};

}  // namespace aurora::net
