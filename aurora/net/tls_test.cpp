// TLS with certificates made here.
#include "aurora/net/tls.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

#include "aurora/base/error.h"
#include "aurora/base/file.h"
#include "aurora/base/test_folder.h"
#include "aurora/net/http_client.h"
#include "aurora/net/http_server.h"
#include "aurora/net/net_testing.h"

namespace aurora::net {
namespace {

// A certificate for 127.0.0.1 that signs itself, and its key, as PEM files NAME.crt and NAME.key.
TlsFiles make_certificate(const Path& folder, const std::string& name) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> made(X509_new(), X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(made.get(), subject);
  X509V3_CTX context;
  X509V3_set_ctx(&context, made.get(), made.get(), nullptr, nullptr, 0);
  X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, "IP:127.0.0.1");
  X509_add_ext(made.get(), names, -1);
  X509_EXTENSION_free(names);
  X509_sign(made.get(), key.get(), EVP_sha256());

  const TlsFiles files{(folder / (name + ".crt")).string(), (folder / (name + ".key")).string()};
  FILE* file = std::fopen(files.certificate.c_str(), "wb");
  PEM_write_X509(file, made.get());
  std::fclose(file);
  file = std::fopen(files.key.c_str(), "wb");
  PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  return files;
}

class Tls : public ::testing::Test {
 protected:
  TestFolder folder_;
  const TlsFiles files_ = make_certificate(folder_.path(), "server");
};

TEST_F(Tls, CarriesRequestsAndAnswersOfAnySize) {
  HttpServer server({.tls = files_}, [](HttpRequest request, Responder responder) {
    EXPECT_TRUE(request.secure);
    responder.send(text_response(std::move(request.body)));
  });
  EXPECT_TRUE(server.urls().front().starts_with("https://"));
  HttpClient client(ClientSettings{.url = server.urls().front(), .authorities = files_.certificate});
  for (const size_t size : {size_t{0}, size_t{1}, size_t{16'384}, size_t{3'000'000}}) {
    std::string body(size, 'x');
    for (size_t i = 0; i < size; ++i) body[i] = static_cast<char>('a' + i * i % 23);
    EXPECT_EQ(client.post("/", body).body, body);
  }
  EXPECT_EQ(server.stats().accepted, 1u);
}

TEST_F(Tls, StreamsAndNoticesHangUps) {
  Signal told;
  HttpServer server({.tls = files_}, [&](HttpRequest, Responder responder) {
    responder.begin(text_response("begun"));
    responder.on_hang_up([&told] { told.raise(); });
    std::thread([responder] {
      while (responder.write("more ")) std::this_thread::sleep_for(Milliseconds(1));
    }).detach();
  });
  {
    HttpClient client(ClientSettings{.url = server.urls().front(), .authorities = files_.certificate});
    client.open(make_request("GET", "/"));
    std::string got;
    while (got.size() < 30) got += client.read().value();
    EXPECT_TRUE(got.starts_with("begunmore more "));
  }
  EXPECT_TRUE(told.wait());
}

TEST_F(Tls, RefusesServersThatAreNotTrusted) {
  HttpServer server({.tls = files_}, describe_request);
  const TlsFiles other = make_certificate(folder_.path(), "other");
  EXPECT_THROW(
      HttpClient(ClientSettings{.url = server.urls().front(), .authorities = other.certificate}).get("/"),
      Error);
  EXPECT_THROW(HttpClient(server.urls().front()).get("/"), Error);
  const std::string by_name = "https://localhost:" + std::to_string(server.port());  // not in the certificate
  EXPECT_THROW(HttpClient(ClientSettings{.url = by_name, .authorities = files_.certificate}).get("/"), Error);
  ClientSettings trusting{.url = server.urls().front()};
  trusting.verify = false;
  EXPECT_EQ(HttpClient(trusting).get("/").status, 200);
}

TEST_F(Tls, ClosesConnectionsThatSpeakNoTls) {
  HttpServer server({.tls = files_, .limits = {.handshake_time = Milliseconds(200)}}, describe_request);
  RawClient plain(server.port());
  plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(count_of(plain.read_all(), "HTTP"), 0u);
  RawClient silent(server.port());
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_TRUE(silent.closed());
  EXPECT_TRUE(eventually([&] { return server.stats().open == 0; }));
}

TEST_F(Tls, SaysWhatIsWrongWithItsFiles) {
  const TlsFiles other = make_certificate(folder_.path(), "other");
  EXPECT_THROW(HttpServer({.tls = {files_.certificate, other.key}}, describe_request), Error);
  EXPECT_THROW(HttpServer({.tls = {"missing.crt", files_.key}}, describe_request), Error);
  EXPECT_THROW(HttpServer({.tls = {files_.key, files_.certificate}}, describe_request), Error);
  EXPECT_THROW(HttpServer({.tls = {files_.certificate, ""}}, describe_request), UsageError);
}

TEST_F(Tls, TakesNewCertificatesForNewConnections) {
  HttpServer server({.tls = files_}, describe_request);
  const TlsFiles fresh = make_certificate(folder_.path(), "server");  // over the old files
  EXPECT_THROW(
      HttpClient(ClientSettings{.url = server.urls().front(), .authorities = fresh.certificate}).get("/"),
      Error);
  server.reload_tls();
  HttpClient client(ClientSettings{.url = server.urls().front(), .authorities = fresh.certificate});
  EXPECT_EQ(client.get("/").status, 200);
  write_file_atomic(fresh.key, "not a key");
  EXPECT_THROW(server.reload_tls(), Error);
  client.close();
  EXPECT_EQ(client.get("/").status, 200);
}

}  // namespace
}  // namespace aurora::net
