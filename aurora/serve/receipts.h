// What a receipt says, and how it is checked. docs/formats/receipt.md.
#pragma once

#include <string>
#include <vector>

#include "aurora/infer/request.h"
#include "aurora/serve/fields.h"
#include "aurora/serve/receipt.h"

namespace aurora::serve {

struct ReceiptInput {
  std::string endpoint;  // "/v1/chat/completions"
  std::string model, model_hash;
  const Json& body;  // of the request, as it was sent
  int64_t created = 0;
  uint64_t seed = 0;                                // that was used
  const std::vector<std::vector<int32_t>>& tokens;  // of each choice
};
// {"record": {...}, "signature": HEX, "request": {...}}: the record holds the SHA-256 of the request, which
// stands beside it so that one file suffices for a replay.
Json make_receipt(const ReceiptInput& input, const Signer& signer);

struct ReceiptRecord {
  std::string endpoint, model, model_hash, public_key;
  int64_t created = 0;
  uint64_t seed = 0;
  std::vector<std::string> token_hashes;  // of each choice
  JsonBox request;
};
// Error: no receipt, or one whose signature or request hash is wrong; `where` names it.
ReceiptRecord read_receipt(std::string_view text, const std::string& where);

// The body of a request without what does not change its answer (stream, receipt, user): what is hashed.
std::string canonical_request(const Json& body);

}  // namespace aurora::serve
