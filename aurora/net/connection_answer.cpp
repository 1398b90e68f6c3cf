// The answering half of a connection: from the exchange to bytes, and the ends of answers and connections.
#include <exception>

#include "aurora/net/connection.h"

namespace aurora::net {
namespace {

constexpr size_t kKeptCapacity = 4 << 10;  // of the buffers of an idle connection
constexpr const char* kTooSlow = "client reads too slowly";
constexpr size_t kSharedBodyBytes = 64 << 10;  // from here on a body is sent from where it is

}  // namespace

void Connection::empty(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > kKeptCapacity) buffer.shrink_to_fit();
}

void Connection::answer_ready(Moment now) {
  if (!exchange_) return;
  if (next_output().empty()) return collect(now);
  if (exchange_->look_for_overflow()) cut_off(kTooSlow, now);
}

// Takes what the answer's maker has left since the last time.
void Connection::collect(Moment now) {
  Exchange::Taken taken = exchange_->take();
  if (taken.overflow) return cut_off(kTooSlow, now);
  if (taken.aborted) return break_off("answer was not finished", now);
  if (taken.abandoned) {
    taken.head = describe({500, "internal_error", "The server gave no answer to this request."});
    taken.whole = true;
  }
  empty(output_);
  output_sent_ = 0;
  progress_ = now;
  if (taken.head) {
    HttpResponse& head = *taken.head;
    keep_alive_ = keep_alive_ && !shared_.draining && (taken.whole || spec_.minor_version > 0);
    spec_.whole = taken.whole;
    spec_.keep_alive = keep_alive_;
    record_.status = head.status;
    append_head(output_, head, spec_);
    if (taken.whole && !without_body_ && has_body(head.status)) {
      if (head.shared_body) {
        shared_output_ = std::move(head.shared_body);
      } else if (head.body.size() >= kSharedBodyBytes) {
        shared_output_ = std::make_shared<const std::string>(std::move(head.body));
      } else {
        output_ += head.body;
      }
    }
  }
  output_.empty() ? output_.swap(taken.bytes) : void(output_ += taken.bytes);
  answer_ended_ = taken.ended;
  if (next_output().empty() && answer_ended_) finish_answer(now);
}

std::string_view Connection::next_output() const {
  if (output_sent_ < output_.size()) return std::string_view(output_).substr(output_sent_);
  if (shared_output_) return std::string_view(*shared_output_).substr(shared_sent_);
  return {};
}

void Connection::output_taken(size_t bytes, Moment now) {
  shared_.bytes_out += bytes;
  record_.sent += bytes;
  progress_ = now;
  if (output_sent_ < output_.size()) {
    output_sent_ += bytes;
  } else {
    shared_sent_ += bytes;
    if (shared_sent_ == shared_output_->size()) {
      shared_output_.reset();
      shared_sent_ = 0;
    }
  }
  if (exchange_) exchange_->set_in_flight(output_.size() - output_sent_);
  if (!next_output().empty()) return;
  empty(output_);
  output_sent_ = 0;
  if (!exchange_) return;
  answer_ended_ ? finish_answer(now) : collect(now);
}

void Connection::finish_answer(Moment now) {
  record(true, exchange_->note(), now);
  exchange_->finish();
  exchange_.reset();
  --shared_.active;
  since_ = now;
  if (!keep_alive_ || shared_.draining) {
    phase_ = Phase::kLingering;
    empty(input_);
    return;
  }
  phase_ = Phase::kIdle;
  if (input_.empty()) return;
  input_.erase(0, advance(input_, now));  // what was sent ahead
}

HttpResponse Connection::describe(const HttpProblem& problem) const {
  try {
    return shared_.settings.problem(problem);
  } catch (const std::exception&) {
    return problem_response(problem);
  }
}

// Answers without the handler, and closes: the rest of the request is not read.
void Connection::answer_at_once(const HttpResponse& response, const std::string& why, Moment now) {
  release_body();
  const bool without_body = record_.method == "HEAD" || !has_body(response.status);
  append_head(output_, response, {.minor_version = 1, .keep_alive = false, .whole = true});
  if (!without_body) output_ += response.content();
  parser_.reset();
  empty(input_);
  record_.status = response.status;
  record_.sent = output_.size();
  record(true, why, now);
  phase_ = Phase::kLingering;
  since_ = now;
  progress_ = now;
}

void Connection::refuse(const HttpProblem& problem, Moment now) {
  ++shared_.cut_off;
  if (parser_) {
    record_.method = parser_->request().method;
    record_.target = parser_->request().target;
  }
  answer_at_once(describe(problem), problem.code, now);
}

// The end, in the middle of something.
void Connection::break_off(const std::string& why, Moment now) {
  release_body();
  cut_ = phase_ != Phase::kIdle && phase_ != Phase::kLingering;
  phase_ = Phase::kGone;
  parser_.reset();
  if (!exchange_) return;
  const std::string note = exchange_->note();
  record(false, note.empty() ? why : note + "; " + why, now);
  --shared_.active;
  exchange_->hang_up();
  exchange_.reset();
}

// The client's limits are passed.
void Connection::cut_off(const std::string& why, Moment now) {
  ++shared_.cut_off;
  break_off(why, now);
}

void Connection::input_ended(Moment now) {
  answer_ready(now);  // the answer's end may be there and not yet seen
  if (phase_ == Phase::kGone) return;
  const bool all_but_sent = phase_ == Phase::kLingering || (exchange_ && answer_ended_);
  if (all_but_sent && !next_output().empty()) {
    keep_alive_ = false;  // it may still read
    return;
  }
  break_off("client hung up", now);
}

void Connection::output_failed(Moment now) {
  break_off("client hung up", now);
}

void Connection::record(bool complete, const std::string& note, Moment now) {
  if (!shared_.settings.access) return;
  record_.peer = peer_.name;
  record_.note = note;
  record_.complete = complete;
  record_.milliseconds = std::chrono::duration<double, std::milli>(now - since_).count();
  shared_.settings.access(record_);
}

bool Connection::output_done() const {
  return phase_ == Phase::kLingering && next_output().empty();
}

}  // namespace aurora::net
