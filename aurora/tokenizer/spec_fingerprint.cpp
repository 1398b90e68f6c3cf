#include "aurora/tokenizer/spec_fingerprint.h"

#include "aurora/base/hash.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {
namespace {

class SpecHasher {
 public:
  void text(std::string_view bytes) {
    number(bytes.size());
    hasher_.update(bytes);
  }
  void number(uint64_t value) { hasher_.update(&value, sizeof value); }
  void id(int32_t value) { hasher_.update(&value, sizeof value); }
  void real(double value) { hasher_.update(&value, sizeof value); }
  std::string hex() const { return hasher_.digest().hex(); }

 private:
  Hasher hasher_;
};

// As it was when there were own tokenizers only: checkpoints and token files hold it.
std::string own_fingerprint(const Spec& spec) {
  SpecHasher hasher;
  hasher.text("aurora byte-level BPE 1");
  const size_t ordinary = spec.tokens.size() - spec.added.size();
  for (size_t id = 0; id < ordinary; ++id) hasher.text(spec.tokens[id].text);
  hasher.text("merges");
  for (const MergeRule& merge : spec.merges) {
    hasher.id(merge.left);
    hasher.id(merge.right);
  }
  hasher.text("special");
  for (const AddedToken& token : spec.added) hasher.text(token.text);
  return hasher.hex();
}

void hash_tokens(SpecHasher& hasher, const Spec& spec) {
  hasher.number(spec.tokens.size());
  for (const Token& token : spec.tokens) {
    hasher.text(token.text);
    hasher.number(static_cast<uint64_t>(token.kind));
    if (spec.model != ModelKind::kBpe) hasher.real(token.score);
  }
  hasher.number(spec.merges.size());
  for (const MergeRule& merge : spec.merges) {
    hasher.id(merge.left);
    hasher.id(merge.right);
    hasher.number(merge.rank);
  }
  hasher.number(spec.added.size());
  for (const AddedToken& token : spec.added) {
    hasher.id(token.id);
    hasher.text(token.text);
    hasher.number(uint64_t{token.special} | uint64_t{token.single_word} << 1 |
                  uint64_t{token.strip_left} << 2 | uint64_t{token.strip_right} << 3 |
                  uint64_t{token.normalized} << 4);
  }
}

void hash_steps(SpecHasher& hasher, const Spec& spec) {
  hasher.number(spec.normalizers.size());
  for (const Normalizer& step : spec.normalizers) {
    hasher.number(static_cast<uint64_t>(step.kind));
    hasher.text(step.pattern);
    hasher.text(step.text);
    hasher.number(uint64_t{step.pattern_is_regex} | uint64_t{step.left} << 1 | uint64_t{step.right} << 2);
  }
  hasher.number(spec.pretokenizers.size());
  for (const PretokenStep& step : spec.pretokenizers) {
    hasher.number(static_cast<uint64_t>(step.kind));
    hasher.text(step.scheme);
    hasher.text(step.text);
    hasher.number(static_cast<uint64_t>(step.prepend) << 1 | uint64_t{step.split});
  }
}

void hash_template(SpecHasher& hasher, const std::vector<TemplatePiece>& pieces) {
  hasher.number(pieces.size());
  for (const TemplatePiece& piece : pieces) {
    hasher.number(static_cast<uint64_t>(piece.kind));
    hasher.id(piece.id);
    hasher.id(piece.type_id);
  }
}

}  // namespace

std::string fingerprint_of(const Spec& spec) {
  if (is_own_spec(spec)) return own_fingerprint(spec);
  SpecHasher hasher;
  hasher.text("aurora tokenizer 2");
  hasher.number(static_cast<uint64_t>(spec.model));
  hasher.number(uint64_t{spec.byte_level} | uint64_t{spec.whole_words} << 1 |
                uint64_t{spec.byte_fallback} << 2 | uint64_t{spec.fuse_unknown} << 3);
  hasher.id(spec.unknown);
  hasher.id(spec.end_of_document);
  hash_tokens(hasher, spec);
  hash_steps(hasher, spec);
  hash_template(hasher, spec.single);
  hash_template(hasher, spec.pair);
  return hasher.hex();
}

}  // namespace aurora::tokenizer
