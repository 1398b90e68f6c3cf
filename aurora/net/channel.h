// What worker.cpp and channel.cpp share, and nobody else includes: the event loop and one connection in it.
#pragma once

#include <utility>
// Asio's awaitable.hpp needs <utility> and does not say so.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "aurora/net/connection.h"
#include "aurora/net/transport.h"
#include "aurora/net/worker.h"

namespace aurora::net {

class Channel;
using Descriptor = boost::asio::posix::stream_descriptor;

struct Worker::Loop {
  explicit Loop(ServerShared& shared) : shared(shared), read_buffer(64 << 10) {}

  ServerShared& shared;
  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{context.get_executor()};
  std::unordered_map<Channel*, std::shared_ptr<Channel>> channels;
  std::vector<std::shared_ptr<Descriptor>> listening;
  std::vector<char> read_buffer;  // of whichever connection reads now
  bool draining = false;
  std::thread thread;
};

// A connection and its socket. Reading is a coroutine that waits for the socket while nothing else holds it
// up; writing happens at once, and waits only when the socket is full. In the loop's thread only.
class Channel : public std::enable_shared_from_this<Channel> {
 public:
  Channel(Worker::Loop& loop, std::unique_ptr<Transport> transport);
  ~Channel();

  void start(Connection::Peer peer);
  void tick();
  void drain();
  void close();  // and leaves the loop

 private:
  using Status = Transport::Status;
  using Task = boost::asio::awaitable<void>;

  void spawn(Task (Channel::*task)());
  boost::asio::awaitable<bool> wait(Descriptor::wait_type what);
  Task serve();
  Task read_on();
  Status read_once();
  void answer_ready();
  void pump();
  bool write_all();

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

}  // namespace aurora::net
