#include "aurora/net/http_client.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/net/message_parser.h"
#include "aurora/net/message_writer.h"
#include "aurora/net/transport.h"

namespace aurora::net {
namespace {

constexpr size_t kReadBytes = 64 << 10;
using Status = Transport::Status;

// A socket that is being connected or is connected; -1: nothing at this address.
int connect_to(const addrinfo& address, int timeout_ms) {
  const int opened = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (opened < 0) return -1;
  int error = ::connect(opened, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd waiting{.fd = opened, .events = POLLOUT, .revents = 0};
    socklen_t size = sizeof error;
    if (::poll(&waiting, 1, timeout_ms) != 1) {
      error = ETIMEDOUT;
    } else {
      ::getsockopt(opened, SOL_SOCKET, SO_ERROR, &error, &size);
    }
  }
  if (error == 0) {
    const int on = 1;
    ::setsockopt(opened, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return opened;
  }
  ::close(opened);
  errno = error;
  return -1;
}

}  // namespace

Url parse_url(std::string_view text) {
  const Error malformed("not a URL", std::string(text), "write http://HOST:PORT or https://HOST:PORT");
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    url.secure = true;
    url.port = 443;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    throw malformed;
  }
  const size_t slash = std::min(rest.find('/'), rest.size());
  if (slash < rest.size()) url.target = rest.substr(slash);
  std::string_view authority = rest.substr(0, slash);
  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == authority.npos) throw malformed;
    url.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    url.host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (url.host.empty()) throw malformed;
  if (port.empty()) return url;
  const char* end = port.data() + port.size();
  const auto [stopped, error] = std::from_chars(port.data() + 1, end, url.port);
  if (port[0] != ':' || error != std::errc() || stopped != end) throw malformed;
  return url;
}

struct HttpClient::State {
  explicit State(ClientSettings given) : settings(std::move(given)), url(parse_url(settings.url)) {
    if (url.secure) tls = TlsContext::for_client(settings.authorities, settings.verify);
  }

  [[noreturn]] void fail(const std::string& what, const std::string& remedy) {
    transport.reset();
    throw Error(what, settings.url, remedy);
  }

  void wait(Status status) {
    pollfd waiting{.fd = transport->socket(),
                   .events = static_cast<short>(status == Status::kWantsWrite ? POLLOUT : POLLIN),
                   .revents = 0};
    int ready;
    do {
      ready = ::poll(&waiting, 1, static_cast<int>(settings.timeout.count()));
    } while (ready < 0 && errno == EINTR);
    if (ready == 0) fail("the server is silent", "wait longer, or look whether it is busy");
  }

  void connect() {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const std::string port = std::to_string(url.port);
    if (const int failed = ::getaddrinfo(url.host.c_str(), port.c_str(), &hints, &found); failed != 0) {
      fail(fmt::format("unknown host: {}", ::gai_strerror(failed)), "look at the name");
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
    int opened = -1;
    for (const addrinfo* at = found; at && opened < 0; at = at->ai_next) {
      opened = connect_to(*at, static_cast<int>(settings.timeout.count()));
    }
    if (opened < 0) {
      fail(fmt::format("cannot connect: {}", std::strerror(errno)), "start the server, or look at the port");
    }
    transport = url.secure ? make_tls_client_transport(opened, tls, url.host) : make_plain_transport(opened);
    input.clear();
    for (;;) {
      const Transport::Result result = transport->handshake();
      if (result.status == Status::kDone) return;
      if (result.status == Status::kEnded || result.status == Status::kFailed) {
        const std::string trouble = transport->trouble();
        fail("TLS failed: " + trouble, "look at the server's certificate and at the trusted ones");
      }
      wait(result.status);
    }
  }

  // False: the connection is broken (a kept one that the server has closed).
  bool write_all(std::string_view bytes) {
    while (!bytes.empty()) {
      const Transport::Result result = transport->write(bytes);
      if (result.status == Status::kDone) {
        bytes.remove_prefix(result.bytes);
      } else if (result.status == Status::kWantsRead || result.status == Status::kWantsWrite) {
        wait(result.status);
      } else {
        return false;
      }
    }
    return true;
  }

  // One more piece into `input`; false at the end of the connection.
  bool read_more() {
    char buffer[kReadBytes];
    for (;;) {
      const Transport::Result result = transport->read(buffer, sizeof buffer);
      if (result.status == Status::kDone) {
        input.append(buffer, result.bytes);
        return true;
      }
      if (result.status == Status::kEnded || result.status == Status::kFailed) return false;
      wait(result.status);
    }
  }

  void parse() {
    input.erase(0, parser->feed(input));
    if (parser->problem()) fail(parser->problem()->message, "look whether an HTTP server answers there");
  }

  // False: the connection ended before the first byte of an answer.
  bool read_header() {
    bool any = !input.empty();
    for (;;) {
      if (any) parse();
      if (parser->header_complete() && parser->response().status / 100 == 1) {
        parser.emplace(no_body, settings.body_bytes);  // 100 Continue: the answer proper follows
        any = !input.empty();
        continue;
      }
      if (parser->header_complete()) return true;
      if (!read_more()) {
        if (!any) return false;
        fail("the answer was cut off", "ask again");
      }
      any = true;
    }
  }

  bool attempt(std::string_view bytes) {
    parser.emplace(no_body, settings.body_bytes);
    // A server may refuse before it has taken everything: what it said counts.
    write_all(bytes);
    return read_header();
  }

  void finish_answer() {
    const bool keep = parser->keep_alive() && input.empty();
    parser.reset();
    if (!keep) transport.reset();
  }

  ClientSettings settings;
  Url url;
  std::shared_ptr<const TlsContext> tls;
  std::unique_ptr<Transport> transport;
  std::optional<ResponseParser> parser;  // of the answer that is being read
  bool no_body = false;
  std::string input;
};

HttpClient::HttpClient(ClientSettings settings) : state_(std::make_unique<State>(std::move(settings))) {}
HttpClient::HttpClient(std::string url) : HttpClient(ClientSettings{.url = std::move(url)}) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

HttpResponse HttpClient::open(const HttpRequest& request) {
  State& state = *state_;
  if (state.parser) close();  // an answer that was not read to its end
  state.no_body = request.method == "HEAD";
  const bool default_port = state.url.port == (state.url.secure ? 443 : 80);
  const std::string name =
      state.url.host.find(':') == std::string::npos ? state.url.host : "[" + state.url.host + "]";
  const std::string bytes =
      print_request(request, default_port ? name : fmt::format("{}:{}", name, state.url.port));
  const bool kept = state.transport != nullptr;
  if (!kept) state.connect();
  bool answered = state.attempt(bytes);
  if (!answered && kept) {
    state.connect();
    answered = state.attempt(bytes);
  }
  if (!answered) state.fail("the server closed the connection without an answer", "ask again");
  HttpResponse head;
  head.status = state.parser->response().status;
  head.headers = state.parser->response().headers;
  return head;
}

std::optional<std::string> HttpClient::read() {
  State& state = *state_;
  if (!state.parser) return std::nullopt;
  for (;;) {
    if (!state.input.empty() && !state.parser->complete()) state.parse();
    std::string& body = state.parser->response().body;
    if (!body.empty()) return std::exchange(body, {});
    if (state.parser->complete()) {
      state.finish_answer();
      return std::nullopt;
    }
    if (state.read_more()) continue;
    state.parser->feed_end();
    if (state.parser->problem()) state.fail("the answer was cut off", "ask again");
  }
}

HttpResponse HttpClient::send(const HttpRequest& request) {
  HttpResponse response = open(request);
  while (auto piece = read()) {
    response.body += *piece;
    if (response.body.size() > state_->settings.body_bytes) {
      state_->fail("the answer is larger than its limit", "raise body_bytes");
    }
  }
  return response;
}

HttpResponse HttpClient::get(std::string target) {
  return send(make_request("GET", std::move(target)));
}

HttpResponse HttpClient::post(std::string target, std::string body, std::string content_type) {
  HttpRequest request = make_request("POST", std::move(target), std::move(body));
  request.headers.add("Content-Type", std::move(content_type));
  return send(request);
}

void HttpClient::close() {
  state_->parser.reset();
  state_->transport.reset();
}

}  // namespace aurora::net
