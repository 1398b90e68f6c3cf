// An HTTP/1.1 server: connections on a few threads, answers from any thread.
//
// A connection belongs to one server thread, which reads and parses its requests and calls the handler; a
// Responder carries the answer back from whatever thread makes it. A slow client costs a bounded amount of
// memory and no thread. Requests of one connection are answered in order, one at a time (pipelined ones
// wait). A client that closes its connection, or its sending half, has hung up: its Responder is told at
// once. Whatever breaks a limit or HTTP itself gets a small JSON error, and its connection is closed.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/net/http.h"

namespace aurora::net {

using Milliseconds = std::chrono::milliseconds;

// What one client may cost. A breach is answered by the status in brackets where an answer is still possible.
struct HttpLimits {
  int connections = 1024;               // open at once; more are refused [503]
  uint64_t target_bytes = 8 << 10;      // of the request line's target [414]
  uint64_t header_bytes = 32 << 10;     // of request line and header fields together [431]; also of trailers
  uint64_t body_bytes = 16 << 20;       // of one request's body, chunks joined [413]
  uint64_t all_bodies_bytes = 1 << 28;  // of all bodies that are being received [503]
  uint64_t unsent_bytes = 1 << 20;      // written to a stream, not yet taken by the socket; beyond: cut off
  uint64_t pipelined_bytes = 64 << 10;  // sent ahead of the answer; beyond, reading waits
  int socket_send_bytes = 256 << 10;    // the kernel's send buffer of one connection; 0: the system's default

  Milliseconds handshake_time{10'000};  // TLS handshake; beyond: cut off
  Milliseconds header_time{
      10'000};  // from a request's first byte (or the connection) to its header's end [408]
  Milliseconds idle_time{75'000};   // between requests; beyond: closed
  Milliseconds body_grace{10'000};  // after the header, before body_rate counts
  uint64_t body_rate = 4 << 10;     // bytes per second of a body after the grace, on average [408]
  Milliseconds stall_time{30'000};  // no byte of an answer taken by the socket; beyond: cut off
  Milliseconds linger_time{2'000};  // how long input is thrown away after a refusal, so that it can be read
};

struct TlsFiles {
  std::string certificate{};  // PEM: the server's certificate, then its chain; empty: no TLS
  std::string key{};          // PEM, without a passphrase
};

// One answered (or broken) request, for an access log. Times in milliseconds.
struct AccessRecord {
  std::string peer;
  std::string method;  // empty when the request never became readable
  std::string target;
  std::string
      note;  // the Responder's note; else why the connection was cut off ("client hung up"); may be empty
  int status = 0;           // 0: none was sent
  uint64_t received = 0;    // bytes of the body
  uint64_t sent = 0;        // bytes handed to the socket, header included, TLS excluded
  double milliseconds = 0;  // from the end of the request to the end of its answer
  bool complete = false;    // the whole answer was handed to the socket
};

// The way back to one client. A cheap handle: copies answer the same request; all functions may be called
// from any thread, none blocks and none throws. Exactly one answer: either send(), or begin(), write()...,
// end(); what comes after an answer's end is ignored. When the last handle goes with no answer begun the
// server answers 500; with one begun but not ended it cuts the connection, so that no client takes half an
// answer for a whole one. May outlive the server.
class Responder {
 public:
  // A whole answer. For HEAD the body is not sent, its length is told.
  void send(HttpResponse response) const;

  // An answer in pieces (chunked). `head.body` is the first piece if not empty. Pieces go out at once.
  void begin(HttpResponse head) const;
  // False: the client has gone, or was cut off because it does not read; stop writing.
  bool write(std::string_view piece) const;
  void end() const;
  // Cuts the connection: what was begun cannot be finished.
  void abort() const;

  // Called once, from a server thread, when the client goes before the answer's end (or at once, in this
  // thread, when it has gone already); never after end() or send(). One callback per request. It must not
  // hold a Responder of the same request (they would keep each other alive), and must not block.
  void on_hang_up(std::function<void()> callback) const;
  bool gone() const;
  // Bytes written and not yet taken by the socket.
  uint64_t unsent_bytes() const;
  // Goes into the AccessRecord: a key's name, a model.
  void set_note(std::string note) const;

 private:
  friend class Connection;
  struct Handle;
  explicit Responder(std::shared_ptr<Handle> handle);
  std::shared_ptr<Handle> handle_;
};

// Called on a server thread; must not block (hand long work to another thread with the Responder).
// An exception is answered by 500 and its text goes to the access record's note.
using HttpHandler = std::function<void(HttpRequest, Responder)>;

struct ServerSettings {
  std::string host = "127.0.0.1";  // an address, or a name (all its addresses); "::" listens on IPv4 too
  uint16_t port = 0;               // 0: any free one
  int threads = 1;
  TlsFiles tls{};
  HttpLimits limits{};

  // Called when a header is complete, before its body is read (the request's body is empty here): an answer
  // takes the handler's place. If a body was to come it is not read, and the connection is closed. For keys,
  // paths, pages. May be empty.
  std::function<std::optional<HttpResponse>(const HttpRequest& head)> admit{};
  // Makes the answer to a breach of limits or of HTTP.
  std::function<HttpResponse(const HttpProblem&)> problem = problem_response;
  // Called on a server thread after each request; must not throw. May be empty.
  std::function<void(const AccessRecord&)> access{};
};

struct ServerStats {
  int open = 0;           // connections now
  uint64_t accepted = 0;  // connections since the start
  uint64_t refused = 0;   // of them, those over the limit
  uint64_t requests = 0;  // handed to the handler
  uint64_t active = 0;    // of them, not yet answered
  uint64_t cut_off = 0;   // connections ended by a limit: slow, stalled, oversized, malformed
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
};

class HttpServer {
 public:
  // Binds, listens and starts its threads. Error: the address is in use, not ours or not allowed; TLS files
  // that are missing, unreadable or do not belong together.
  HttpServer(ServerSettings settings, HttpHandler handler);
  // Closes everything at once; pending Responders are told that their clients are gone. Handlers have
  // returned and no callback is called any more when it ends.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;

  uint16_t port() const;
  // "http://127.0.0.1:8080" for every address that is listened on.
  std::vector<std::string> urls() const;
  ServerStats stats() const;

  // Stops accepting, closes idle connections, lets running requests end (their answers say
  // "Connection: close"), and closes the rest after `deadline`. Blocks; true: every answer was finished.
  bool drain(Milliseconds deadline);
  // Reads the TLS files again, for new connections. Error: as in the constructor, and the old ones stay.
  void reload_tls();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aurora::net
