// A connected socket, plain or TLS, that never waits: each call does what it can now and says what it waits
// for. Server and client wait in their own ways (an event loop, poll). One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "aurora/net/tls.h"

namespace aurora::net {

class Transport {
 public:
  enum class Status {
    kDone,        // `bytes` were carried
    kWantsRead,   // nothing done: again when the socket is readable
    kWantsWrite,  // ... writable
    kEnded,       // read: the other side sends no more
    kFailed,      // the connection is of no use any more
  };
  struct Result {
    Status status = Status::kFailed;
    size_t bytes = 0;
  };

  // Takes the socket over, which must be non-blocking.
  explicit Transport(int socket) : socket_(socket) {}
  virtual ~Transport();  // closes
  Transport(const Transport&) = delete;

  int socket() const { return socket_; }
  virtual Result handshake() = 0;
  virtual Result read(char* into, size_t size) = 0;
  virtual Result write(std::string_view bytes) = 0;
  // Nothing more will be written; reading goes on.
  virtual void end_output() = 0;
  // Whether a read that filled less than its buffer found all there was.
  virtual bool short_read_is_all() const = 0;
  // Why the handshake failed.
  virtual std::string trouble() const { return {}; }
  // Makes the close a reset: the kernel forgets what was not sent yet.
  void reset_on_close();

 protected:
  const int socket_;
};

std::unique_ptr<Transport> make_plain_transport(int socket);
std::unique_ptr<Transport> make_tls_server_transport(int socket, std::shared_ptr<const TlsContext> context);
// host: what the certificate must be for.
std::unique_ptr<Transport> make_tls_client_transport(int socket, std::shared_ptr<const TlsContext> context,
                                                     const std::string& host);

}  // namespace aurora::net
