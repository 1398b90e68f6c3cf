#include "aurora/tokenizer/steps/split_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "aurora/base/error.h"
#include "aurora/tokenizer/steps/rewrite.h"
#include "aurora/unicode/classes.h"

namespace aurora::tokenizer {

// A text and the ends of its pieces, before and after a step.
struct WordSplitter::Work {
  AlignedText& text;
  std::vector<uint32_t>& ends;
  std::vector<uint32_t> pieces;  // the ends before

  // Calls fn(begin, end) for each piece; fn pushes new ends.
  template <class Fn>
  void for_each_piece(const Fn& fn) {
    std::swap(pieces, ends);
    ends.clear();
    uint32_t begin = 0;
    for (const uint32_t end : pieces) {
      fn(begin, end);
      begin = end;
    }
  }
};

WordSplitter::WordSplitter(const Spec& spec, const std::string& where) {
  std::vector<const pretokenize::Scheme*> schemes;
  const auto flush = [&] {
    if (!schemes.empty()) steps_.push_back({Kind::kCut, pretokenize::Pretokenizer(schemes), {}});
    schemes.clear();
  };
  for (const PretokenStep& step : spec.pretokenizers) {
    if (step.kind == PretokenStep::Kind::kMetaspace) {
      flush();
      steps_.push_back({Kind::kMetaspace, pretokenize::Pretokenizer({}), step});
      if (step.prepend == PretokenStep::Prepend::kFirst) asks_for_begin_ = true;
      continue;
    }
    if (step.prepend != PretokenStep::Prepend::kNever) {
      flush();
      steps_.push_back({Kind::kPrefixSpace, pretokenize::Pretokenizer({}), step});
    }
    const bool digits = step.kind == PretokenStep::Kind::kDigits;
    const std::string_view name = digits ? std::string_view("digits") : step.scheme;
    if (name.empty()) continue;  // bytes only, no cuts
    const pretokenize::Scheme* scheme = pretokenize::find_scheme(name);
    if (!scheme) {
      throw Error(fmt::format("the pre-tokenization {} is not known", name), where,
                  "use a tokenizer with a scheme that `aurora tokenizer --help` lists");
    }
    schemes.push_back(scheme);
  }
  flush();
  const bool one = steps_.size() == 1 && steps_[0].kind == Kind::kCut && steps_[0].schemes.fused();
  if (one) cut_ = steps_[0].schemes.fused()->cut;
}

void WordSplitter::split(AlignedText& text, bool at_begin, std::vector<uint32_t>& ends) const {
  constexpr size_t kGrowth = 3;  // at most, of a space to U+2581
  if (text.text.size() > 0xffffffff / kGrowth - kGrowth) {
    throw Error(fmt::format("a text of {} bytes is too long to be cut into words", text.text.size()),
                "the text", "cut it into documents");
  }
  ends.clear();
  if (text.text.empty()) return;
  ends.push_back(static_cast<uint32_t>(text.text.size()));
  Work work{text, ends, {}};
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Kind::kCut:
        cut_pieces(step, work);
        break;
      case Kind::kMetaspace:
        write_spaces(step.spec, at_begin, work);
        break;
      case Kind::kPrefixSpace:
        put_prefix_space(work);
        break;
    }
  }
}

void WordSplitter::cut_pieces(const Step& step, Work& work) {
  std::vector<uint32_t> cuts;
  work.for_each_piece([&](uint32_t begin, uint32_t end) {
    step.schemes.cut(std::string_view(work.text.text).substr(begin, end - begin), cuts);
    for (const uint32_t cut : cuts) work.ends.push_back(begin + cut);
  });
}

// Spaces become the step's mark; where it splits, a word begins at each mark.
void WordSplitter::write_spaces(const PretokenStep& step, bool at_begin, Work& work) {
  Rewrite rewrite(work.text);
  const std::string_view text = rewrite.old();
  const std::string_view mark = step.text;
  const auto cut_here = [&](size_t piece_begin) {
    if (step.split && rewrite.made().size() > piece_begin) {
      work.ends.push_back(static_cast<uint32_t>(rewrite.made().size()));
    }
  };
  work.for_each_piece([&](size_t begin, size_t end) {
    const size_t piece_begin = rewrite.made().size();
    const bool has_mark = text[begin] == ' ' || text.substr(begin, end - begin).starts_with(mark);
    const bool first = work.text.aligned ? work.text.source[begin].begin == 0 : at_begin && begin == 0;
    if (!has_mark && (step.prepend == PretokenStep::Prepend::kAlways ||
                      (step.prepend == PretokenStep::Prepend::kFirst && first))) {
      rewrite.put(mark, begin, begin + unicode::read(text, begin).bytes);
    }
    size_t copied = begin;
    for (size_t at = begin; at < end; ++at) {
      const bool space = text[at] == ' ';
      if (!space && (text[at] != mark[0] || !text.substr(at, end - at).starts_with(mark))) continue;
      rewrite.copy(copied, at);
      cut_here(piece_begin);
      copied = at;
      if (!space) continue;
      rewrite.put(mark, at, at + 1);
      copied = at + 1;
    }
    rewrite.copy(copied, end);
    work.ends.push_back(static_cast<uint32_t>(rewrite.made().size()));
  });
  rewrite.finish();
}

// Each piece begins with a space.
void WordSplitter::put_prefix_space(Work& work) {
  Rewrite rewrite(work.text);
  const std::string_view text = rewrite.old();
  work.for_each_piece([&](size_t begin, size_t end) {
    if (text[begin] != ' ') rewrite.put(" ", begin, begin + unicode::read(text, begin).bytes);
    rewrite.copy(begin, end);
    work.ends.push_back(static_cast<uint32_t>(rewrite.made().size()));
  });
  rewrite.finish();
}

}  // namespace aurora::tokenizer
