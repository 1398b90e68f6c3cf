#include "aurora/tokenizer/steps/normalize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "aurora/base/error.h"
#include "aurora/tokenizer/steps/normalize_charsmap.h"
#include "aurora/tokenizer/steps/normalize_sentencepiece.h"
#include "aurora/tokenizer/steps/rewrite.h"
#include "aurora/unicode/classes.h"
#include "aurora/unicode/normal_forms.h"

namespace aurora::tokenizer {
namespace {

bool is_space(const unicode::Char& character) {
  return contains(unicode::kSpaces, character.kind);
}

class FormStep : public NormalizerStep {
 public:
  explicit FormStep(unicode::NormalForm form) : form_(form) {}
  bool keeps(std::string_view text) const override { return unicode::surely_normal(form_, text); }
  void apply(AlignedText& text) const override {
    if (keeps(text.text)) return;
    if (!text.aligned) {
      text.spare_text.clear();
      unicode::normalize(form_, text.text, text.spare_text);
      text.text.swap(text.spare_text);
      return;
    }
    std::string normal;
    std::vector<unicode::Change> changes;
    unicode::normalize(form_, text.text, normal, &changes);
    Rewrite rewrite(text);
    size_t at = 0;
    for (const unicode::Change& change : changes) {
      rewrite.copy(at, change.begin);
      rewrite.put(std::string_view(normal).substr(rewrite.made().size(), change.size), change.begin,
                  change.end);
      at = change.end;
    }
    rewrite.copy(at, text.text.size());
    rewrite.finish();
  }

 private:
  unicode::NormalForm form_;
};

class PrependStep : public NormalizerStep {
 public:
  explicit PrependStep(std::string prefix) : prefix_(std::move(prefix)) {}
  bool keeps(std::string_view text) const override { return text.empty(); }
  void apply(AlignedText& text) const override { prepend(text, prefix_); }

 private:
  std::string prefix_;
};

class ReplaceStep : public NormalizerStep {
 public:
  ReplaceStep(std::string from, std::string to) : from_(std::move(from)), to_(std::move(to)) {}
  bool keeps(std::string_view text) const override { return text.find(from_) == std::string_view::npos; }
  void apply(AlignedText& text) const override { replace_all(text, from_, to_); }

 private:
  std::string from_;
  std::string to_;
};

// The regexes " +", " {2,}", "\s+" and "\s{2,}": rows of space.
class ReplaceRowsStep : public NormalizerStep {
 public:
  ReplaceRowsStep(bool any_space, size_t least, std::string to)
      : any_space_(any_space), least_(least), to_(std::move(to)) {}
  void apply(AlignedText& text) const override {
    Rewrite rewrite(text);
    const std::string_view old = rewrite.old();
    size_t copied = 0;
    for (size_t at = 0; at < old.size();) {
      const size_t begin = at;
      size_t characters = 0;
      size_t last = at;  // where the row's last character begins
      while (at < old.size() && (old[at] == ' ' || any_space_)) {
        const unicode::Char character = unicode::read(old, at);
        if (!is_space(character)) break;
        last = at;
        at += character.bytes;
        ++characters;
      }
      if (characters >= least_) {
        rewrite.copy(copied, begin);
        rewrite.put(to_, last, at);
        copied = at;
      }
      if (characters == 0) at += unicode::read(old, at).bytes;
    }
    rewrite.copy(copied, old.size());
    rewrite.finish();
  }

 private:
  bool any_space_;
  size_t least_;
  std::string to_;
};

class StripStep : public NormalizerStep {
 public:
  StripStep(bool left, bool right) : left_(left), right_(right) {}
  void apply(AlignedText& text) const override {
    const std::string_view all = text.text;
    size_t begin = 0;
    while (left_ && begin < all.size() && is_space(unicode::read(all, begin))) {
      begin += unicode::read(all, begin).bytes;
    }
    size_t end = all.size();
    while (right_ && end > begin) {
      size_t last = end - 1;
      while (last > begin && (static_cast<uint8_t>(all[last]) & 0xc0) == 0x80) --last;
      const unicode::Char character = unicode::read(all, last);
      if (last + character.bytes != end || !is_space(character)) break;
      end = last;
    }
    if (begin == 0 && end == all.size()) return;
    Rewrite rewrite(text);
    rewrite.copy(begin, end);
    rewrite.finish();
  }

 private:
  bool left_;
  bool right_;
};

class LowercaseStep : public NormalizerStep {
 public:
  void apply(AlignedText& text) const override {
    Rewrite rewrite(text);
    const std::string_view old = rewrite.old();
    std::string lower;
    for (size_t at = 0; at < old.size();) {
      const unicode::Char character = unicode::read(old, at);
      const size_t end = at + character.bytes;
      lower.clear();
      if (character.code_point == 0xfffd) {  // perhaps a byte that is no UTF-8
        lower = old.substr(at, end - at);
      } else {
        unicode::append_lowercase(lower, character.code_point);
      }
      rewrite.put(lower, at, end);
      at = end;
    }
    rewrite.finish();
  }
};

std::unique_ptr<NormalizerStep> regex_step(const Normalizer& step, const std::string& where) {
  for (const auto& [regex, any_space, least] :
       {std::tuple(" +", false, 1), {" {2,}", false, 2}, {"\\s+", true, 1}, {"\\s{2,}", true, 2}}) {
    if (step.pattern == regex) {
      return std::make_unique<ReplaceRowsStep>(any_space, static_cast<size_t>(least), step.text);
    }
  }
  throw Error(
      fmt::format("the normalizer replaces the regex {}, which is not among those known here", step.pattern),
      where, "known are \" +\", \" {2,}\", \"\\s+\" and \"\\s{2,}\"");
}

std::unique_ptr<NormalizerStep> make_step(const Normalizer& step, const std::string& where) {
  switch (step.kind) {
    case Normalizer::Kind::kNfc:
      return std::make_unique<FormStep>(unicode::NormalForm::kNfc);
    case Normalizer::Kind::kNfd:
      return std::make_unique<FormStep>(unicode::NormalForm::kNfd);
    case Normalizer::Kind::kNfkc:
      return std::make_unique<FormStep>(unicode::NormalForm::kNfkc);
    case Normalizer::Kind::kNfkd:
      return std::make_unique<FormStep>(unicode::NormalForm::kNfkd);
    case Normalizer::Kind::kPrepend:
      return std::make_unique<PrependStep>(step.text);
    case Normalizer::Kind::kReplace:
      if (step.pattern_is_regex) return regex_step(step, where);
      if (step.pattern.empty()) throw Error("a normalizer replaces the empty text", where, "remove it");
      return std::make_unique<ReplaceStep>(step.pattern, step.text);
    case Normalizer::Kind::kStrip:
      return std::make_unique<StripStep>(step.left, step.right);
    case Normalizer::Kind::kLowercase:
      return std::make_unique<LowercaseStep>();
    case Normalizer::Kind::kPrecompiled:
      return make_charsmap_step(step.text, where);
    case Normalizer::Kind::kSentencePiece:
      break;  // it takes the whole list: TextNormalizer
  }
  throw Error("an unknown normalizer", where, "use a newer aurora");
}

}  // namespace

void AlignedText::assign(std::string_view from, size_t begin, bool keep_alignment) {
  text = from;
  aligned = keep_alignment;
  source.clear();
  if (!aligned) return;
  source.reserve(from.size());
  for (size_t i = 0; i < from.size(); ++i) source.push_back({begin + i, begin + i + 1});
}

void AlignedText::assign_part(const AlignedText& other, size_t from, size_t to) {
  text.assign(other.text, from, to - from);
  aligned = other.aligned;
  source.clear();
  if (!aligned) return;
  source.assign(other.source.begin() + static_cast<ptrdiff_t>(from),
                other.source.begin() + static_cast<ptrdiff_t>(to));
}

void replace_all(AlignedText& text, std::string_view from, std::string_view to) {
  Rewrite rewrite(text);
  const std::string_view old = rewrite.old();
  size_t copied = 0;
  for (size_t at = old.find(from); at != std::string_view::npos; at = old.find(from, copied)) {
    rewrite.copy(copied, at);
    rewrite.put(to, at + from.size() - 1, at + from.size());
    copied = at + from.size();
  }
  rewrite.copy(copied, old.size());
  rewrite.finish();
}

void prepend(AlignedText& text, std::string_view prefix) {
  if (text.text.empty()) return;
  Rewrite rewrite(text);
  rewrite.put(prefix, 0, unicode::read(text.text, 0).bytes);
  rewrite.copy(0, text.text.size());
  rewrite.finish();
}

TextNormalizer::TextNormalizer(const Spec& spec, const std::string& where) {
  const auto is_sentencepiece = [](const Normalizer& step) {
    return step.kind == Normalizer::Kind::kSentencePiece;
  };
  if (std::any_of(spec.normalizers.begin(), spec.normalizers.end(), is_sentencepiece)) {
    steps_.push_back(make_sentencepiece_step(spec, where));
    return;
  }
  for (const Normalizer& step : spec.normalizers) steps_.push_back(make_step(step, where));
}

TextNormalizer::~TextNormalizer() = default;

bool TextNormalizer::keeps(std::string_view text) const {
  return std::all_of(steps_.begin(), steps_.end(), [&](const auto& step) { return step->keeps(text); });
}

void TextNormalizer::apply(AlignedText& text) const {
  for (const auto& step : steps_) step->apply(text);
}

std::string TextNormalizer::normalized(std::string_view text) const {
  AlignedText under_way;
  under_way.assign(text, 0, false);
  apply(under_way);
  return under_way.text;
}

}  // namespace aurora::tokenizer
