#include "aurora/net/worker.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
// Asio's awaitable.hpp needs <utility> and does not say so.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>
#include <unordered_map>
#include <vector>

namespace aurora::net {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using Descriptor = asio::posix::stream_descriptor;
using Wait = Descriptor::wait_type;
using Status = Transport::Status;

constexpr size_t kReadBytes = 64 << 10;
constexpr int kReadsInARow = 16;  // then others come first
constexpr int kAcceptsInARow = 64;
constexpr std::chrono::milliseconds kAcceptPause{50};  // when the process has no descriptor left

Moment now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

class Channel;

struct Worker::Loop {
  explicit Loop(ServerShared& shared) : shared(shared), read_buffer(kReadBytes) {}

  ServerShared& shared;
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  std::unordered_map<Channel*, std::shared_ptr<Channel>> channels;
  std::vector<std::shared_ptr<Descriptor>> listening;
  std::vector<char> read_buffer;  // of whichever connection reads now
  bool draining = false;
  std::thread thread;
};

// A connection and its socket. Reading is a coroutine that waits for the socket while nothing else holds it
// up; writing happens at once, and waits only when the socket is full.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(Worker::Loop& loop, std::unique_ptr<Transport> transport)
      : loop_(loop), transport_(std::move(transport)), descriptor_(loop.context, transport_->socket()) {}
  ~Channel() {
    if (!closed_) descriptor_.release();
  }

  void start(Connection::Peer peer) {
    auto wake = [weak = weak_from_this(), executor = loop_.context.get_executor()] {
      asio::post(executor, [weak] {
        if (const auto channel = weak.lock()) channel->answer_ready();
      });
    };
    connection_.emplace(loop_.shared, std::move(peer), std::move(wake), now());
    reading_ = true;
    spawn(&Channel::serve);
  }

  void tick() {
    if (closed_) return;
    connection_->tick(now());
    pump();
  }

  void drain() {
    if (closed_) return;
    connection_->start_drain();
    pump();
  }

  void close() {
    if (std::exchange(closed_, true)) return;
    if (connection_->cut()) transport_->reset_on_close();
    descriptor_.release();  // also ends what waits for it
    connection_.reset();
    transport_.reset();
    --loop_.shared.open;
    loop_.channels.erase(this);
  }

 private:
  void spawn(awaitable<void> (Channel::*task)()) {
    asio::co_spawn(
        loop_.context, [self = shared_from_this(), task] { return (self.get()->*task)(); }, asio::detached);
  }

  // False: the channel was closed meanwhile.
  awaitable<bool> wait(Wait what) {
    boost::system::error_code ignored;  // a broken socket tells its next read
    co_await descriptor_.async_wait(what, asio::redirect_error(asio::use_awaitable, ignored));
    co_return !closed_;
  }

  awaitable<void> serve() {
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

  awaitable<void> read_on() {
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

  Status read_once() {
    std::vector<char>& buffer = loop_.read_buffer;
    const Transport::Result result = transport_->read(buffer.data(), buffer.size());
    if (result.status != Status::kDone) return result.status;
    connection_->take_input({buffer.data(), result.bytes}, now());
    pump();
    const bool is_all = result.bytes < buffer.size() && !closed_ && transport_->short_read_is_all();
    return is_all ? Status::kWantsRead : Status::kDone;
  }

  void answer_ready() {
    if (closed_) return;
    connection_->answer_ready(now());
    pump();
  }

  // Carries out what the connection wants now.
  void pump() {
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
  bool write_all() {
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

  Worker::Loop& loop_;
  std::unique_ptr<Transport> transport_;
  Descriptor descriptor_;
  std::optional<Connection> connection_;
  bool reading_ = false;
  bool writing_ = false;
  bool input_closed_ = false;
  bool output_closed_ = false;
  bool closed_ = false;
};

namespace {

std::vector<std::shared_ptr<Channel>> all_channels(const Worker::Loop& loop) {
  std::vector<std::shared_ptr<Channel>> all;
  all.reserve(loop.channels.size());
  for (const auto& [key, channel] : loop.channels) all.push_back(channel);
  return all;
}

// Looks at the time limits of all connections: one timer for all costs less than one for each.
awaitable<void> keep_time(Worker::Loop* loop) {
  const HttpLimits& limits = loop->shared.settings.limits;
  const Milliseconds shortest = std::min({limits.handshake_time, limits.header_time, limits.idle_time,
                                          limits.body_grace, limits.stall_time, limits.linger_time});
  const Milliseconds step = std::clamp(shortest / 4, Milliseconds(10), Milliseconds(250));
  asio::steady_timer timer(loop->context);
  for (;;) {
    timer.expires_after(step);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    for (const auto& channel : all_channels(*loop)) channel->tick();
  }
}

awaitable<void> accept_on(Worker::Loop* loop, std::shared_ptr<Descriptor> listening,
                          std::function<void(int)> accepted) {
  asio::steady_timer pause(loop->context);
  while (!loop->draining) {
    boost::system::error_code error;
    co_await listening->async_wait(Descriptor::wait_read, asio::redirect_error(asio::use_awaitable, error));
    if (loop->draining || error == asio::error::operation_aborted) co_return;
    bool exhausted = false;
    for (int i = 0; i < kAcceptsInARow && !exhausted; ++i) {
      const int socket =
          ::accept4(listening->native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (socket >= 0) {
        accepted(socket);
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    }
    if (!exhausted) continue;
    pause.expires_after(kAcceptPause);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
  }
}

void close_channels(Worker::Loop& loop) {
  for (const auto& channel : all_channels(loop)) channel->close();
}

void stop_listening(Worker::Loop& loop) {
  loop.draining = true;
  for (const auto& listening : loop.listening) listening->close();
  loop.listening.clear();
}

}  // namespace

Worker::Worker(ServerShared& shared) : loop_(std::make_unique<Loop>(shared)) {
  asio::co_spawn(loop_->context, keep_time(loop_.get()), asio::detached);
  loop_->thread = std::thread([loop = loop_.get()] { loop->context.run(); });
}

Worker::~Worker() {
  stop();
}

void Worker::stop() {
  if (!loop_->thread.joinable()) return;
  asio::post(loop_->context, [loop = loop_.get()] {
    stop_listening(*loop);
    close_channels(*loop);
    loop->context.stop();
  });
  loop_->thread.join();
}

void Worker::accept_from(int listening, std::function<void(int)> accepted) {
  asio::post(loop_->context, [loop = loop_.get(), listening, accepted = std::move(accepted)]() mutable {
    auto descriptor = std::make_shared<Descriptor>(loop->context, listening);
    loop->listening.push_back(descriptor);
    asio::co_spawn(loop->context, accept_on(loop, descriptor, std::move(accepted)), asio::detached);
  });
}

void Worker::adopt(std::unique_ptr<Transport> transport, Connection::Peer peer) {
  auto take = [loop = loop_.get(), transport = std::move(transport), peer = std::move(peer)]() mutable {
    if (loop->draining) {
      --loop->shared.open;
      return;
    }
    auto channel = std::make_shared<Channel>(*loop, std::move(transport));
    loop->channels.emplace(channel.get(), channel);
    channel->start(std::move(peer));
  };
  asio::dispatch(loop_->context, std::move(take));
}

void Worker::drain() {
  asio::post(loop_->context, [loop = loop_.get()] {
    stop_listening(*loop);
    for (const auto& channel : all_channels(*loop)) channel->drain();
  });
}

void Worker::close_all() {
  asio::post(loop_->context, [loop = loop_.get()] { close_channels(*loop); });
}

}  // namespace aurora::net
