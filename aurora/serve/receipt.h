// Receipts: a signed record from which an answer can be made again, bit for bit. docs/formats/receipt.md.
//
// A receipt is a JSON object: "record" (what was asked of which model, and a hash of what came out) and
// "signature" (Ed25519, RFC 8032, over the bytes of the record as canonical JSON: keys sorted, no spaces,
// UTF-8).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aurora/base/file.h"

namespace aurora::serve {

// An Ed25519 key pair. Immutable, thread-safe.
class Signer {
 public:
  // The private key of a PEM file (PKCS #8), made with mode 0600 if the file is missing. Error: another kind
  // of key.
  explicit Signer(const Path& pem);
  ~Signer();
  Signer(Signer&&) noexcept;

  std::string public_key() const;                    // 64 hexadecimal digits
  std::string sign(std::string_view message) const;  // 128 hexadecimal digits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Whether `signature` is that of `message` under the public key; false for malformed ones too.
bool verify_signature(const std::string& public_key, std::string_view message, const std::string& signature);

// SHA-256 over the ids as little-endian int32.
std::string token_hash(const std::vector<int32_t>& tokens);

}  // namespace aurora::serve
