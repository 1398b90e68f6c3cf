// One server thread with its event loop and its connections (channel.h, which knows Boost.Asio).
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "aurora/net/connection.h"
#include "aurora/net/transport.h"

namespace aurora::net {

// All functions from any thread, but for stop() and the destructor.
class Worker {
 public:
  struct Loop;  // channel.h

  explicit Worker(ServerShared& shared);
  ~Worker();
  Worker(const Worker&) = delete;

  // Accepts on a listening socket (owned from here on) in this thread, until drain(); accepted: called in
  // this thread with each new socket, which it owns.
  void accept_from(int listening, std::function<void(int socket)> accepted);
  void adopt(std::unique_ptr<Transport> transport, Connection::Peer peer);
  void drain();
  void close_all();
  // Closes every connection and ends the thread; once it returns nothing is called any more.
  void stop();

 private:
  std::unique_ptr<Loop> loop_;
};

}  // namespace aurora::net
