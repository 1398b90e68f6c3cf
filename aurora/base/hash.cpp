#include "aurora/base/hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <xxhash.h>

#include "aurora/base/check.h"

namespace aurora {

namespace {

Hash128 from_xxh(XXH128_hash_t hash) {
  return {hash.high64, hash.low64};
}

std::string digest_hex(const unsigned char* digest, unsigned size) {
  std::string text;
  for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
  return text;
}

}  // namespace

uint64_t xxh3_64(const void* data, size_t size, uint64_t seed) {
  return XXH3_64bits_withSeed(data, size, seed);
}

std::string Hash128::hex() const {
  return hex64(high) + hex64(low);
}

Hash128 xxh3_128(std::string_view bytes) {
  return from_xxh(XXH3_128bits(bytes.data(), bytes.size()));
}

std::string hex64(uint64_t value) {
  return fmt::format("{:016x}", value);
}

struct Hasher::State {
  XXH3_state_t* xxh = XXH3_createState();
  ~State() { XXH3_freeState(xxh); }
};

Hasher::Hasher() : state_(std::make_unique<State>()) {
  AURORA_CHECK(state_->xxh != nullptr && XXH3_128bits_reset(state_->xxh) == XXH_OK);
}
Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;

void Hasher::update(const void* data, size_t size) {
  if (size == 0) return;
  AURORA_CHECK(XXH3_128bits_update(state_->xxh, data, size) == XXH_OK);
}

Hash128 Hasher::digest() const {
  return from_xxh(XXH3_128bits_digest(state_->xxh));
}

Hash128 hash_file(const Path& path) {
  Hasher hasher;
  read_pieces(path, [&](std::string_view piece) { hasher.update(piece); });
  return hasher.digest();
}

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  AURORA_CHECK(state_->context != nullptr && EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1);
}
Sha256::~Sha256() = default;

void Sha256::update(const void* data, size_t size) {
  AURORA_CHECK(EVP_DigestUpdate(state_->context, data, size) == 1);
}

std::string Sha256::hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  AURORA_CHECK(EVP_DigestFinal_ex(state_->context, digest, &size) == 1, "hex() called twice");
  return digest_hex(digest, size);
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes.data(), bytes.size());
  return hash.hex();
}

std::string sha256_file(const Path& path) {
  Sha256 hash;
  read_pieces(path, [&](std::string_view piece) { hash.update(piece.data(), piece.size()); });
  return hash.hex();
}

std::string md5_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  AURORA_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_md5(), nullptr) == 1);
  return digest_hex(digest, size);
}

}  // namespace aurora
