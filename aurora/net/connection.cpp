#include "aurora/net/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

namespace aurora::net {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Connection(ServerShared& shared, Peer peer, std::function<void()> wake, Moment now)
    : shared_(shared),
      limits_(shared.settings.limits),
      peer_(std::move(peer)),
      wake_(std::move(wake)),
      phase_(Phase::kHandshake),
      since_(now),
      progress_(now) {}

Connection::~Connection() {
  if (phase_ != Phase::kGone) break_off("connection closed", since_);
}

void Connection::established(Moment now) {
  if (phase_ != Phase::kHandshake) return;
  phase_ = Phase::kIdle;
  since_ = now;
  if (peer_.refused) {
    const HttpProblem problem{503, "too_many_connections",
                              "The server has as many connections as it takes. Try again soon."};
    answer_at_once(describe(problem), problem.code, now);
  }
}

bool Connection::wants_input() const {
  return phase_ != Phase::kGone && (phase_ != Phase::kAnswering || input_.size() < limits_.pipelined_bytes);
}

void Connection::take_input(std::string_view bytes, Moment now) {
  if (phase_ == Phase::kLingering || phase_ == Phase::kGone) return;
  shared_.bytes_in += bytes.size();
  if (input_.empty()) {
    const size_t used = advance(bytes, now);
    if (phase_ != Phase::kLingering) input_.assign(bytes.substr(used));
  } else {
    input_.append(bytes);
    input_.erase(0, advance(input_, now));
  }
  if (input_.empty()) empty(input_);
}

// Parses, and calls the handler when a request is whole; returns how many bytes are done with.
size_t Connection::advance(std::string_view bytes, Moment now) {
  size_t used = 0;
  while (used < bytes.size() && phase_ != Phase::kAnswering && phase_ != Phase::kLingering) {
    if (phase_ == Phase::kIdle) {
      // An empty line before a request is forgiven (RFC 9112, 2.2).
      if (bytes[used] == '\r' || bytes[used] == '\n') {
        ++used;
        continue;
      }
      parser_.emplace(limits_);
      phase_ = Phase::kHeader;
      if (!fresh_) since_ = now;  // the first request's time counts from the connection
      fresh_ = false;
      keep_alive_ = true;
      record_ = {};
    }
    const size_t taken = parser_->feed(bytes.substr(used));
    used += taken;
    if (parser_->problem()) {
      refuse(*parser_->problem(), now);
      break;
    }
    if (phase_ == Phase::kHeader && parser_->header_complete()) {
      phase_ = Phase::kBody;
      since_ = now;
      if (!accept_header(used < bytes.size(), now)) break;
    }
    if (phase_ == Phase::kBody && !account_body(now)) break;
    if (parser_->complete()) {
      dispatch(now);
    } else if (taken == 0) {
      break;
    }
  }
  return phase_ == Phase::kLingering ? bytes.size() : used;
}

// A header is there: may its body come? False: it was refused.
bool Connection::accept_header(bool body_is_here, Moment now) {
  HttpRequest& request = parser_->request();
  request.peer = peer_.name;
  request.secure = peer_.secure;
  record_.method = request.method;
  record_.target = request.target;
  spec_ = {.minor_version = request.minor_version};
  keep_alive_ = parser_->keep_alive();
  if (shared_.settings.admit) {
    std::optional<HttpResponse> refusal;
    std::string why;
    try {
      refusal = shared_.settings.admit(request);
    } catch (const std::exception& error) {
      why = error.what();
      refusal = describe({500, "internal_error", "The server failed on this request."});
    }
    if (refusal && parser_->complete()) {  // no body comes: the connection can be kept
      start_answer(now);
      exchange_->set_note(std::move(why));
      exchange_->send(std::move(*refusal));
      return false;
    }
    if (refusal) {
      answer_at_once(*refusal, why, now);
      return false;
    }
  }
  if (parser_->expects_continue() && !parser_->complete() && !body_is_here) {
    output_ += kContinue;
    progress_ = now;
  }
  return true;
}

bool Connection::account_body(Moment now) {
  const uint64_t size = parser_->request().body.size();
  record_.received = size;
  const uint64_t all = shared_.body_bytes += size - body_counted_;
  body_counted_ = size;
  if (all <= limits_.all_bodies_bytes) return true;
  refuse({503, "too_much_input", "The server is receiving as much as it can hold. Try again soon."}, now);
  return false;
}

void Connection::release_body() {
  shared_.body_bytes -= std::exchange(body_counted_, 0);
}

// The request is whole and taken: from here on its answer is waited for.
void Connection::start_answer(Moment now) {
  parser_.reset();
  release_body();
  phase_ = Phase::kAnswering;
  since_ = now;
  progress_ = now;
  answer_ended_ = false;
  const Exchange::Spec spec{.without_body = record_.method == "HEAD",
                            .chunked = spec_.minor_version > 0,
                            .unsent_bytes = limits_.unsent_bytes};
  without_body_ = spec.without_body;
  exchange_ = std::make_shared<Exchange>(spec, wake_);
  ++shared_.active;
}

void Connection::dispatch(Moment now) {
  HttpRequest request = std::move(parser_->request());
  start_answer(now);
  ++shared_.requests;
  const Responder responder(std::make_shared<Responder::Handle>(exchange_));
  try {
    shared_.handler(std::move(request), responder);
  } catch (const std::exception& error) {
    responder.set_note(error.what());
    responder.send(describe({500, "internal_error", "The server failed on this request."}));
    responder.abort();  // where the answer had begun
  }
}

void Connection::start_drain() {
  if (phase_ == Phase::kIdle || phase_ == Phase::kHandshake) phase_ = Phase::kGone;
}

void Connection::tick(Moment now) {
  const Moment::duration spent = now - since_;
  if (!next_output().empty() && now - progress_ > limits_.stall_time) {
    return cut_off("client stopped reading", now);
  }
  switch (phase_) {
    case Phase::kHandshake:
      if (spent > limits_.handshake_time) cut_off("handshake took too long", now);
      break;
    case Phase::kIdle:
      if (spent > (fresh_ ? limits_.header_time : limits_.idle_time)) phase_ = Phase::kGone;
      break;
    case Phase::kHeader:
      if (spent > limits_.header_time) {
        refuse({408, "header_too_slow",
                fmt::format("The header did not come within {} ms.", limits_.header_time.count())},
               now);
      }
      break;
    case Phase::kBody: {
      const double rated = std::chrono::duration<double>(spent - limits_.body_grace).count();
      if (rated > 0 &&
          static_cast<double>(record_.received) < rated * static_cast<double>(limits_.body_rate)) {
        refuse({408, "body_too_slow",
                fmt::format("The body comes more slowly than {} bytes per second.", limits_.body_rate)},
               now);
      }
      break;
    }
    case Phase::kLingering:
      if (next_output().empty() && spent > limits_.linger_time) phase_ = Phase::kGone;
      break;
    case Phase::kAnswering:
    case Phase::kGone:
      break;
  }
}

}  // namespace aurora::net
