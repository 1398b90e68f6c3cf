#include "aurora/net/exchange.h"

#include <utility>

#include "aurora/net/message_writer.h"

namespace aurora::net {

Exchange::Exchange(const Spec& spec, std::function<void()> wake) : spec_(spec), wake_(std::move(wake)) {}

void Exchange::wake() {
  if (woken_ || !wake_) return;
  woken_ = true;
  wake_();
}

// The maker is done. One that was told by write() that its client has gone still gets its callback.
std::function<void()> Exchange::forget_callback() {
  return overflow_ ? nullptr : std::exchange(hang_up_, nullptr);
}

void Exchange::send(HttpResponse response) {
  std::function<void()> dropped;  // destroyed outside the lock: it may own much
  const std::lock_guard lock(mutex_);
  if (state_ != State::kWaiting) return;
  if (!gone_) head_ = std::move(response);
  whole_ = true;
  state_ = State::kEnded;
  dropped = forget_callback();
  wake();
}

void Exchange::begin(HttpResponse head) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kWaiting) return;
  state_ = State::kStreaming;
  has_body_ = !spec_.without_body && has_body(head.status);
  if (has_body_) {
    if (spec_.chunked) {
      append_chunk(pending_, head.content());
    } else {
      pending_ = head.content();
    }
  }
  head.body.clear();
  head.shared_body.reset();
  head_ = std::move(head);
  wake();
}

bool Exchange::write(std::string_view piece) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::kStreaming || gone_ || aborted_ || overflow_) return false;
  if (!has_body_ || piece.empty()) return true;
  if (pending_.size() + in_flight_ > spec_.unsent_bytes) {
    overflow_ = true;
    pending_.clear();
    wake();
    return false;
  }
  if (spec_.chunked) {
    append_chunk(pending_, piece);
  } else {
    pending_.append(piece);
  }
  wake();
  return true;
}

void Exchange::end() {
  std::function<void()> dropped;
  const std::lock_guard lock(mutex_);
  if (state_ != State::kStreaming) return;
  state_ = State::kEnded;
  if (has_body_ && spec_.chunked) pending_.append(kLastChunk);
  dropped = forget_callback();
  wake();
}

void Exchange::abort() {
  std::function<void()> dropped;
  const std::lock_guard lock(mutex_);
  if (state_ == State::kEnded) return;
  state_ = State::kEnded;
  aborted_ = true;
  dropped = forget_callback();
  wake();
}

void Exchange::abandon() {
  std::function<void()> dropped;
  const std::lock_guard lock(mutex_);
  if (state_ == State::kEnded) return;
  (state_ == State::kWaiting ? abandoned_ : aborted_) = true;
  state_ = State::kEnded;
  dropped = forget_callback();
  wake();
}

void Exchange::on_hang_up(std::function<void()> callback) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::kEnded) return;
    if (!gone_) {
      std::swap(hang_up_, callback);
      return;
    }
  }
  callback();
}

bool Exchange::gone() const {
  const std::lock_guard lock(mutex_);
  return gone_ || overflow_;
}

uint64_t Exchange::unsent_bytes() const {
  const std::lock_guard lock(mutex_);
  return pending_.size() + in_flight_;
}

void Exchange::set_note(std::string note) {
  const std::lock_guard lock(mutex_);
  note_ = std::move(note);
}

Exchange::Taken Exchange::take() {
  const std::lock_guard lock(mutex_);
  woken_ = false;
  Taken taken;
  taken.head = std::exchange(head_, std::nullopt);
  taken.whole = whole_;
  taken.bytes = std::exchange(pending_, {});
  taken.ended = state_ == State::kEnded;
  taken.abandoned = abandoned_;
  taken.aborted = aborted_;
  taken.overflow = overflow_;
  in_flight_ = taken.bytes.size();
  return taken;
}

bool Exchange::look_for_overflow() {
  const std::lock_guard lock(mutex_);
  woken_ = false;
  return overflow_;
}

void Exchange::set_in_flight(uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  in_flight_ = bytes;
}

void Exchange::hang_up() {
  std::function<void()> callback;
  {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    wake_ = nullptr;
    pending_ = {};
    head_.reset();
    in_flight_ = 0;
    callback = std::exchange(hang_up_, nullptr);
  }
  if (callback) callback();
}

void Exchange::finish() {
  const std::lock_guard lock(mutex_);
  gone_ = true;
  wake_ = nullptr;
}

std::string Exchange::note() const {
  const std::lock_guard lock(mutex_);
  return note_;
}

Responder::Handle::~Handle() {
  exchange->abandon();
}

Responder::Responder(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}
void Responder::send(HttpResponse response) const {
  handle_->exchange->send(std::move(response));
}
void Responder::begin(HttpResponse head) const {
  handle_->exchange->begin(std::move(head));
}
bool Responder::write(std::string_view piece) const {
  return handle_->exchange->write(piece);
}
void Responder::end() const {
  handle_->exchange->end();
}
void Responder::abort() const {
  handle_->exchange->abort();
}
void Responder::on_hang_up(std::function<void()> callback) const {
  handle_->exchange->on_hang_up(std::move(callback));
}
bool Responder::gone() const {
  return handle_->exchange->gone();
}
uint64_t Responder::unsent_bytes() const {
  return handle_->exchange->unsent_bytes();
}
void Responder::set_note(std::string note) const {
  handle_->exchange->set_note(std::move(note));
}

}  // namespace aurora::net
