#include "aurora/megatron/indices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"

// Known answers were made by megatron-core 0.16.1: _build_document_index, helpers.build_sample_idx and
// _build_shuffle_index over the same lengths with numpy.random.RandomState(seed).
namespace aurora::megatron {
namespace {

using ::testing::ElementsAre;

struct Built {
  IndexPlan plan;
  Indices indices;
};

Built build(const std::vector<int32_t>& numbers, SequenceRange range, std::optional<int64_t> samples,
            const IndexSettings& settings, Pool& pool = Pool::serial()) {
  const SequenceLengths lengths(numbers);
  Built built;
  built.plan = plan_indices(range, lengths.sum(range.begin, range.end), samples, settings);
  built.indices = build_indices(lengths, built.plan, settings, pool);
  return built;
}

template <typename Number>
std::vector<Number> list(const LargeArray<Number>& array) {
  return {array.span().begin(), array.span().end()};
}

template <typename Number>
std::string md5_of(const LargeArray<Number>& array) {
  return md5_hex({reinterpret_cast<const char*>(array.data()), array.size() * sizeof(Number)});
}

TEST(Indices, OneEpochOfFourDocuments) {
  const Built built = build({3, 5, 2, 4}, {0, 4}, std::nullopt, {.sequence_length = 4});
  EXPECT_THAT(list(built.indices.documents), ElementsAre(0, 1, 2, 3));
  // Samples of 5 tokens begin at tokens 0, 4, 8 of 14; the last row is token 12.
  EXPECT_THAT(list(built.indices.samples), ElementsAre(0, 0, 1, 1, 2, 0, 3, 2));
  EXPECT_THAT(list(built.indices.shuffle), ElementsAre(1, 2, 0));
}

TEST(Indices, TheLastEpochStandsApartWhenLittleOfItIsNeeded) {
  const Built built = build({3, 5, 0, 4}, {1, 4}, 3, {.sequence_length = 4});
  EXPECT_EQ(built.plan.tokens_per_epoch, 9);
  EXPECT_EQ(built.plan.epochs, 2);
  EXPECT_FALSE(built.plan.separate_last_epoch);  // 1 sample is not below int(0.8 * 2)
  EXPECT_THAT(list(built.indices.documents), ElementsAre(3, 2, 3, 1, 2, 1));
  EXPECT_THAT(list(built.indices.samples), ElementsAre(0, 0, 2, 0, 3, 0, 3, 4, 5, 3));
  EXPECT_THAT(list(built.indices.shuffle), ElementsAre(0, 2, 1, 3));
}

TEST(Indices, WithoutTheExtraTokenSamplesDoNotOverlap) {
  const Built built = build({3, 5, 2, 4}, {0, 4}, std::nullopt,
                            {.sequence_length = 4, .extra_token = false, .drop_last_partial = false});
  EXPECT_THAT(list(built.indices.samples), ElementsAre(0, 0, 1, 1, 1, 5, 3, 2, 3, 4));
  EXPECT_THAT(list(built.indices.shuffle), ElementsAre(1, 2, 3, 0));
}

TEST(Indices, APartialLastSampleIsKeptOnDemand) {
  const Built built =
      build({3, 5, 2, 4}, {0, 4}, std::nullopt, {.sequence_length = 4, .drop_last_partial = false});
  EXPECT_THAT(list(built.indices.samples), ElementsAre(0, 0, 1, 1, 2, 0, 3, 2, 3, 3));
}

struct Known {
  SequenceRange range;
  std::optional<int64_t> samples;
  uint32_t seed;
  int64_t epochs;
  bool separate;
  const char* documents;
  const char* rows;
  const char* shuffle;
};

const Known kKnown[] = {
    {{0, 200'000},
     std::nullopt,
     1234,
     1,
     false,
     "8154d102e57c7ac48ae1b16cd9850ea1",
     "22a7722e40922b174253a13af7d4d9bb",
     "240d1ef99d280ebc5c521cbaecf1c628"},
    {{1000, 151'000},
     250'000,
     5,
     3,
     true,
     "573c9e886b40952885efe8532340d2f6",
     "4d116a5ff380133ee782800ffbe4c2a3",
     "6e438a66f7fe5b3d775f6e3b5c09af20"},
    {{1000, 151'000},
     200'000,
     5,
     2,
     true,
     "0c71c04d0a5d2abc910351c46791b19c",
     "d3f1aa9b5634565c89454adcb77f658e",
     "f04aae364dd1f070df13d34d88b749d2"},
};

// Lengths i * 7919 % 97, samples of 64 tokens.
TEST(Indices, AreMegatronsOnAnyNumberOfThreads) {
  std::vector<int32_t> lengths;
  for (int64_t i = 0; i < 200'000; ++i) lengths.push_back(static_cast<int32_t>(i * 7919 % 97));
  for (const int threads : {1, 2, 3}) {
    Pool pool(threads);
    for (const Known& known : kKnown) {
      const Built built =
          build(lengths, known.range, known.samples, {.sequence_length = 64, .seed = known.seed}, pool);
      EXPECT_EQ(built.plan.epochs, known.epochs);
      EXPECT_EQ(built.plan.separate_last_epoch, known.separate);
      EXPECT_EQ(md5_of(built.indices.documents), known.documents);
      EXPECT_EQ(md5_of(built.indices.samples), known.rows);
      EXPECT_EQ(md5_of(built.indices.shuffle), known.shuffle);
    }
  }
}

TEST(IndexPlan, WidensWhereMegatronDoes) {
  IndexPlan plan;
  plan.range = {0, 1};
  plan.epochs = INT32_MAX;
  EXPECT_FALSE(plan.wide_rows());
  plan.epochs += 1;
  EXPECT_TRUE(plan.wide_rows());
  plan.samples = int64_t{UINT32_MAX} - 2;
  EXPECT_FALSE(plan.wide_shuffle());
  plan.samples += 1;
  EXPECT_TRUE(plan.wide_shuffle());
}

TEST(IndexPlan, CountsAPartialSampleInSinglePrecision) {
  // (2^40 + 2^15 - 1) / 2^10 in f32 is 2^30; exactly it would be 2^30 + 32.
  const IndexPlan plan = plan_indices({0, 10}, (int64_t{1} << 40) + (1 << 15), std::nullopt,
                                      {.sequence_length = 1024, .drop_last_partial = false});
  EXPECT_EQ(plan.samples, int64_t{1} << 30);
}

TEST(IndexPlan, RefusesWhatMegatronCannotBuild) {
  const IndexSettings settings{.sequence_length = 8};
  EXPECT_THROW(plan_indices({0, 5}, 0, 1, settings), Error);  // it would never return
  EXPECT_THROW(plan_indices({0, uint64_t{1} << 31}, 100, 1, settings), Error);
  EXPECT_THROW(plan_indices({0, 5}, 100, -1, settings), Error);
  EXPECT_THROW(plan_indices({0, 5}, 100, 1, {.sequence_length = 1}), Error);
  EXPECT_THROW(
      build({0, 3}, {0, 2}, std::nullopt, {.sequence_length = 4, .seed = 0, .drop_last_partial = false}),
      Error);  // the last, partial sample ends in an empty document
}

TEST(Indices, OfNoDocumentAreOneRow) {
  const Built built = build({3, 4}, {1, 1}, std::nullopt, {.sequence_length = 4});
  EXPECT_EQ(built.indices.documents.size(), 0u);
  EXPECT_THAT(list(built.indices.samples), ElementsAre(0, 0));
  EXPECT_EQ(built.indices.shuffle.size(), 0u);
}

}  // namespace
}  // namespace aurora::megatron
