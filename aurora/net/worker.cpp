#include "aurora/net/worker.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
// Asio's awaitable.hpp needs <utility> and does not say so.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>

#include "aurora/net/channel.h"

namespace aurora::net {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

constexpr int kAcceptsInARow = 64;
constexpr std::chrono::milliseconds kAcceptPause{50};  // when the process has no descriptor left

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
