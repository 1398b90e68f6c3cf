#include "aurora/serve/receipts.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"

namespace aurora::serve {
namespace {

constexpr int kVersion = 1;
constexpr const char* kRemedy = "give the \"receipt\" of an answer as this server sent it";

// Keys sorted, no spaces, UTF-8.
std::string canonical(const Json& json) {
  return nlohmann::json(json).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Json without_transport(const Json& body) {
  Json kept = body;
  for (const char* name : {"stream", "stream_options", "receipt", "user", "metadata", "store"})
    kept.erase(name);
  return kept;
}

}  // namespace

std::string canonical_request(const Json& body) {
  return canonical(without_transport(body));
}

Json make_receipt(const ReceiptInput& input, const Signer& signer) {
  Json choices = Json::array();
  for (const std::vector<int32_t>& tokens : input.tokens)
    choices.push_back({{"tokens", tokens.size()}, {"token_sha256", token_hash(tokens)}});
  const Json record = {{"version", kVersion},
                       {"endpoint", input.endpoint},
                       {"model", input.model},
                       {"model_hash", input.model_hash},
                       {"request_sha256", sha256_hex(canonical_request(input.body))},
                       {"created", input.created},
                       {"seed", input.seed},
                       {"choices", choices},
                       {"public_key", signer.public_key()}};
  return {{"record", record},
          {"signature", signer.sign(canonical(record))},
          {"request", without_transport(input.body)}};
}

ReceiptRecord read_receipt(std::string_view text, const std::string& where) {
  Json json = Json::parse(text, nullptr, false);
  // A whole answer holds its receipt.
  if (json.is_object() && json.contains("receipt")) json = Json(json["receipt"]);
  ReceiptRecord read;
  try {
    const Json& record = json.at("record");
    if (record.at("version").get<int>() != kVersion)
      throw Error("a receipt of another version", where, kRemedy);
    read.public_key = record.at("public_key").get<std::string>();
    if (!verify_signature(read.public_key, canonical(record), json.at("signature").get<std::string>()))
      throw Error("the signature does not belong to this record", where, "it was changed, or is not whole");
    read.request = json.at("request");
    if (sha256_hex(canonical_request(*read.request)) != record.at("request_sha256").get<std::string>())
      throw Error("the request is not the one that was signed", where, "it was changed");
    read.endpoint = record.at("endpoint").get<std::string>();
    read.model = record.at("model").get<std::string>();
    read.model_hash = record.at("model_hash").get<std::string>();
    read.created = record.at("created").get<int64_t>();
    read.seed = record.at("seed").get<uint64_t>();
    for (const Json& choice : record.at("choices"))
      read.token_hashes.push_back(choice.at("token_sha256").get<std::string>());
  } catch (const Json::exception& error) {
    throw Error(fmt::format("no receipt ({})", error.what()), where, kRemedy);
  }
  return read;
}

}  // namespace aurora::serve
