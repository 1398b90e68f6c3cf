#include "aurora/serve/keys.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"

namespace aurora::serve {
namespace {

constexpr uint64_t kLargestFile = 16 << 20;
constexpr const char* kRemedy =
    "write [[key]] tables with name and sha256, or make them with `aurora serve key`";

[[noreturn]] void refuse(const Path& file, const toml::node& node, const std::string& what) {
  throw Error(what, fmt::format("{}:{}", file.string(), node.source().begin.line), kRemedy);
}

Key read_key(const Path& file, const toml::table& table) {
  Key key;
  for (const auto& [name, value] : table) {
    const std::string_view field = name.str();
    const auto rate = [&]() -> int64_t {
      const auto number = value.value_exact<int64_t>();
      if (!number || *number < 1) refuse(file, value, fmt::format("{} is no whole number from 1", field));
      return *number;
    };
    const auto text = [&] {
      const auto string = value.value_exact<std::string>();
      if (!string || string->empty()) refuse(file, value, fmt::format("{} is no text", field));
      return *string;
    };
    if (field == "name") {
      key.name = text();
    } else if (field == "sha256") {
      key.sha256 = text();
    } else if (field == "requests_per_minute") {
      key.requests_per_minute = rate();
    } else if (field == "tokens_per_minute") {
      key.tokens_per_minute = rate();
    } else if (field == "admin") {
      const auto yes = value.value_exact<bool>();
      if (!yes) refuse(file, value, "admin is neither true nor false");
      key.admin = *yes;
    } else {
      refuse(file, value, fmt::format("a key has no setting '{}'", field));
    }
  }
  const bool is_hash =
      key.sha256.size() == 64 && key.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!is_hash) refuse(file, table, "sha256 is not 64 lower-case hexadecimal digits");
  if (key.name.empty()) refuse(file, table, "a key has no name");
  return key;
}

std::map<std::string, Key, std::less<>> read_keys(const Path& file) {
  std::map<std::string, Key, std::less<>> keys;
  toml::table root;
  try {
    root = toml::parse(read_file(file, kLargestFile), file.string());
  } catch (const toml::parse_error& error) {
    throw Error(std::string(error.description()),
                fmt::format("{}:{}", file.string(), error.source().begin.line), kRemedy);
  }
  for (const auto& [name, value] : root) {
    const toml::array* tables = value.as_array();
    if (name.str() != "key" || !tables || !tables->is_array_of_tables())
      refuse(file, value, fmt::format("'{}' is not a list of [[key]] tables", name.str()));
    for (const toml::node& table : *tables) {
      const Key key = read_key(file, *table.as_table());
      for (const auto& [hash, other] : keys)
        if (other.name == key.name) refuse(file, table, fmt::format("two keys are called '{}'", key.name));
      if (!keys.emplace(key.sha256, key).second) refuse(file, table, "two keys have the same hash");
    }
  }
  return keys;
}

}  // namespace

NewKey make_key(const std::string& name) {
  unsigned char random[32];
  if (RAND_bytes(random, sizeof random) != 1)
    throw Error("the system gives no random numbers", "", "try again; see `man 7 random`");
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string secret = "sk-aurora-";
  // 43 digits of 6 bits hold 256 bits.
  for (int bit = 0; bit < 256; bit += 6) {
    const int byte = bit / 8, next = byte + 1 < 32 ? random[byte + 1] : 0;
    secret += kDigits[(random[byte] << 8 | next) >> (10 - bit % 8) & 63];
  }
  return {secret, {.name = name, .sha256 = sha256_hex(secret)}};
}

void append_key(const Path& file, const Key& key) {
  std::string text;
  if (std::filesystem::exists(file)) {
    for (const auto& [hash, other] : read_keys(file))
      if (other.name == key.name)
        throw UsageError(fmt::format("a key called '{}' exists", key.name), file.string(),
                         "choose another name, or delete that [[key]] table");
    text = read_file(file, kLargestFile);
    if (!text.empty() && text.back() != '\n') text += '\n';
    if (!text.empty()) text += '\n';
  }
  std::ostringstream table;
  table << toml::table{{"name", key.name}, {"sha256", key.sha256}};
  if (key.requests_per_minute > 0) table << "\nrequests_per_minute = " << key.requests_per_minute;
  if (key.tokens_per_minute > 0) table << "\ntokens_per_minute = " << key.tokens_per_minute;
  if (key.admin) table << "\nadmin = true";
  write_file_atomic(file, text + "[[key]]\n" + table.str() + "\n");
  std::filesystem::permissions(file,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

KeyRing::KeyRing(Path file) : file_(std::move(file)), keys_(std::make_shared<const Keys>(read_keys(file_))) {
  std::error_code error;
  changed_ = std::filesystem::last_write_time(file_, error);
  size_ = std::filesystem::file_size(file_, error);
}

std::string KeyRing::refresh() {
  std::error_code error;
  const auto changed = std::filesystem::last_write_time(file_, error);
  const uintmax_t size = error ? 0 : std::filesystem::file_size(file_, error);
  if (error) return fmt::format("{}: {}", file_.string(), error.message());
  {
    std::lock_guard lock(mutex_);
    if (changed == changed_ && size == size_) return "";
    changed_ = changed;
    size_ = size;
  }
  try {
    auto keys = std::make_shared<const Keys>(read_keys(file_));
    std::lock_guard lock(mutex_);
    keys_ = std::move(keys);
    return "";
  } catch (const Error& wrong) {
    return wrong.what();
  }
}

std::optional<Key> KeyRing::find(std::string_view secret) {
  std::shared_ptr<const Keys> keys;
  {
    std::lock_guard lock(mutex_);
    keys = keys_;
  }
  // The hash of the secret is looked up, so the time this takes tells nothing about the secrets.
  const auto found = keys->find(sha256_hex(secret));
  if (found == keys->end()) return std::nullopt;
  return found->second;
}

void RateLimits::fill(Bucket& bucket, int64_t per_minute, double now) {
  const auto full = static_cast<double>(per_minute);
  if (bucket.fresh)
    bucket.left = full;
  else
    bucket.left = std::min(full, bucket.left + (now - bucket.at) * full / 60);
  bucket.at = now;
  bucket.fresh = false;
}

int64_t RateLimits::take_request(const Key& key, double now) {
  std::lock_guard lock(mutex_);
  Buckets& buckets = by_name_[key.name];
  const auto wait = [&](Bucket& bucket, int64_t per_minute, double wanted) -> int64_t {
    if (per_minute == 0) return 0;
    fill(bucket, per_minute, now);
    if (bucket.left >= wanted) return 0;
    return std::max<int64_t>(
        1, static_cast<int64_t>(std::ceil((wanted - bucket.left) * 60 / static_cast<double>(per_minute))));
  };
  const int64_t seconds = std::max(wait(buckets.requests, key.requests_per_minute, 1),
                                   wait(buckets.tokens, key.tokens_per_minute, 1));
  if (seconds == 0 && key.requests_per_minute > 0) buckets.requests.left -= 1;
  return seconds;
}

void RateLimits::pay_tokens(const Key& key, int64_t tokens, double now) {
  if (key.tokens_per_minute == 0) return;
  std::lock_guard lock(mutex_);
  Bucket& bucket = by_name_[key.name].tokens;
  fill(bucket, key.tokens_per_minute, now);
  bucket.left -= static_cast<double>(tokens);
}

}  // namespace aurora::serve
