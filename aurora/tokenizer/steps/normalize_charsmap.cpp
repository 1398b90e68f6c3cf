#include "aurora/tokenizer/steps/normalize_charsmap.h"

#include <bitset>

#include "aurora/base/utf8.h"
#include "aurora/tokenizer/steps/charsmap.h"
#include "aurora/tokenizer/steps/rewrite.h"
#include "aurora/unicode/classes.h"
#include "aurora/unicode/normal_forms.h"

namespace aurora::tokenizer {
namespace {

constexpr size_t kClusterBytes = 6;  // longer clusters are looked at character by character
constexpr uint32_t kPlane = 0x10000;

class CharsmapStep : public NormalizerStep {
 public:
  CharsmapStep(const std::string& blob, const std::string& where) : map_(blob, where) {
    std::string one;
    for (uint32_t c = 0; c < kPlane; ++c) {
      if (c >= 0xd800 && c < 0xe000) continue;
      one.clear();
      append_utf8(one, c);
      alone_[c] = c < 0x80 ? c != '\r' : !unicode::joins_clusters(c);
      plain_[c] = alone_[c] && map_.shortest(one).bytes == 0;
    }
  }

  void apply(AlignedText& text) const override {
    Rewrite rewrite(text);
    const std::string_view old = rewrite.old();
    size_t copied = 0;
    for (size_t at = 0; at < old.size();) {
      at = skip_plain(old, at);
      if (at == old.size()) break;
      rewrite.copy(copied, at);
      copied = at = cluster(rewrite, at);
    }
    rewrite.copy(copied, old.size());
    const SourceRange first = text.aligned && !old.empty() ? text.source.front() : SourceRange{};
    rewrite.finish();
    if (text.aligned && !text.text.empty()) keep_begin(text, first.begin);
  }

 private:
  // What is taken out of the begin belongs to the character behind it, as in `tokenizers`: a text that began
  // at the source's begin still does.
  static void keep_begin(AlignedText& text, size_t begin) {
    const size_t bytes = unicode::read(text.text, 0).bytes;
    for (size_t i = 0; i < bytes; ++i) text.source[i].begin = begin;
  }

  // Over characters that are clusters of their own and have no rule.
  size_t skip_plain(std::string_view text, size_t at) const {
    unicode::Char character;
    for (; at < text.size(); at += character.bytes) {
      character = unicode::read(text, at);
      if (character.code_point >= kPlane || !plain_[character.code_point]) return at;
      const size_t next = at + character.bytes;
      if (next == text.size() || static_cast<uint8_t>(text[next]) < 0x80) continue;
      const unicode::Char behind = unicode::read(text, next);
      if (behind.code_point >= kPlane || !alone_[behind.code_point]) return at;
    }
    return at;
  }

  size_t cluster(Rewrite& rewrite, size_t at) const {
    const std::string_view old = rewrite.old();
    const size_t end = unicode::cluster_end(old, at);
    if (end - at < kClusterBytes) {
      const Charsmap::Rule rule = map_.shortest(old.substr(at, end - at));
      if (rule.bytes > 0) {
        put(rewrite, rule.result, at, end);
        return end;
      }
    }
    while (at < end) {
      const size_t next = at + unicode::read(old, at).bytes;
      const Charsmap::Rule rule = map_.shortest(old.substr(at, next - at));
      if (rule.bytes > 0) {
        put(rewrite, rule.result, at, next);
      } else {
        rewrite.copy(at, next);
      }
      at = next;
    }
    return end;
  }

  // Characters stand for one another in order; further new ones for the last old one.
  static void put(Rewrite& rewrite, std::string_view result, size_t begin, size_t end) {
    size_t from = begin;
    size_t to = begin;
    for (size_t i = 0; i < result.size();) {
      const size_t bytes = unicode::read(result, i).bytes;
      if (to < end) {
        from = to;
        to += unicode::read(rewrite.old(), from).bytes;
      }
      const bool last = i + bytes == result.size();
      rewrite.put(result.substr(i, bytes), from, last ? end : to);
      i += bytes;
    }
  }

  Charsmap map_;
  std::bitset<kPlane> alone_;  // never shares a cluster with what stands beside it
  std::bitset<kPlane> plain_;  // ... and has no rule
};

}  // namespace

std::unique_ptr<NormalizerStep> make_charsmap_step(const std::string& blob, const std::string& where) {
  return std::make_unique<CharsmapStep>(blob, where);
}

}  // namespace aurora::tokenizer
