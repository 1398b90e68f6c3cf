#include "aurora/tokenizer/steps/normalize_sentencepiece.h"

#include <bitset>
#include <optional>

#include "aurora/tokenizer/steps/charsmap.h"
#include "aurora/tokenizer/steps/rewrite.h"
#include "aurora/tokenizer/unigram/piece_trie.h"
#include "aurora/unicode/classes.h"

namespace aurora::tokenizer {
namespace {

constexpr std::string_view kSpaceMark = "\xe2\x96\x81";    // U+2581
constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

class SentencePieceStep : public NormalizerStep {
 public:
  SentencePieceStep(const Spec& spec, const std::string& where) {
    for (const Normalizer& step : spec.normalizers) {
      if (step.kind == Normalizer::Kind::kPrecompiled) map_.emplace(step.text, where);
      if (step.kind != Normalizer::Kind::kSentencePiece) continue;
      add_dummy_prefix_ = step.left;
      remove_extra_ = step.right;
    }
    std::vector<PieceTrie::Piece> symbols;
    for (const AddedToken& token : spec.added) {
      if (token.special) continue;
      symbols.emplace_back(token.text, token.id);
      symbol_begins_[static_cast<uint8_t>(token.text[0])] = true;
    }
    symbols_ = PieceTrie(std::move(symbols));
  }

  void apply(AlignedText& text) const override {
    Rewrite rewrite(text);
    const std::string_view old = rewrite.old();
    size_t at = 0;
    while (remove_extra_ && at < old.size()) {
      const Prefix prefix = prefix_of(old, at);
      if (prefix.text != " ") break;
      at += prefix.bytes;
    }
    if (at == old.size()) return rewrite.finish();
    if (add_dummy_prefix_) rewrite.put(kSpaceMark, at, at);
    bool behind_space = remove_extra_;
    while (at < old.size()) {
      const size_t plain = skip_plain(old, at);
      if (plain > at) {
        rewrite.copy(at, plain);
        at = plain;
        behind_space = false;
        continue;
      }
      const Prefix prefix = prefix_of(old, at);
      std::string_view part = prefix.text;
      while (behind_space && part.starts_with(' ')) part.remove_prefix(1);
      if (!part.empty()) {
        put(rewrite, part, at, at + prefix.bytes);
        behind_space = remove_extra_ && part.ends_with(' ');
      }
      at += prefix.bytes;
    }
    while (remove_extra_ && rewrite.made().ends_with(kSpaceMark)) rewrite.drop_last(kSpaceMark.size());
    rewrite.finish();
  }

 private:
  struct Prefix {
    std::string_view text;  // what it becomes
    size_t bytes = 0;       // of the source
  };

  Prefix prefix_of(std::string_view text, size_t at) const {
    const std::string_view rest = text.substr(at);
    if (symbol_begins_[static_cast<uint8_t>(rest[0])]) {
      const PieceTrie::Match symbol = symbols_.longest(rest);
      if (symbol.bytes > 0) return {rest.substr(0, symbol.bytes), symbol.bytes};
    }
    if (map_) {
      const Charsmap::Rule rule = map_->longest(rest);
      if (rule.bytes > 0) return {rule.result, rule.bytes};
    }
    const unicode::Char character = unicode::read(text, at);
    const bool broken = character.code_point == 0xfffd && character.bytes == 1;
    return {broken ? kReplacement : rest.substr(0, character.bytes), character.bytes};
  }

  // Over ASCII that stays as it is.
  size_t skip_plain(std::string_view text, size_t at) const {
    for (; at + 1 < text.size(); ++at) {
      const auto first = static_cast<uint8_t>(text[at]);
      const auto second = static_cast<uint8_t>(text[at + 1]);
      if ((first | second) >= 0x80 || first == ' ' || symbol_begins_[first]) break;
      if (map_ && !map_->passes(first, second)) break;
    }
    return at;
  }

  static void put(Rewrite& rewrite, std::string_view part, size_t begin, size_t end) {
    size_t done = 0;
    for (size_t space = part.find(' '); space != std::string_view::npos; space = part.find(' ', done)) {
      rewrite.put(part.substr(done, space - done), begin, end);
      rewrite.put(kSpaceMark, begin, end);
      done = space + 1;
    }
    rewrite.put(part.substr(done), begin, end);
  }

  std::optional<Charsmap> map_;
  PieceTrie symbols_;
  std::bitset<256> symbol_begins_;
  bool add_dummy_prefix_ = false;
  bool remove_extra_ = false;
};

}  // namespace

std::unique_ptr<NormalizerStep> make_sentencepiece_step(const Spec& spec, const std::string& where) {
  return std::make_unique<SentencePieceStep>(spec, where);
}

}  // namespace aurora::tokenizer
