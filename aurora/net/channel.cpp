#include "aurora/net/channel.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aurora::net {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

constexpr int kReadsInARow = 16;  // then others come first

Moment now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

Channel::Channel(Worker::Loop& loop, std::unique_ptr<Transport> transport)
    : loop_(loop), transport_(std::move(transport)), descriptor_(loop.context, transport_->socket()) {}
Channel::~Channel() {
  if (!closed_) descriptor_.release();
}

void Channel::start(Connection::Peer peer) {
  auto wake = [weak = weak_from_this(), executor = loop_.context.get_executor()] {
    asio::post(executor, [weak] {
      if (const auto channel = weak.lock()) channel->answer_ready();
    });
  };
  connection_.emplace(loop_.shared, std::move(peer), std::move(wake), now());
  reading_ = true;
  spawn(&Channel::serve);
}

void Channel::tick() {
  if (closed_) return;
  connection_->tick(now());
  pump();
}

void Channel::drain() {
  if (closed_) return;
  connection_->start_drain();
  pump();
}

void Channel::close() {
  if (std::exchange(closed_, true)) return;
  if (connection_->cut()) transport_->reset_on_close();
  descriptor_.release();  // also ends what waits for it
  connection_.reset();
  transport_.reset();
  --loop_.shared.open;
  loop_.channels.erase(this);
}

void Channel::spawn(Task (Channel::*task)()) {
  asio::co_spawn(
      loop_.context, [self = shared_from_this(), task] { return (self.get()->*task)(); }, asio::detached);
}

// False: the channel was closed meanwhile.
awaitable<bool> Channel::wait(Descriptor::wait_type what) {
  boost::system::error_code ignored;  // a broken socket tells its next read
  co_await descriptor_.async_wait(what, asio::redirect_error(asio::use_awaitable, ignored));
  co_return !closed_;
}

awaitable<void> Channel::serve() {
  const auto self = shared_from_this();
  for (;;) {
    const Transport::Result result = transport_->handshake();
    if (result.status == Status::kDone) break;
    if (result.status == Status::kEnded || result.status == Status::kFailed) co_return close();
    const bool open =
        co_await wait(result.status == Status::kWantsRead ? Descriptor::wait_read : Descriptor::wait_write);
    if (!open) co_return;
  }
  connection_->established(now());
  pump();
  if (!closed_) co_await read_on();
}

awaitable<void> Channel::read_on() {
  const auto self = shared_from_this();
  while (connection_->wants_input()) {
    Status status = Status::kDone;
    for (int i = 0; i < kReadsInARow && status == Status::kDone && connection_->wants_input(); ++i) {
      status = read_once();
      if (closed_) co_return;
    }
    if (status == Status::kEnded || status == Status::kFailed) {
      input_closed_ = true;
      connection_->input_ended(now());
      co_return pump();
    }
    if (status == Status::kDone) {
      co_await asio::post(loop_.context, asio::use_awaitable);
      if (closed_) co_return;
    } else {
      const bool open =
          co_await wait(status == Status::kWantsWrite ? Descriptor::wait_write : Descriptor::wait_read);
      if (!open) co_return;
    }
  }
  reading_ = false;
}

Channel::Status Channel::read_once() {
  std::vector<char>& buffer = loop_.read_buffer;
  const Transport::Result result = transport_->read(buffer.data(), buffer.size());
  if (result.status != Status::kDone) return result.status;
  connection_->take_input({buffer.data(), result.bytes}, now());
  pump();
  const bool is_all = result.bytes < buffer.size() && !closed_ && transport_->short_read_is_all();
  return is_all ? Status::kWantsRead : Status::kDone;
}

void Channel::answer_ready() {
  if (closed_) return;
  connection_->answer_ready(now());
  pump();
}

// Carries out what the connection wants now.
void Channel::pump() {
  if (write_all()) return;
  if (!connection_->gone() && connection_->output_done()) {
    if (!std::exchange(output_closed_, true)) transport_->end_output();
    if (input_closed_) return close();
  }
  if (connection_->gone()) return close();
  if (!reading_ && !input_closed_ && connection_->wants_input()) {
    reading_ = true;
    spawn(&Channel::read_on);
  }
}

// True: it waits until the socket takes more.
bool Channel::write_all() {
  for (;;) {
    if (connection_->gone()) return false;
    if (writing_) return true;
    const std::string_view bytes = connection_->next_output();
    if (bytes.empty()) return false;
    const Transport::Result result = transport_->write(bytes);
    if (result.status == Status::kDone) {
      connection_->output_taken(result.bytes, now());
    } else if (result.status == Status::kWantsWrite || result.status == Status::kWantsRead) {
      writing_ = true;
      descriptor_.async_wait(
          result.status == Status::kWantsWrite ? Descriptor::wait_write : Descriptor::wait_read,
          [self = shared_from_this()](const boost::system::error_code&) {
            self->writing_ = false;
            if (!self->closed_) self->pump();
          });
      return true;
    } else {
      input_closed_ = true;
      connection_->output_failed(now());
      return false;
    }
  }
}

}  // namespace aurora::net
