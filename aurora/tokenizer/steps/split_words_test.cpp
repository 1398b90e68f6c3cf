#include "aurora/tokenizer/steps/split_words.h"

#include <gtest/gtest.h>

#include <array>

#include "aurora/base/error.h"
#include "aurora/tokenizer/steps/cut_marks.h"
#include "aurora/tokenizer/test_specs.h"

namespace aurora::tokenizer {
namespace {

PretokenStep scheme(std::string name) {
  PretokenStep step;
  step.scheme = std::move(name);
  return step;
}

PretokenStep metaspace(PretokenStep::Prepend prepend, bool split = true) {
  PretokenStep step;
  step.kind = PretokenStep::Kind::kMetaspace;
  step.prepend = prepend;
  step.split = split;
  return step;
}

PretokenStep digits() {
  PretokenStep step;
  step.kind = PretokenStep::Kind::kDigits;
  return step;
}

// The words, with | between.
std::string words(std::vector<PretokenStep> steps, std::string_view text, bool aligned = false,
                  size_t begin = 0) {
  Spec spec;
  spec.pretokenizers = std::move(steps);
  AlignedText under_way;
  under_way.assign(text, begin, aligned);
  std::vector<uint32_t> ends;
  WordSplitter(spec).split(under_way, begin == 0, ends);
  std::string out;
  size_t at = 0;
  for (const uint32_t end : ends) {
    if (at > 0) out += '|';
    out += under_way.text.substr(at, end - at);
    at = end;
  }
  EXPECT_EQ(at, under_way.text.size());
  return out;
}

TEST(SplitWords, WithoutStepsATextIsOneWord) {
  EXPECT_TRUE(WordSplitter(Spec()).keeps_whole());
  EXPECT_EQ(words({}, "a b"), "a b");
  EXPECT_EQ(words({}, ""), "");
}

TEST(SplitWords, SchemesCutInsideOneAnother) {
  EXPECT_EQ(words({digits(), scheme("gpt2")}, "ab 12"), "ab| |1|2");
  Spec spec;
  spec.pretokenizers = {digits(), scheme("gpt2")};
  EXPECT_NE(WordSplitter(spec).cut(), nullptr);  // one scanner does both
  spec.pretokenizers = {scheme("no such")};
  EXPECT_THROW(WordSplitter{spec}, Error);
}

TEST(SplitWords, MetaspaceWordsBeginAtMarks) {
  using Prepend = PretokenStep::Prepend;
  EXPECT_EQ(words({metaspace(Prepend::kAlways)}, "a  b \u2581c "),
            "\u2581a|\u2581|\u2581b|\u2581|\u2581c|\u2581");
  EXPECT_EQ(words({metaspace(Prepend::kNever)}, "a b"), "a|\u2581b");
  EXPECT_EQ(words({metaspace(Prepend::kAlways, false)}, "a b"), "\u2581a\u2581b");
  EXPECT_EQ(words({metaspace(Prepend::kAlways)}, " a"), "\u2581a");
  EXPECT_EQ(words({metaspace(Prepend::kFirst)}, "a b"), "\u2581a|\u2581b");
  EXPECT_EQ(words({metaspace(Prepend::kFirst)}, "a b", true, 7), "a|\u2581b");
  EXPECT_EQ(words({digits(), metaspace(Prepend::kAlways)}, "a1 b"), "\u2581a|\u25811|\u2581b");
}

TEST(SplitWords, APrefixSpaceStandsBeforeWhatHasNone) {
  PretokenStep step = scheme("gpt2");
  step.prepend = PretokenStep::Prepend::kAlways;
  EXPECT_EQ(words({step}, "a b"), " a| b");
  EXPECT_EQ(words({step}, " a"), " a");
}

TEST(CutMarks, WordsEndBeforeRowsOfMarks) {
  const std::string text = "\u2581\u2581a\u2581b\u2014\u2581\u2581\u2581c\u2581";
  std::array<uint32_t, 2> ends{};
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t count = cut_before_marks(text, at, ends);
    for (size_t i = 0; i < count; ++i) {
      out += text.substr(at, ends[i] - at) + "|";
      at = ends[i];
    }
  }
  EXPECT_EQ(out, "\u2581\u2581a|\u2581b\u2014|\u2581\u2581\u2581c|\u2581|");
}

TEST(CutMarks, OnlyWhereNoTokenHasAMarkBehindAnotherCharacter) {
  Spec spec = llama_spec();
  EXPECT_TRUE(marks_begin_words(spec));
  add_merge(spec, 262, 258);  // "a" and the mark
  EXPECT_FALSE(marks_begin_words(spec));
  EXPECT_FALSE(marks_begin_words(byte_level_spec()));
}

}  // namespace
}  // namespace aurora::tokenizer
