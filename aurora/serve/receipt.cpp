#include "aurora/serve/receipt.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/hash.h"

namespace aurora::serve {
namespace {

constexpr size_t kKeyBytes = 32, kSignatureBytes = 64;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using KeyPair = std::unique_ptr<EVP_PKEY, Free>;
using Digest = std::unique_ptr<EVP_MD_CTX, Free>;
using Bio = std::unique_ptr<BIO, Free>;

std::string to_hex(const unsigned char* bytes, size_t size) {
  std::string hex;
  for (size_t i = 0; i < size; ++i) hex += fmt::format("{:02x}", bytes[i]);
  return hex;
}

bool from_hex(const std::string& hex, size_t size, std::vector<unsigned char>& bytes) {
  if (hex.size() != 2 * size || hex.find_first_not_of("0123456789abcdef") != std::string::npos) return false;
  for (size_t i = 0; i < size; ++i)
    bytes.push_back(static_cast<unsigned char>(std::stoi(hex.substr(2 * i, 2), nullptr, 16)));
  return true;
}

KeyPair make_key_file(const Path& pem) {
  const std::unique_ptr<EVP_PKEY_CTX, Free> context(EVP_PKEY_CTX_new_id(EVP_PKEY_ED25519, nullptr));
  EVP_PKEY* raw = nullptr;
  const Bio memory(BIO_new(BIO_s_mem()));
  if (EVP_PKEY_keygen_init(context.get()) != 1 || EVP_PKEY_keygen(context.get(), &raw) != 1 ||
      PEM_write_bio_PrivateKey(memory.get(), raw, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    throw Error("cannot make a signing key", pem.string(), "check OpenSSL");
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  write_file_atomic(pem, std::string_view(text, static_cast<size_t>(size)));
  std::filesystem::permissions(pem, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return KeyPair(raw);
}

KeyPair read_key_file(const Path& pem) {
  const std::string text = read_file(pem, 1 << 20);
  const Bio memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  KeyPair key(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
  if (!key || EVP_PKEY_id(key.get()) != EVP_PKEY_ED25519)
    throw Error("this is no Ed25519 private key", pem.string(),
                "name a file that does not exist yet, and one is made");
  return key;
}

}  // namespace

struct Signer::State {
  KeyPair key;
};

Signer::Signer(const Path& pem) : state_(std::make_unique<State>()) {
  state_->key = std::filesystem::exists(pem) ? read_key_file(pem) : make_key_file(pem);
}
Signer::~Signer() = default;
Signer::Signer(Signer&&) noexcept = default;

std::string Signer::public_key() const {
  unsigned char bytes[kKeyBytes];
  size_t size = sizeof bytes;
  AURORA_CHECK(EVP_PKEY_get_raw_public_key(state_->key.get(), bytes, &size) == 1);
  return to_hex(bytes, size);
}

std::string Signer::sign(std::string_view message) const {
  const Digest context(EVP_MD_CTX_new());
  unsigned char signature[kSignatureBytes];
  size_t size = sizeof signature;
  AURORA_CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()) == 1);
  AURORA_CHECK(EVP_DigestSign(context.get(), signature, &size,
                              reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1);
  return to_hex(signature, size);
}

bool verify_signature(const std::string& public_key, std::string_view message, const std::string& signature) {
  std::vector<unsigned char> key_bytes, signature_bytes;
  if (!from_hex(public_key, kKeyBytes, key_bytes) || !from_hex(signature, kSignatureBytes, signature_bytes))
    return false;
  const KeyPair key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key_bytes.data(), key_bytes.size()));
  const Digest context(EVP_MD_CTX_new());
  return key && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature_bytes.data(), signature_bytes.size(),
                          reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
}

std::string token_hash(const std::vector<int32_t>& tokens) {
  Sha256 hash;
  for (const int32_t token : tokens) {
    const auto value = static_cast<uint32_t>(token);
    const unsigned char bytes[] = {static_cast<unsigned char>(value), static_cast<unsigned char>(value >> 8),
                                   static_cast<unsigned char>(value >> 16),
                                   static_cast<unsigned char>(value >> 24)};
    hash.update(bytes, sizeof bytes);
  }
  return hash.hex();
}

}  // namespace aurora::serve
