#include "aurora/tokenizer/steps/added_tokens.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "aurora/base/error.h"
#include "aurora/unicode/classes.h"
#include "aurora/unicode/normal_forms.h"

namespace aurora::tokenizer {
namespace {

constexpr size_t kNone = std::string_view::npos;

bool is_space(const unicode::Char& character) {
  return contains(unicode::kSpaces, character.kind);
}

// Where the character that ends at `end` begins; end > 0.
size_t last_character(std::string_view text, size_t end) {
  size_t at = end - 1;
  for (int back = 0; back < 3 && at > 0 && (static_cast<uint8_t>(text[at]) & 0xc0) == 0x80; ++back) --at;
  return at + unicode::read(text, at).bytes == end ? at : end - 1;
}

size_t spaces_before(std::string_view text, size_t at) {
  while (at > 0) {
    const size_t last = last_character(text, at);
    if (!is_space(unicode::read(text, last))) break;
    at = last;
  }
  return at;
}

size_t spaces_behind(std::string_view text, size_t at) {
  while (at < text.size()) {
    const unicode::Char character = unicode::read(text, at);
    if (!is_space(character)) break;
    at += character.bytes;
  }
  return at;
}

bool is_word_at(std::string_view text, size_t at) {
  return unicode::is_word_character(unicode::read(text, at).code_point);
}

bool is_single_word(std::string_view text, size_t begin, size_t end) {
  if (begin > 0 && is_word_at(text, last_character(text, begin))) return false;
  return end == text.size() || !is_word_at(text, end);
}

}  // namespace

// Finds the next byte of a set, as memchr does: one memchr for each byte of a small set, which stays at what
// it found until that is passed.
class AddedTokens::ByteSearch {
 public:
  ByteSearch(std::string_view text, std::string_view bytes) : text_(text), bytes_(bytes) {
    for (size_t i = 0; i < std::min(bytes_.size(), kFew); ++i) next_[i] = text_.find(bytes_[i]);
    if (bytes_.size() > kFew) {
      for (const char byte : bytes_) wanted_[static_cast<uint8_t>(byte)] = true;
    }
  }
  size_t next(size_t at) {
    if (bytes_.size() > kFew) {
      while (at < text_.size() && !wanted_[static_cast<uint8_t>(text_[at])]) ++at;
      return at < text_.size() ? at : kNone;
    }
    size_t first = kNone;
    for (size_t i = 0; i < bytes_.size(); ++i) {
      if (next_[i] != kNone && next_[i] < at) next_[i] = text_.find(bytes_[i], at);
      first = std::min(first, next_[i]);
    }
    return first;
  }

 private:
  static constexpr size_t kFew = 4;
  std::string_view text_;
  std::string_view bytes_;
  std::array<size_t, kFew> next_{};
  std::array<bool, 256> wanted_{};
};

AddedTokens::AddedTokens(const Spec& spec, const TextNormalizer& normalizer) : tokens_(spec.added) {
  const bool sentencepiece =
      std::any_of(spec.normalizers.begin(), spec.normalizers.end(),
                  [](const Normalizer& step) { return step.kind == Normalizer::Kind::kSentencePiece; });
  for (const AddedToken& token : tokens_) {
    // User-defined symbols of SentencePiece pass its normalizer as they are; a unigram's are pieces.
    const bool symbol = sentencepiece && !token.special;
    const bool piece = symbol && spec.model == ModelKind::kSentencePieceUnigram;
    texts_.push_back(piece                         ? ""
                     : token.normalized && !symbol ? normalizer.normalized(token.text)
                                                   : token.text);
  }
  std::vector<PieceTrie::Piece> source;
  std::vector<PieceTrie::Piece> normalized;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (texts_[i].empty()) continue;  // normalized away: never found
    (tokens_[i].normalized ? normalized : source).emplace_back(texts_[i], static_cast<int32_t>(i));
    add(tokens_[i].normalized ? normalized_ : source_, texts_[i]);
  }
  source_.trie = PieceTrie(std::move(source));
  normalized_.trie = PieceTrie(std::move(normalized));
}

void AddedTokens::add(Finder& finder, std::string_view text) {
  if (finder.first_bytes.find(text[0]) == std::string::npos) finder.first_bytes += text[0];
  const auto first = static_cast<uint8_t>(text[0]);
  if (text.size() == 1) {
    finder.one_byte[first] = true;
  } else {
    finder.first_two[size_t{first} << 8 | static_cast<uint8_t>(text[1])] = true;
  }
}

AddedPolicy AddedTokens::policy(Specials specials, const std::vector<std::string>& allowed) const {
  AddedPolicy policy;
  for (const AddedToken& token : tokens_) {
    auto action = AddedPolicy::Action::kTake;
    const bool free = !token.special || specials == Specials::kParse ||
                      std::find(allowed.begin(), allowed.end(), token.text) != allowed.end();
    if (!free) {
      action = specials == Specials::kText ? AddedPolicy::Action::kPass : AddedPolicy::Action::kRefuse;
    }
    policy.actions.push_back(action);
    if (action != AddedPolicy::Action::kPass)
      (token.normalized ? policy.in_normalized : policy.in_source) = true;
  }
  return policy;
}

void AddedTokens::split_source(std::string_view text, const AddedPolicy& policy,
                               std::vector<Section>& out) const {
  if (policy.in_source) return split(source_, text, policy, out);
  if (!text.empty()) out.push_back({0, text.size(), -1});
}

void AddedTokens::split_normalized(std::string_view text, const AddedPolicy& policy,
                                   std::vector<Section>& out) const {
  if (policy.in_normalized) return split(normalized_, text, policy, out);
  if (!text.empty()) out.push_back({0, text.size(), -1});
}

void AddedTokens::split(const Finder& finder, std::string_view text, const AddedPolicy& policy,
                        std::vector<Section>& out) const {
  ByteSearch search(text, finder.first_bytes);
  size_t done = 0;  // the sections reach so far
  for (size_t at = search.next(0); at != kNone; at = search.next(at)) {
    const auto first = static_cast<uint8_t>(text[at]);
    const auto second = at + 1 < text.size() ? static_cast<uint8_t>(text[at + 1]) : uint8_t{0};
    const bool maybe = finder.one_byte[first] || finder.first_two[size_t{first} << 8 | second];
    const PieceTrie::Match match = maybe ? finder.trie.longest(text.substr(at)) : PieceTrie::Match{};
    if (match.id < 0) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[static_cast<size_t>(match.id)];
    size_t begin = at;
    size_t end = at + match.bytes;
    at = end;
    const AddedPolicy::Action action = policy.actions[static_cast<size_t>(match.id)];
    if (action == AddedPolicy::Action::kPass) continue;
    if (token.single_word && !is_single_word(text, begin, end)) continue;
    if (action == AddedPolicy::Action::kRefuse) {
      throw Error(fmt::format("the special token {} stands in the text", token.text),
                  fmt::format("byte {}", begin), "allow it, or have special tokens taken as text");
    }
    // The space around it may be taken already: `tokenizers` then begins a token before the last one's end.
    if (token.strip_left) begin = std::max(spaces_before(text, begin), done);
    if (token.strip_right) end = spaces_behind(text, end);
    if (done < begin) out.push_back({done, begin, -1});
    out.push_back({begin, end, match.id});
    done = end;
  }
  if (done < text.size()) out.push_back({done, text.size(), -1});
}

}  // namespace aurora::tokenizer
