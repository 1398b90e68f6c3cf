#include "aurora/dataset/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"
#include "aurora/dataset/prefetch.h"

namespace aurora::dataset {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int32_t kEnd = 0;

class LoaderTest : public testing::Test {
 protected:
  Source write(const std::string& name, const std::vector<std::vector<int32_t>>& documents,
               double weight = 1.0) {
    format::TokenFileWriter writer(folder_ / name, 100);
    for (const auto& document : documents) writer.append(document);
    writer.commit();
    return {name, weight, folder_ / name};
  }

  TestFolder folder_;
};

LoaderOptions options(int64_t length) {
  return {.seed = 3, .sequence_length = length, .vocab_size = 100, .end_of_document = kEnd};
}

TEST_F(LoaderTest, ADocumentBeginsAtTheEndTokenOfTheOneBefore) {
  Loader loader({write("a", {{11, 12, 13, kEnd}, {21, 22, 23}})}, options(6));
  Sample sample = loader.read(0);
  EXPECT_THAT(sample.tokens, ElementsAre(11, 12, 13, kEnd, 21, 22));
  EXPECT_THAT(sample.targets, ElementsAre(12, 13, kEnd, 21, 22, 23));
  EXPECT_THAT(sample.segment_begin, ElementsAre(0, 0, 0, 3, 3, 3));
  EXPECT_THAT(sample.positions, ElementsAre(0, 1, 2, 0, 1, 2));
  EXPECT_THAT(sample.loss_weights, ElementsAre(1, 1, 1, 1, 1, 1));
}

TEST_F(LoaderTest, WithoutEndTokensNoTargetCrossesABorder) {
  Loader loader({write("a", {{11, 12}, {}, {21, 22, 23}, {31}, {41}})}, options(6));
  Sample sample = loader.read(0);
  EXPECT_THAT(sample.tokens, ElementsAre(11, 12, 21, 22, 23, 31));
  EXPECT_THAT(sample.segment_begin, ElementsAre(0, 0, 2, 2, 2, 5));
  EXPECT_THAT(sample.positions, ElementsAre(0, 1, 0, 1, 2, 0));
  EXPECT_THAT(sample.loss_weights, ElementsAre(1, 0, 1, 1, 0, 0));
}

TEST_F(LoaderTest, WithoutTheMaskASampleIsOneSegment) {
  LoaderOptions flat = options(6);
  flat.document_mask = false;
  Loader loader({write("a", {{11, 12, 13, kEnd}, {21, 22, 23}})}, flat);
  Sample sample = loader.read(0);
  EXPECT_THAT(sample.segment_begin, ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(sample.positions, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(sample.loss_weights, ElementsAre(1, 1, 1, 1, 1, 1));
}

TEST_F(LoaderTest, AWindowThatBeginsInsideADocumentStartsAtPositionZero) {
  Loader loader({write("a", {{1, 2, 3, 4, 5, 6, 7, 8, kEnd}})}, options(4));
  for (uint64_t number : {0u, 1u}) {
    Sample sample = loader.read(number);
    EXPECT_EQ(sample.tokens[0], static_cast<int32_t>(sample.piece.begin) + 1);
    EXPECT_THAT(sample.positions, ElementsAre(0, 1, 2, 3));
  }
}

TEST_F(LoaderTest, EveryTokenIsATargetOncePerEpoch) {
  std::vector<std::vector<int32_t>> documents;
  for (int32_t d = 0; d < 9; ++d) documents.push_back({d * 7 + 1, d * 7 + 2, d * 7 + 3, d * 7 + 4, kEnd});
  Loader loader({write("a", documents)}, options(11));  // 45 tokens: 4 windows of 11
  std::multiset<int32_t> targets;
  for (uint64_t number = 0; number < 4; ++number)
    for (int32_t target : loader.read(number).targets) targets.insert(target);
  EXPECT_EQ(targets.size(), 44u);
  for (int32_t target : targets) EXPECT_EQ(targets.count(target), target == kEnd ? 9u : 1u) << target;
}

TEST_F(LoaderTest, ATokenOutsideTheVocabularyIsAnErrorNamingTheFile) {
  LoaderOptions small = options(3);
  small.vocab_size = 50;
  Loader loader({write("wide", {{1, 2, 60, 4}})}, small);
  try {
    loader.read(0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.where(), HasSubstr("wide.bin@4"));
    EXPECT_THAT(error.happened(), HasSubstr("60"));
  }
}

TEST_F(LoaderTest, EmptyCorporaAreLeftOutAndShortOnesRefused) {
  Source text = write("text", {{1, 2, 3, 4, 5, 6}});
  Loader loader({write("empty", {}, 9.0), text}, options(3));
  for (uint64_t number = 0; number < 20; ++number) EXPECT_EQ(loader.read(number).piece.corpus, 1u);
  EXPECT_THROW(Loader({write("short", {{1, 2}}), text}, options(3)), Error);
  EXPECT_THROW(Loader({{"missing", 1.0, folder_ / "missing"}}, options(3)), Error);
}

TEST_F(LoaderTest, PrefetchGivesTheSameSamplesInAnyOrderOfAsking) {
  std::vector<int32_t> document(90);
  for (size_t i = 0; i < document.size(); ++i) document[i] = static_cast<int32_t>(i);
  Loader loader({write("a", {document}), write("b", {document}, 0.3)}, options(7));
  Prefetch prefetch(loader, 3);
  std::vector<uint64_t> numbers;
  for (uint64_t n = 0; n < 40; ++n) numbers.push_back(n);
  prefetch.announce(numbers);
  std::vector<std::thread> askers;
  std::vector<int> wrong(4);
  for (size_t t = 0; t < 4; ++t)
    askers.emplace_back([&, t] {
      for (uint64_t n = 0; n < 10; ++n) {
        uint64_t number = t * 10 + (t % 2 == 0 ? n : 9 - n);
        wrong[t] += prefetch.take(number).tokens != loader.read(number).tokens;
      }
    });
  for (std::thread& asker : askers) asker.join();
  EXPECT_THAT(wrong, ElementsAre(0, 0, 0, 0));
  EXPECT_EQ(prefetch.take(1000).tokens, loader.read(1000).tokens);  // never announced
}

TEST_F(LoaderTest, PrefetchHandsErrorsToWhoeverAsks) {
  LoaderOptions small = options(3);
  small.vocab_size = 50;
  Loader loader({write("wide", {{1, 2, 60, 4}})}, small);
  Prefetch prefetch(loader, 2);
  prefetch.announce({0, 1});
  EXPECT_THROW(prefetch.take(0), Error);
  EXPECT_THROW(prefetch.take(1), Error);
}

}  // namespace
}  // namespace aurora::dataset
