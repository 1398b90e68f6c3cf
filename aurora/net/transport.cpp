#include "aurora/net/transport.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "aurora/base/error.h"

namespace aurora::net {
namespace {

using Status = Transport::Status;
using Result = Transport::Result;

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK;
}

class PlainTransport final : public Transport {
 public:
  using Transport::Transport;

  Result handshake() override { return {Status::kDone}; }

  Result read(char* into, size_t size) override {
    ssize_t got;
    do {
      got = ::recv(socket_, into, size, 0);
    } while (got < 0 && errno == EINTR);
    if (got > 0) return {Status::kDone, static_cast<size_t>(got)};
    if (got == 0) return {Status::kEnded};
    return {would_block(errno) ? Status::kWantsRead : Status::kFailed};
  }

  Result write(std::string_view bytes) override {
    ssize_t put;
    do {
      put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    } while (put < 0 && errno == EINTR);
    if (put >= 0) return {Status::kDone, static_cast<size_t>(put)};
    return {would_block(errno) ? Status::kWantsWrite : Status::kFailed};
  }

  void end_output() override { ::shutdown(socket_, SHUT_WR); }
  bool short_read_is_all() const override { return true; }
};

// A BIO over a socket that raises no SIGPIPE, which OpenSSL's own does.
int bio_socket(BIO* bio) {
  return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
}

int bio_write(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t put = ::send(bio_socket(bio), bytes, size, MSG_NOSIGNAL);
  if (put < 0 && (would_block(errno) || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(put);
}

int bio_read(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(bio_socket(bio), into, size, 0);
  if (got < 0 && (would_block(errno) || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

long bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO* make_bio(int socket) {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made =
        BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "socket");
    BIO_meth_set_write(made, bio_write);
    BIO_meth_set_read(made, bio_read);
    BIO_meth_set_ctrl(made, bio_control);
    return made;
  }();
  BIO* bio = BIO_new(method);
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(socket)));
  BIO_set_init(bio, 1);
  return bio;
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(int socket, std::shared_ptr<const TlsContext> context)
      : Transport(socket), context_(std::move(context)), ssl_(SSL_new(context_->get())) {
    if (!ssl_) throw Error("cannot begin TLS: " + take_tls_error(), "OpenSSL", "look for free memory");
    BIO* bio = make_bio(socket);
    SSL_set_bio(ssl_, bio, bio);
  }
  ~TlsTransport() override { SSL_free(ssl_); }

  SSL* ssl() const { return ssl_; }

  Result handshake() override {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    if (result == 1) return {Status::kDone};
    return outcome(result);
  }

  Result read(char* into, size_t size) override {
    ERR_clear_error();
    size_t got = 0;
    const int result = SSL_read_ex(ssl_, into, size, &got);
    return result == 1 ? Result{Status::kDone, got} : outcome(result);
  }

  Result write(std::string_view bytes) override {
    ERR_clear_error();
    size_t put = 0;
    const int result = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &put);
    return result == 1 ? Result{Status::kDone, put} : outcome(result);
  }

  void end_output() override {
    ERR_clear_error();
    if (usable_) SSL_shutdown(ssl_);  // says farewell; the answer is not waited for
    ERR_clear_error();
    ::shutdown(socket_, SHUT_WR);
  }

  bool short_read_is_all() const override { return false; }
  std::string trouble() const override { return trouble_; }

 private:
  Result outcome(int result) {
    switch (SSL_get_error(ssl_, result)) {
      case SSL_ERROR_WANT_READ:
        return {Status::kWantsRead};
      case SSL_ERROR_WANT_WRITE:
        return {Status::kWantsWrite};
      case SSL_ERROR_ZERO_RETURN:
        return {Status::kEnded};
      default:
        break;
    }
    usable_ = false;
    const long verified = SSL_get_verify_result(ssl_);
    trouble_ = verified == X509_V_OK ? take_tls_error() : X509_verify_cert_error_string(verified);
    return {Status::kFailed};
  }

  std::shared_ptr<const TlsContext> context_;
  SSL* ssl_;
  bool usable_ = true;
  std::string trouble_;
};

}  // namespace

Transport::~Transport() {
  ::close(socket_);
}

void Transport::reset_on_close() {
  const linger hard{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

std::unique_ptr<Transport> make_plain_transport(int socket) {
  return std::make_unique<PlainTransport>(socket);
}

std::unique_ptr<Transport> make_tls_server_transport(int socket, std::shared_ptr<const TlsContext> context) {
  auto made = std::make_unique<TlsTransport>(socket, std::move(context));
  SSL_set_accept_state(made->ssl());
  return made;
}

std::unique_ptr<Transport> make_tls_client_transport(int socket, std::shared_ptr<const TlsContext> context,
                                                     const std::string& host) {
  const bool verifies = context->verifies();
  auto made = std::make_unique<TlsTransport>(socket, std::move(context));
  SSL* ssl = made->ssl();
  SSL_set_connect_state(ssl);
  in6_addr address{};
  const bool is_address =
      ::inet_pton(AF_INET, host.c_str(), &address) == 1 || ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
  if (!is_address) SSL_set_tlsext_host_name(ssl, host.c_str());
  if (verifies && is_address) X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  if (verifies && !is_address) SSL_set1_host(ssl, host.c_str());
  return made;
}

}  // namespace aurora::net
