#include "aurora/tokenizer/textbook.h"

#include "aurora/base/check.h"
#include "aurora/base/error.h"

namespace aurora::tokenizer {
namespace {

pretokenize::Pretokenizer words_of(const Spec& spec) {
  bool plain = spec.model == ModelKind::kBpe && spec.byte_level && spec.normalizers.empty();
  std::vector<const pretokenize::Scheme*> steps;
  for (const PretokenStep& step : spec.pretokenizers) {
    plain =
        plain && step.kind == PretokenStep::Kind::kScheme && step.prepend == PretokenStep::Prepend::kNever;
    if (!plain) break;
    steps.push_back(pretokenize::find_scheme(step.scheme));
    AURORA_CHECK(steps.back() != nullptr, "scheme {}", step.scheme);
  }
  if (!plain)
    throw Error("the textbook knows byte-level BPE without normalizer only", "vocabulary",
                "compare with another program's ids (FILE.jsonl)");
  return pretokenize::Pretokenizer(std::move(steps));
}

}  // namespace

Textbook::Textbook(const Spec& spec) : spec_(spec), words_(words_of(spec)) {
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    if (spec.tokens[id].kind == TokenKind::kNormal)
      tokens_.emplace(spec.tokens[id].text, static_cast<int32_t>(id));
  }
  for (const MergeRule& merge : spec.merges) merges_[{merge.left, merge.right}] = {merge.rank, merge.result};
}

void Textbook::encode(std::string_view text, std::vector<int32_t>& out) const {
  std::vector<uint32_t> ends;
  words_.cut_reference(text, ends);
  uint32_t begin = 0;
  for (const uint32_t end : ends) {
    encode_word(text.substr(begin, end - begin), out);
    begin = end;
  }
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
