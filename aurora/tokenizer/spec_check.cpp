#include "aurora/tokenizer/spec_check.h"

#include <fmt/format.h>

#include <bitset>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/tokenizer/bpe/pair_map.h"

namespace aurora::tokenizer {
namespace {

constexpr const char* kRemedy = "train the tokenizer again, or copy its file anew";

class SpecChecker {
 public:
  SpecChecker(const Spec& spec, const std::string& where) : spec_(spec), where_(where) {}

  void check() const {
    const size_t size = spec_.tokens.size();
    if (size == 0) refuse("no tokens");
    if (size > kMaxVocabulary) refuse(fmt::format("{} tokens, more than {}", size, kMaxVocabulary));
    check_added();
    check_tokens();
    check_bytes();
    check_merges();
    check_ids();
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw Error(what, where_, kRemedy); }
  bool has(int32_t id) const { return id >= 0 && static_cast<size_t>(id) < spec_.tokens.size(); }

  void check_tokens() const {
    std::unordered_map<std::string_view, size_t> ids;
    ids.reserve(spec_.tokens.size());
    for (size_t id = 0; id < spec_.tokens.size(); ++id) {
      const Token& token = spec_.tokens[id];
      if (token.text.empty() != (token.kind == TokenKind::kHole)) {
        refuse(fmt::format("token {} is {}", id, token.text.empty() ? "empty" : "a hole with a text"));
      }
      if (spec_.model != ModelKind::kBpe && !std::isfinite(token.score)) {
        refuse(fmt::format("the score of token {} is no number", id));
      }
      if (token.kind == TokenKind::kHole) continue;
      const bool bytes = byte_level_ && token.kind == TokenKind::kNormal;
      if (!bytes && !is_valid_utf8(token.text)) refuse(fmt::format("token {} is no UTF-8", id));
      // The bytes of a byte-level token and the spelling of another may be equal.
      const bool model = token.kind == TokenKind::kNormal || !byte_level_;
      if (!model) continue;
      const auto [found, fresh] = ids.emplace(token.text, id);
      if (!fresh) refuse(fmt::format("tokens {} and {} are equal", found->second, id));
    }
  }

  void check_added() const {
    std::unordered_set<std::string_view> texts;
    int32_t last = -1;
    for (const AddedToken& token : spec_.added) {
      if (token.text.empty()) refuse("an empty special token");
      if (!is_valid_utf8(token.text)) refuse(fmt::format("added token {} is no UTF-8", token.id));
      if (!texts.insert(token.text).second) refuse("special token " + token.text + " twice");
      if (!has(token.id) || token.id <= last) {
        refuse(
            fmt::format("added token {} has id {}, which is no token's or another's", token.text, token.id));
      }
      if (spec_.tokens[token.id].kind == TokenKind::kHole) {
        refuse(fmt::format("added token {} has id {}, which is a hole", token.text, token.id));
      }
      last = token.id;
    }
  }

  void check_bytes() const {
    if (!byte_level_ && !spec_.byte_fallback) return;
    std::bitset<256> there;
    for (const Token& token : spec_.tokens) {
      if (const int byte = byte_of(spec_, token); byte >= 0) there.set(static_cast<size_t>(byte));
    }
    for (size_t byte = 0; byte < 256; ++byte) {
      if (!there[byte]) refuse(fmt::format("no token for byte {}", byte));
    }
  }

  void check_merges() const {
    struct Nothing {};
    if (spec_.model != ModelKind::kBpe && !spec_.merges.empty()) refuse("a model without merges has merges");
    PairMap<Nothing> pairs(spec_.merges.size());
    uint32_t last = 0;
    for (size_t i = 0; i < spec_.merges.size(); ++i) {
      const MergeRule& merge = spec_.merges[i];
      if (merge.result == -1) {
        refuse(fmt::format("merge {}: tokens {} and {} join to no token", i, merge.left, merge.right));
      }
      if (!is_part(merge.left) || !is_part(merge.right) || !is_part(merge.result)) {
        refuse(fmt::format("merge {} joins tokens {} and {} to {} of {}", i, merge.left, merge.right,
                           merge.result, spec_.tokens.size()));
      }
      const std::string_view left = spec_.tokens[merge.left].text;
      const std::string_view right = spec_.tokens[merge.right].text;
      const std::string_view result = spec_.tokens[merge.result].text;
      if (result.size() != left.size() + right.size() || !result.starts_with(left) ||
          !result.ends_with(right)) {
        refuse(fmt::format("merge {}: tokens {} and {} do not join to {}", i, merge.left, merge.right,
                           merge.result));
      }
      if (merge.rank < last) refuse(fmt::format("merge {} does not stand in order of rank", i));
      last = merge.rank;
      if (!pairs.insert(merge.left, merge.right, {}).second) {
        refuse(fmt::format("merge {} stands twice: tokens {} and {}", i, merge.left, merge.right));
      }
    }
  }
  bool is_part(int32_t id) const { return has(id) && spec_.tokens[id].kind == TokenKind::kNormal; }

  void check_ids() const {
    const auto known = [&](int32_t id, const char* name) {
      if (id == -1) return;
      if (!has(id) || spec_.tokens[id].kind == TokenKind::kHole) {
        refuse(fmt::format("the {} token has id {}, which is no token's", name, id));
      }
    };
    known(spec_.unknown, "unknown");
    known(spec_.begin_of_document, "begin");
    known(spec_.end_of_document, "end");
    for (const std::vector<TemplatePiece>* pieces : {&spec_.single, &spec_.pair}) {
      for (const TemplatePiece& piece : *pieces) {
        if (piece.kind == TemplatePiece::Kind::kToken) known(piece.id == -1 ? -2 : piece.id, "template's");
      }
    }
  }

  const Spec& spec_;
  const std::string& where_;
  const bool byte_level_ = spec_.model == ModelKind::kBpe && spec_.byte_level;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

void check_spec(const Spec& spec, const std::string& where) {
  SpecChecker(spec, where).check();
}

int byte_of(const Spec& spec, const Token& token) {
  if (spec.model == ModelKind::kBpe && spec.byte_level) {
    const bool one = token.kind == TokenKind::kNormal && token.text.size() == 1;
    return one ? static_cast<uint8_t>(token.text[0]) : -1;
  }
  if (token.kind != TokenKind::kByte) return -1;
  const std::string_view text = token.text;
  if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return -1;
  const int high = hex_digit(text[3]);
  const int low = hex_digit(text[4]);
  return high < 0 || low < 0 ? -1 : 16 * high + low;
}

}  // namespace aurora::tokenizer
