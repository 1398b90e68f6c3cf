// Certificates and keys, ready for connections. OpenSSL; TLS 1.2 and 1.3.
#pragma once

#include <memory>
#include <string>

#include "aurora/net/http_server.h"

struct ssl_ctx_st;

namespace aurora::net {

// Immutable, shared by the connections of any thread.
class TlsContext {
 public:
  // Error: a file is missing or not PEM; the key does not belong to the certificate.
  static std::shared_ptr<const TlsContext> for_server(const TlsFiles& files);
  // authorities: PEM file; empty: the system's. Error: the file cannot be read.
  static std::shared_ptr<const TlsContext> for_client(const std::string& authorities, bool verify);

  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  ssl_ctx_st* get() const { return context_; }
  bool verifies() const { return verifies_; }

 private:
  TlsContext(ssl_ctx_st* context, bool verifies) : context_(context), verifies_(verifies) {}
  ssl_ctx_st* context_;
  bool verifies_;
};

// The text of this thread's last OpenSSL error, and forgets it; "unknown" if there is none.
std::string take_tls_error();

}  // namespace aurora::net
