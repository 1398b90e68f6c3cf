#include "aurora/tokenizer/formats/rank_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "aurora/base/error.h"
#include "aurora/tokenizer/bpe/effective_merges.h"
#include "aurora/tokenizer/formats/base64.h"
#include "aurora/tokenizer/spec_check.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {
namespace {

constexpr const char* kRemedy = "copy the file anew; a line is a token in Base64, a space and its rank";
constexpr const char* kEndOfText = "<|endoftext|>";
constexpr size_t kHoles = 300'000;  // so many ranks may be without token, and no more

struct Encoding {
  std::vector<std::string_view> names;
  size_t ranks;
  NamedIds special_tokens;
};

std::vector<Encoding> known_encodings() {
  const NamedIds o200k = {{kEndOfText, 199999}, {"<|endofprompt|>", 200018}};
  NamedIds harmony = {{"<|startoftext|>", 199998}, {kEndOfText, 199999},    {"<|return|>", 200002},
                      {"<|constrain|>", 200003},   {"<|channel|>", 200005}, {"<|start|>", 200006},
                      {"<|end|>", 200007},         {"<|message|>", 200008}, {"<|call|>", 200012},
                      {"<|endofprompt|>", 200018}};
  for (int32_t id = 200000; id < 201088; ++id) {
    const auto has_id = [&](const auto& named) { return named.second == id; };
    if (std::any_of(harmony.begin(), harmony.end(), has_id)) continue;
    harmony.emplace_back(fmt::format("<|reserved_{}|>", id), id);
  }
  return {
      {{"gpt2", "r50k", "r50k_base"}, 50256, {{kEndOfText, 50256}}},
      {{"gpt2", "p50k", "p50k_base"}, 50280, {{kEndOfText, 50256}}},
      {{"p50k_edit"},
       50280,
       {{kEndOfText, 50256},
        {"<|fim_prefix|>", 50281},
        {"<|fim_middle|>", 50282},
        {"<|fim_suffix|>", 50283}}},
      {{"cl100k", "cl100k_base"},
       100256,
       {{kEndOfText, 100257},
        {"<|fim_prefix|>", 100258},
        {"<|fim_middle|>", 100259},
        {"<|fim_suffix|>", 100260},
        {"<|endofprompt|>", 100276}}},
      {{"o200k", "o200k_base"}, 199998, o200k},
      {{"o200k_harmony"}, 199998, harmony},
  };
}

// One line's token and rank.
std::pair<std::string, size_t> read_line(std::string_view line, const std::string& place) {
  const size_t space = line.find(' ');
  std::string bytes;
  if (space == std::string_view::npos || !read_base64(line.substr(0, space), bytes) || bytes.empty()) {
    throw Error("not a line of a rank file", place, kRemedy);
  }
  const std::string_view digits = line.substr(space + 1);
  size_t rank = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), rank);
  if (error != std::errc() || end != digits.data() + digits.size() || rank >= kMaxVocabulary) {
    throw Error("the rank is no number below " + std::to_string(kMaxVocabulary), place, kRemedy);
  }
  return {std::move(bytes), rank};
}

void read_lines(std::string_view text, const std::string& where, Spec& spec) {
  size_t ranks = 0;
  const size_t lines = 1 + static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  std::unordered_set<std::string> seen;
  for (size_t at = 0, line = 1; at < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view content = text.substr(at, end - at);
    at = end + 1;
    if (content.ends_with('\r')) content.remove_suffix(1);
    if (content.empty()) continue;
    const std::string place = where + ":" + std::to_string(line);
    auto [bytes, rank] = read_line(content, place);
    if (rank > 2 * lines + kHoles) throw Error("the rank leaves too many holes", place, kRemedy);
    if (rank >= spec.tokens.size()) spec.tokens.resize(rank + 1, {"", 0, TokenKind::kHole});
    if (spec.tokens[rank].kind != TokenKind::kHole)
      throw Error("a rank that another line has", place, kRemedy);
    if (!seen.insert(bytes).second) throw Error("a token that another line has", place, kRemedy);
    spec.tokens[rank] = {std::move(bytes), 0, TokenKind::kNormal};
    ++ranks;
  }
  if (ranks == 0) throw Error("no line of a rank file", where, kRemedy);
}

void add_special_tokens(const NamedIds& special_tokens, const std::string& where, Spec& spec) {
  for (const auto& [text, id] : special_tokens) {
    if (id < 0 || static_cast<size_t>(id) >= kMaxVocabulary)
      throw Error("special token " + text + " has no id", where, "give it an id behind the ranks");
    const size_t at = static_cast<size_t>(id);
    if (at >= spec.tokens.size()) spec.tokens.resize(at + 1, {"", 0, TokenKind::kHole});
    if (spec.tokens[at].kind != TokenKind::kHole) {
      throw Error(fmt::format("special token {} has the id {} of another token", text, id), where,
                  "give it an id that the file does not use");
    }
    spec.tokens[at] = {text, 0, TokenKind::kAdded};
    AddedToken token;
    token.id = id;
    token.text = text;
    spec.added.push_back(token);
    if (text == kEndOfText) spec.end_of_document = id;
  }
  std::sort(spec.added.begin(), spec.added.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
}

std::vector<uint32_t> ranks_by_id(const Spec& spec) {
  std::vector<uint32_t> ranks(spec.tokens.size(), kNoRank);
  for (size_t id = 0; id < ranks.size(); ++id) {
    if (spec.tokens[id].kind == TokenKind::kNormal) ranks[id] = static_cast<uint32_t>(id);
  }
  return ranks;
}

[[noreturn]] void refuse(const std::string& what) {
  throw Error("a rank file cannot say it: " + what, "tokenizer", "write a tokenizer.json");
}

// Every token of several bytes comes out of merges.
bool merges_make_all(const Spec& spec, size_t merges) {
  const auto several = std::count_if(spec.tokens.begin(), spec.tokens.end(), [](const Token& token) {
    return token.kind == TokenKind::kNormal && token.text.size() > 1;
  });
  return merges == static_cast<size_t>(several);
}

}  // namespace

NamedIds known_special_tokens(std::string_view name, size_t ranks) {
  static const std::vector<Encoding> encodings = known_encodings();
  for (const Encoding& encoding : encodings) {
    const auto& names = encoding.names;
    const bool named = std::find(names.begin(), names.end(), name) != names.end();
    if (named && encoding.ranks == ranks) return encoding.special_tokens;
  }
  return {};
}

Spec read_rank_file(std::string_view text, std::string_view scheme, const NamedIds& special_tokens,
                    const std::string& where) {
  Spec spec;
  read_lines(text, where, spec);
  spec.pretokenizers = steps_of_scheme(scheme, where);
  spec.decoders = {DecoderStep{}};
  spec.byte_level = true;
  spec.whole_words = true;
  spec.merges = merges_of_ranks(spec, ranks_by_id(spec));
  add_special_tokens(special_tokens, where, spec);
  return spec;
}

Spec read_rank_file(std::string_view text, std::string_view scheme, const std::string& where) {
  const size_t lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  const size_t open = text.empty() || text.ends_with('\n') ? 0 : 1;
  return read_rank_file(text, scheme, known_special_tokens(scheme, lines + open), where);
}

std::string write_rank_file(const Spec& spec) {
  if (spec.model != ModelKind::kBpe || !spec.byte_level) refuse("it is not byte-level BPE");
  if (!spec.normalizers.empty()) refuse("it has a normalizer");
  const std::vector<MergeRule> have = effective_merges(spec);
  if (!spec.whole_words && !merges_make_all(spec, have.size())) {
    refuse("it has tokens that no merge makes, but does not look words up whole");
  }
  const std::vector<MergeRule> wanted = merges_of_ranks(spec, ranks_by_id(spec));
  const auto same = [](const MergeRule& a, const MergeRule& b) {
    return a.left == b.left && a.right == b.right && a.result == b.result;
  };
  const auto [mine, other] = std::mismatch(have.begin(), have.end(), wanted.begin(), wanted.end(), same);
  if (mine != have.end() || other != wanted.end()) {
    const int32_t id = mine != have.end() ? mine->result : other->result;
    refuse(fmt::format("the merges do not come in the order of their tokens' ids (token {})", id));
  }
  std::string text;
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    if (spec.tokens[id].kind != TokenKind::kNormal) continue;
    text += fmt::format("{} {}\n", write_base64(spec.tokens[id].text), id);
  }
  return text;
}

}  // namespace aurora::tokenizer
