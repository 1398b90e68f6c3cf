// One answer on its way from the threads that make it to the connection that sends it. The meeting point of
// the two sides: all functions lock, none blocks longer than a copy.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "aurora/net/http.h"
#include "aurora/net/http_server.h"

namespace aurora::net {

class Exchange {
 public:
  struct Spec {
    bool without_body = false;  // HEAD: the head only
    bool chunked = true;        // HTTP/1.1
    uint64_t unsent_bytes = 0;  // as HttpLimits
  };
  // wake: called (under the lock, from any thread) when take() has something new; must only schedule.
  Exchange(const Spec& spec, std::function<void()> wake);

  // The maker's side; see Responder.
  void send(HttpResponse response);
  void begin(HttpResponse head);
  bool write(std::string_view piece);
  void end();
  void abort();
  void abandon();  // the last Responder has gone
  void on_hang_up(std::function<void()> callback);
  bool gone() const;
  uint64_t unsent_bytes() const;
  void set_note(std::string note);

  // The connection's side, one thread.
  struct Taken {
    std::optional<HttpResponse> head;  // once
    bool whole = false;                // head's content is the whole body
    std::string bytes;                 // of a stream, framed
    bool ended = false;                // nothing follows
    bool abandoned = false;            // nobody will answer
    bool aborted = false;              // the maker gives up in the middle
    bool overflow = false;             // the client reads too slowly
  };
  Taken take();
  // Looks without taking, while earlier bytes are still being sent: does the client read too slowly?
  bool look_for_overflow();
  void set_in_flight(uint64_t bytes);  // taken and not yet sent
  // The client has gone (the callback hears of it), or the answer is done (it never will). Nothing wakes
  // the connection after either.
  void hang_up();
  void finish();
  std::string note() const;

 private:
  enum class State { kWaiting, kStreaming, kEnded };
  void wake();
  std::function<void()> forget_callback();

  const Spec spec_;
  mutable std::mutex mutex_;
  std::function<void()> wake_;
  bool woken_ = false;  // since the last take()
  State state_ = State::kWaiting;
  std::optional<HttpResponse> head_;
  bool whole_ = false;
  bool has_body_ = true;
  std::string pending_;
  uint64_t in_flight_ = 0;
  bool abandoned_ = false, aborted_ = false, overflow_ = false;
  bool gone_ = false;
  std::function<void()> hang_up_;
  std::string note_;
};

// Counts the Responders of one answer.
struct Responder::Handle {
  explicit Handle(std::shared_ptr<Exchange> exchange) : exchange(std::move(exchange)) {}
  ~Handle();
  const std::shared_ptr<Exchange> exchange;
};

}  // namespace aurora::net
