#include "aurora/net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>

#include "aurora/base/error.h"

namespace aurora::net {
namespace {

constexpr std::string_view kProtocol = "\x08http/1.1";  // ALPN: length and name

int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, chosen_size, reinterpret_cast<const unsigned char*>(kProtocol.data()),
                            kProtocol.size(), offered, offered_size);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

SSL_CTX* make_context(const SSL_METHOD* method) {
  SSL_CTX* context = SSL_CTX_new(method);
  if (!context) throw Error("cannot start TLS: " + take_tls_error(), "OpenSSL", "look at its configuration");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  // Renegotiation is work for nothing; a connection that ends without a farewell has ended.
  SSL_CTX_set_options(context,
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Idle connections give their buffers back.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

}  // namespace

std::string take_tls_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "unknown";
  const char* reason = ERR_reason_error_string(code);
  if (reason) return reason;
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  return text;
}

TlsContext::~TlsContext() {
  SSL_CTX_free(context_);
}

std::shared_ptr<const TlsContext> TlsContext::for_server(const TlsFiles& files) {
  std::shared_ptr<TlsContext> made(new TlsContext(make_context(TLS_server_method()), false));
  SSL_CTX* context = made->get();
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) {
    throw Error("cannot read the certificate: " + take_tls_error(), files.certificate,
                "give a PEM file with the server's certificate, then its chain");
  }
  // A key with a passphrase would ask the terminal for it.
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return 0; });
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    throw Error("cannot use the key: " + take_tls_error(), files.key,
                "give the PEM file of the certificate's private key, without a passphrase");
  }
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  return made;
}

std::shared_ptr<const TlsContext> TlsContext::for_client(const std::string& authorities, bool verify) {
  std::shared_ptr<TlsContext> made(new TlsContext(make_context(TLS_client_method()), verify));
  SSL_CTX* context = made->get();
  ERR_clear_error();
  const int loaded = authorities.empty()
                         ? SSL_CTX_set_default_verify_paths(context)
                         : SSL_CTX_load_verify_locations(context, authorities.c_str(), nullptr);
  if (verify && loaded != 1) {
    throw Error("cannot read trusted certificates: " + take_tls_error(), authorities, "give a PEM file");
  }
  SSL_CTX_set_verify(context, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(kProtocol.data()),
                          kProtocol.size());
  return made;
}

}  // namespace aurora::net
