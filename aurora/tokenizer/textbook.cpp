#include "aurora/tokenizer/textbook.h"

#include <array>

#include "aurora/base/check.h"
#include "aurora/base/error.h"

namespace aurora::tokenizer {
namespace {

std::vector<std::string_view> cut(const pretokenize::Scheme& scheme, std::string_view text) {
  std::vector<std::string_view> words;
  std::array<uint32_t, 64> ends;
  for (size_t at = 0; at < text.size();) {
    const size_t count = scheme.cut_reference(text, at, ends);
    for (size_t i = 0; i < count; ++i) {
      words.push_back(text.substr(at, ends[i] - at));
      at = ends[i];
    }
  }
  return words;
}

}  // namespace

Textbook::Textbook(const Spec& spec) : spec_(spec) {
  bool plain = spec.model == ModelKind::kBpe && spec.byte_level && spec.normalizers.empty();
  for (const PretokenStep& step : spec.pretokenizers) {
    plain =
        plain && step.kind == PretokenStep::Kind::kScheme && step.prepend == PretokenStep::Prepend::kNever;
    if (!plain) break;
    steps_.push_back(pretokenize::find_scheme(step.scheme));
    AURORA_CHECK(steps_.back() != nullptr, "scheme {}", step.scheme);
  }
  if (!plain)
    throw Error("the textbook knows byte-level BPE without normalizer only", "vocabulary",
                "compare with another program's ids (FILE.jsonl)");
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    if (spec.tokens[id].kind == TokenKind::kNormal)
      tokens_.emplace(spec.tokens[id].text, static_cast<int32_t>(id));
  }
  for (const MergeRule& merge : spec.merges) merges_[{merge.left, merge.right}] = {merge.rank, merge.result};
}

void Textbook::encode(std::string_view text, std::vector<int32_t>& out) const {
  std::vector<std::string_view> words;
  if (!text.empty()) words.push_back(text);
  for (const pretokenize::Scheme* step : steps_) {
    std::vector<std::string_view> finer;
    for (const std::string_view word : words) {
      const std::vector<std::string_view> parts = cut(*step, word);
      finer.insert(finer.end(), parts.begin(), parts.end());
    }
    words = std::move(finer);
  }
  for (const std::string_view word : words) encode_word(word, out);
}

void Textbook::encode_word(std::string_view word, std::vector<int32_t>& out) const {
  if (spec_.whole_words) {
    if (const auto whole = tokens_.find(word); whole != tokens_.end()) {
      out.push_back(whole->second);
      return;
    }
  }
  std::vector<int32_t> ids;
  for (size_t i = 0; i < word.size(); ++i) ids.push_back(tokens_.at(word.substr(i, 1)));
  for (;;) {
    size_t best = ids.size();
    std::pair<uint32_t, int32_t> lowest;
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      const auto merge = merges_.find({ids[i], ids[i + 1]});
      if (merge != merges_.end() && (best == ids.size() || merge->second.first < lowest.first)) {
        best = i;
        lowest = merge->second;
      }
    }
    if (best == ids.size()) break;
    ids[best] = lowest.second;
    ids.erase(ids.begin() + static_cast<ptrdiff_t>(best) + 1);
  }
  out.insert(out.end(), ids.begin(), ids.end());
}

}  // namespace aurora::tokenizer
