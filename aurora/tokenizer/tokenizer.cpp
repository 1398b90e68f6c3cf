#include "aurora/tokenizer/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/base/utf8.h"
#include "aurora/tokenizer/encoder.h"

namespace aurora::tokenizer {
namespace {

constexpr const char* kRemedy = "train the tokenizer again, or copy its file anew";

void hash_bytes(Hasher& hasher, std::string_view bytes) {
  const uint64_t size = bytes.size();
  hasher.update(&size, sizeof size);
  hasher.update(bytes);
}

std::string fingerprint_of(const Vocabulary& vocabulary) {
  Hasher hasher;
  hash_bytes(hasher, "aurora byte-level BPE 1");
  for (const std::string& token : vocabulary.tokens) hash_bytes(hasher, token);
  hash_bytes(hasher, "merges");
  for (const auto& [left, right] : vocabulary.merges) {
    hasher.update(&left, sizeof left);
    hasher.update(&right, sizeof right);
  }
  hash_bytes(hasher, "special");
  for (const std::string& token : vocabulary.special_tokens) hash_bytes(hasher, token);
  return hasher.digest().hex();
}

void check_special_tokens(const std::vector<std::string>& tokens, const std::string& where) {
  if (tokens.empty()) throw Error("no special token, one must end documents", where, kRemedy);
  std::unordered_set<std::string> seen;
  for (const std::string& token : tokens) {
    if (token.empty()) throw Error("an empty special token", where, kRemedy);
    if (!seen.insert(token).second) throw Error("special token " + token + " twice", where, kRemedy);
  }
}

}  // namespace

Tokenizer::Tokenizer(Vocabulary vocabulary, const std::string& where) : vocabulary_(std::move(vocabulary)) {
  const std::vector<std::string>& tokens = vocabulary_.tokens;
  AURORA_CHECK(tokens.size() + vocabulary_.special_tokens.size() < 0x7fffffff);
  special_begin_ = static_cast<int32_t>(tokens.size());
  check_special_tokens(vocabulary_.special_tokens, where);

  std::unordered_map<std::string_view, int32_t> ids;
  for (size_t id = 0; id < tokens.size(); ++id) {
    if (tokens[id].empty()) throw Error(fmt::format("token {} is empty", id), where, kRemedy);
    const auto [found, added] = ids.emplace(tokens[id], static_cast<int32_t>(id));
    if (!added) throw Error(fmt::format("tokens {} and {} are equal", found->second, id), where, kRemedy);
  }
  for (int byte = 0; byte < 256; ++byte) {
    const auto found = ids.find(std::string(1, static_cast<char>(byte)));
    if (found == ids.end()) throw Error(fmt::format("no token for byte {}", byte), where, kRemedy);
    byte_ids_[byte] = found->second;
  }
  merges_ = MergeTable(vocabulary_.merges.size());
  for (size_t rank = 0; rank < vocabulary_.merges.size(); ++rank) {
    const auto [left, right] = vocabulary_.merges[rank];
    if (left < 0 || right < 0 || left >= special_begin_ || right >= special_begin_) {
      throw Error(fmt::format("merge {} joins tokens {} and {} of {}", rank, left, right, special_begin_),
                  where, kRemedy);
    }
    const auto joined = ids.find(tokens[left] + tokens[right]);
    if (joined == ids.end()) {
      throw Error(fmt::format("merge {}: tokens {} and {} join to no token", rank, left, right), where,
                  kRemedy);
    }
    if (!merges_.insert(left, right, {static_cast<uint32_t>(rank), joined->second}).second) {
      throw Error(fmt::format("merge {} stands twice: tokens {} and {}", rank, left, right), where, kRemedy);
    }
  }
  fingerprint_ = fingerprint_of(vocabulary_);
}

int32_t Tokenizer::vocab_size() const {
  return special_begin_ + static_cast<int32_t>(vocabulary_.special_tokens.size());
}

std::string_view Tokenizer::token(int32_t id) const {
  AURORA_CHECK(id >= 0 && id < vocab_size(), "token {} of {}", id, vocab_size());
  return id < special_begin_ ? vocabulary_.tokens[id] : vocabulary_.special_tokens[id - special_begin_];
}

bool Tokenizer::is_special(int32_t id) const {
  return id >= special_begin_ && id < vocab_size();
}

int32_t Tokenizer::special_id(std::string_view text) const {
  const std::vector<std::string>& all = vocabulary_.special_tokens;
  const auto found = std::find(all.begin(), all.end(), text);
  return found == all.end() ? -1 : special_begin_ + static_cast<int32_t>(found - all.begin());
}

std::vector<int32_t> Tokenizer::encode(std::string_view text) const {
  std::vector<int32_t> ids;
  Encoder(*this).encode(text, ids);
  return ids;
}

std::string Tokenizer::decode(std::span<const int32_t> ids) const {
  std::string text;
  for (int32_t id : ids) text += token(id);
  return text;
}

std::string StreamDecoder::push(int32_t id) {
  if (tokenizer_.is_special(id)) return "";
  held_ += tokenizer_.token(id);
  const size_t whole = held_.size() - incomplete_utf8_tail(held_);
  std::string text = repair_utf8(std::string_view(held_).substr(0, whole));
  held_.erase(0, whole);
  return text;
}

std::string StreamDecoder::finish() {
  std::string text = repair_utf8(held_);
  held_.clear();
  return text;
}

}  // namespace aurora::tokenizer
