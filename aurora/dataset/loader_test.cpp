#include "aurora/dataset/loader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/dataset/test_files.h"

namespace aurora::dataset {
namespace {

using order::Piece;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int32_t kEnd = 0;
using Documents = std::vector<std::vector<int32_t>>;

// Always the same sample.
class GivenOrder : public order::SampleOrder {
 public:
  GivenOrder(int64_t length, std::vector<Piece> pieces) : length_(length), pieces_(std::move(pieces)) {}
  void pieces(uint64_t, std::vector<Piece>& out) const override { out = pieces_; }
  int64_t sequence_length() const override { return length_; }

 private:
  int64_t length_;
  std::vector<Piece> pieces_;
};

class LoaderTest : public testing::Test {
 protected:
  WeightedFile write(const std::string& name, const Documents& documents, double weight = 1.0,
                     int64_t vocab_size = 100) {
    format::TokenFileWriter writer(folder_ / name, vocab_size);
    for (const auto& document : documents) writer.append(document);
    writer.commit();
    return {name, weight, folder_ / name};
  }
  // Windows of `length`.
  Loader windows(const std::vector<WeightedFile>& sources, int64_t length,
                 LoaderOptions options = {100, kEnd}) {
    const auto order = window_order_of(sources, length);
    return Loader(order->files(), order, options);
  }
  Loader given(const Documents& documents, int64_t length, std::vector<Piece> pieces,
               LoaderOptions options = {100, kEnd}) {
    const WeightedFile source = write("given", documents, 1.0, options.vocab_size);
    return Loader(std::make_shared<TokenFiles>(std::vector{source_of("given", source.prefix, 1)}),
                  std::make_shared<GivenOrder>(length, std::move(pieces)), options);
  }

  TestFolder folder_;
};

// --- windows of the stored stream --------------------------------------------------------------------------

TEST_F(LoaderTest, ADocumentBeginsAtTheEndTokenOfTheOneBefore) {
  Loader loader = windows({write("a", {{11, 12, 13, kEnd}, {21, 22, 23}})}, 6);
  Sample sample = loader.read(0);
  EXPECT_THAT(sample.tokens, ElementsAre(11, 12, 13, kEnd, 21, 22));
  EXPECT_THAT(sample.targets, ElementsAre(12, 13, kEnd, 21, 22, 23));
  EXPECT_THAT(sample.segment_begin, ElementsAre(0, 0, 0, 3, 3, 3));
  EXPECT_THAT(sample.positions, ElementsAre(0, 1, 2, 0, 1, 2));
  EXPECT_THAT(sample.loss_weights, ElementsAre(1, 1, 1, 1, 1, 1));
  EXPECT_THAT(sample.pieces, ElementsAre(Piece{0, 0, 0, 1, 3}, Piece{0, 0, 1, 4, 3}));
}

TEST_F(LoaderTest, WithoutEndTokensNoTargetCrossesABorder) {
  Loader loader = windows({write("a", {{11, 12}, {}, {21, 22, 23}, {31}, {41}})}, 6);
  Sample sample = loader.read(0);
  EXPECT_THAT(sample.tokens, ElementsAre(11, 12, 21, 22, 23, 31));
  EXPECT_THAT(sample.segment_begin, ElementsAre(0, 0, 2, 2, 2, 5));
  EXPECT_THAT(sample.positions, ElementsAre(0, 1, 0, 1, 2, 0));
  EXPECT_THAT(sample.loss_weights, ElementsAre(1, 0, 1, 1, 0, 0));
}

TEST_F(LoaderTest, WithoutTheMaskASampleIsOneSegment) {
  Loader loader = windows({write("a", {{11, 12, 13, kEnd}, {21, 22, 23}})}, 6, {100, kEnd, false});
  Sample sample = loader.read(0);
  EXPECT_THAT(sample.segment_begin, ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(sample.positions, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(sample.loss_weights, ElementsAre(1, 1, 1, 1, 1, 1));
}

TEST_F(LoaderTest, AWindowThatBeginsInsideADocumentStartsAtPositionZero) {
  Loader loader = windows({write("a", {{1, 2, 3, 4, 5, 6, 7, 8, kEnd}})}, 4);
  for (uint64_t number : {0u, 1u}) {
    Sample sample = loader.read(number);
    EXPECT_EQ(sample.tokens[0], static_cast<int32_t>(sample.pieces[0].begin));
    EXPECT_THAT(sample.positions, ElementsAre(0, 1, 2, 3));
  }
}

// The rule for T+1 stored tokens, told row by row.
Sample expected_window(const format::TokenFile& file, const Sample& read, int32_t end_of_document) {
  const uint64_t first = read.pieces[0].begin - 1;
  const size_t length = read.tokens.size();
  std::vector<int32_t> window(length + 1);
  file.read(first, window.size(), window.data());
  Sample sample;
  sample.pieces = read.pieces;
  sample.tokens.assign(window.begin(), window.end() - 1);
  sample.targets.assign(window.begin() + 1, window.end());
  sample.loss_weights.assign(length, 1.0f);
  std::set<uint64_t> borders;
  for (uint64_t d = 0; d < file.documents(); ++d)
    if (file.document_tokens(d) > 0) borders.insert(file.document_begin(d));
  std::set<size_t> begins = {0};
  for (size_t row = 0; row < length; ++row) {
    if (!borders.contains(first + row + 1)) continue;
    const bool end = sample.tokens[row] == end_of_document;
    if (!end) sample.loss_weights[row] = 0;
    begins.insert(end ? row : row + 1);
  }
  for (size_t row = 0; row < length; ++row) {
    const size_t begin = *std::prev(begins.upper_bound(row));
    sample.segment_begin.push_back(static_cast<int32_t>(begin));
    sample.positions.push_back(static_cast<int32_t>(row - begin));
  }
  return sample;
}

void expect_same(const Sample& a, const Sample& b) {
  EXPECT_EQ(a.tokens, b.tokens);
  EXPECT_EQ(a.targets, b.targets);
  EXPECT_EQ(a.loss_weights, b.loss_weights);
  EXPECT_EQ(a.positions, b.positions);
  EXPECT_EQ(a.segment_begin, b.segment_begin);
}

TEST_F(LoaderTest, WindowsOfAnyDocumentsFollowTheRule) {
  for (uint64_t round = 0; round < 15; ++round) {
    const RandomKey key = random_key(round, Purpose::kTest);
    Documents documents;
    for (uint64_t d = 0; d < 60; ++d) {
      std::vector<int32_t> document(random_below(d, key, 9));
      for (size_t i = 0; i < document.size(); ++i)
        document[i] = static_cast<int32_t>(random_below(1000 + d * 16 + i, key, 90));
      if (round % 3 != 0 && (round % 3 == 1 || d % 2 == 0)) document.push_back(kEnd);
      documents.push_back(document);
    }
    const WeightedFile source = write("a", documents, 1.0, round % 2 == 0 ? 100 : 70000);
    Loader loader = windows({source}, 7 + static_cast<int64_t>(round % 5), {90, kEnd});
    const format::TokenFile file(source.prefix);
    for (uint64_t number = 0; number < 30; ++number) {
      const Sample sample = loader.read(number);
      expect_same(sample, expected_window(file, sample, kEnd));
    }
  }
}

TEST_F(LoaderTest, EveryTokenIsATargetOncePerEpoch) {
  Documents documents;
  for (int32_t d = 0; d < 9; ++d) documents.push_back({d * 7 + 1, d * 7 + 2, d * 7 + 3, d * 7 + 4, kEnd});
  Loader loader = windows({write("a", documents)}, 11);  // 45 tokens: 4 windows of 11
  std::multiset<int32_t> targets;
  for (uint64_t number = 0; number < 4; ++number)
    for (int32_t target : loader.read(number).targets) targets.insert(target);
  EXPECT_EQ(targets.size(), 44u);
  for (int32_t target : targets) EXPECT_EQ(targets.count(target), target == kEnd ? 9u : 1u) << target;
}

TEST_F(LoaderTest, EmptyCorporaAreLeftOutAndShortOnesRefused) {
  WeightedFile text = write("text", {{1, 2, 3, 4, 5, 6}});
  Loader loader = windows({write("empty", {}, 9.0), text}, 3);
  for (uint64_t number = 0; number < 20; ++number) EXPECT_EQ(loader.read(number).pieces[0].corpus, 1u);
  EXPECT_THROW(windows({write("short", {{1, 2}}), text}, 3), Error);
  EXPECT_THROW(windows({{"missing", 1.0, folder_ / "missing"}}, 3), Error);
}

// --- pieces of documents, wherever they lie ----------------------------------------------------------------

// Documents at 0..3, 4..6, 7..8.
const Documents kThree = {{11, 12, 13, kEnd}, {21, 22, 23}, {31, kEnd}};

TEST_F(LoaderTest, ADocumentsFirstTokenIsLearntFromTheEndToken) {
  // The third document, the second from its second token on, all of the first.
  Loader loader = given(kThree, 8, {{0, 0, 2, 7, 2}, {0, 0, 1, 5, 2}, {0, 0, 0, 0, 4}});
  Sample sample = loader.read(0);
  EXPECT_THAT(sample.tokens, ElementsAre(kEnd, 31, 21, 22, kEnd, 11, 12, 13));
  EXPECT_THAT(sample.targets, ElementsAre(31, kEnd, 22, 23, 11, 12, 13, kEnd));
  EXPECT_THAT(sample.segment_begin, ElementsAre(0, 0, 2, 2, 4, 4, 4, 4));
  EXPECT_THAT(sample.positions, ElementsAre(0, 1, 0, 1, 0, 1, 2, 3));
  EXPECT_THAT(sample.loss_weights, ElementsAre(1, 1, 1, 1, 1, 1, 1, 1));
}

TEST_F(LoaderTest, RowsBehindTheLastDocumentArePadding) {
  Loader loader = given(kThree, 5, {{0, 0, 1, 4, 3}});
  Sample sample = loader.read(0);
  EXPECT_THAT(sample.tokens, ElementsAre(kEnd, 21, 22, kEnd, kEnd));
  EXPECT_THAT(sample.targets, ElementsAre(21, 22, 23, kEnd, kEnd));
  EXPECT_THAT(sample.segment_begin, ElementsAre(0, 0, 0, 3, 3));
  EXPECT_THAT(sample.positions, ElementsAre(0, 1, 2, 0, 1));
  EXPECT_THAT(sample.loss_weights, ElementsAre(1, 1, 1, 0, 0));
}

TEST_F(LoaderTest, WithoutAnEndTokenTheFirstTokenTeachesNothing) {
  const LoaderOptions no_end{100, -1};
  Loader loader = given(kThree, 8, {{0, 0, 2, 7, 2}, {0, 0, 1, 5, 2}, {0, 0, 1, 4, 1}}, no_end);
  Sample sample = loader.read(0);
  EXPECT_THAT(sample.tokens, ElementsAre(0, 31, 21, 22, 0, 0, 0, 0));
  EXPECT_THAT(sample.targets, ElementsAre(31, kEnd, 22, 23, 21, 0, 0, 0));
  EXPECT_THAT(sample.segment_begin, ElementsAre(0, 1, 2, 2, 4, 5, 5, 5));
  EXPECT_THAT(sample.positions, ElementsAre(0, 0, 0, 1, 0, 0, 1, 2));
  EXPECT_THAT(sample.loss_weights, ElementsAre(0, 1, 1, 1, 0, 0, 0, 0));
}

TEST_F(LoaderTest, PiecesWithoutTheMaskAreOneSegment) {
  const std::vector<Piece> pieces = {{0, 0, 2, 7, 2}, {0, 0, 1, 4, 2}};
  Sample sample = given(kThree, 6, pieces, {100, kEnd, false}).read(0);
  EXPECT_THAT(sample.tokens, ElementsAre(kEnd, 31, kEnd, 21, kEnd, kEnd));
  EXPECT_THAT(sample.segment_begin, ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(sample.positions, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(sample.loss_weights, ElementsAre(1, 1, 1, 1, 0, 0));
  sample = given(kThree, 6, pieces, {100, -1, false}).read(0);
  EXPECT_THAT(sample.tokens, ElementsAre(0, 31, kEnd, 21, 0, 0));  // what stands before in the sample
  EXPECT_THAT(sample.positions, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(sample.loss_weights, ElementsAre(0, 1, 1, 1, 0, 0));
}

TEST_F(LoaderTest, AnyStoredTypeGivesTheSameSamples) {
  const std::vector<Piece> pieces = {{0, 0, 2, 7, 2}, {0, 0, 1, 5, 2}, {0, 0, 0, 0, 4}};
  const Sample expected = given(kThree, 8, pieces).read(0);
  for (auto type :
       {format::TokenType::kU8, format::TokenType::kI8, format::TokenType::kI16, format::TokenType::kI32,
        format::TokenType::kI64, format::TokenType::kF64, format::TokenType::kF32, format::TokenType::kU16})
    for (int64_t vocab_size : {100, 100000}) {
      format::TokenFileWriter writer(folder_ / "typed", type);
      for (const auto& document : kThree) writer.append(document);
      writer.commit();
      const Loader loader(std::make_shared<TokenFiles>(std::vector{source_of("typed", folder_ / "typed", 1)}),
                          std::make_shared<GivenOrder>(8, pieces), {vocab_size, kEnd});
      expect_same(loader.read(0), expected);
    }
}

// --- batches -----------------------------------------------------------------------------------------------

TEST_F(LoaderTest, ABatchIsThatOfItsSamples) {
  for (int64_t vocab_size : {100, 70000}) {
    Documents documents;
    for (int32_t d = 0; d < 40; ++d) {
      documents.emplace_back(static_cast<size_t>(1 + d * 7 % 11), d + 1);
      documents.back().push_back(kEnd);
    }
    Loader loader = windows({write("a", documents, 1.0, vocab_size)}, 9, {vocab_size, kEnd});
    TokenBatch batch(8, 9, vocab_size);
    const void* memory = batch.data();
    for (uint64_t first : {0u, 5u, 17u}) {
      const std::vector<uint64_t> numbers = {first, first + 3, first, first + 1};
      loader.read_batch(numbers, batch);
      ASSERT_EQ(batch.samples(), 4u);
      EXPECT_EQ(batch.wide(), vocab_size > 65536);
      for (size_t i = 0; i < numbers.size(); ++i) {
        expect_same(expand_sample(batch, i, 9, loader.options()), loader.read(numbers[i]));
        EXPECT_EQ(batch.wide() ? batch.tokens32(i).size() : batch.tokens16(i).size(), 10u);
      }
    }
    EXPECT_EQ(batch.data(), memory) << "it may be registered with a device";
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 4096, 0u);
  }
}

TEST_F(LoaderTest, ASegmentOfABatchSaysWhereItsRowsLie) {
  Loader loader = windows({write("a", {{11, 12, 13, kEnd}, {21, 22, 23}})}, 6);
  TokenBatch batch;
  loader.read_batch(std::vector<uint64_t>{0}, batch);
  EXPECT_THAT(batch.tokens16(0), ElementsAre(11, 12, 13, kEnd, 21, 22, 23));
  EXPECT_THAT(batch.segments(0), ElementsAre(Segment{0, 3, 0, 0, 3}, Segment{3, 3, 3, 0, 3}));
}

// --- trouble -----------------------------------------------------------------------------------------------

TEST_F(LoaderTest, ATokenOutsideTheVocabularyIsAnErrorNamingTheFile) {
  for (int64_t stored : {100, 70000}) {
    Loader loader = windows({write("wide", {{1, 2, 60, 4}}, 1.0, stored)}, 3, {50, kEnd});
    try {
      loader.read(0);
      FAIL();
    } catch (const Error& error) {
      EXPECT_THAT(error.where(), HasSubstr(stored == 100 ? "wide.bin@4" : "wide.bin@8"));
      EXPECT_THAT(error.happened(), HasSubstr("60"));
    }
  }
  EXPECT_THROW(windows({write("a", {{1, 2, 3, 4}})}, 3, {50, 50}), Error);
}

TEST_F(LoaderTest, AFileCutShortIsAnErrorUntilAWholeOneIsBack) {
  const WeightedFile source = write("a", {std::vector<int32_t>(9001, 1)});
  Loader loader = windows({source}, 3000);
  const Path bin = format::token_bin_path(source.prefix);
  const Path copy = folder_ / "copy";
  std::filesystem::copy_file(bin, copy);
  const Sample before = loader.read(0);
  for (bool in_place : {false, true}) {
    std::filesystem::resize_file(bin, 4);
    for (int again = 0; again < 2; ++again) {
      try {
        loader.read(0);
        FAIL();
      } catch (const Error& error) {
        EXPECT_THAT(error.where(), HasSubstr("a.bin@"));
      }
    }
    if (!in_place) std::filesystem::remove(bin);
    std::filesystem::copy_file(copy, bin, std::filesystem::copy_options::overwrite_existing);
    expect_same(loader.read(0), before);
  }
}

TEST_F(LoaderTest, AFileThatComesLateIsRead) {
  const WeightedFile source = write("a", {std::vector<int32_t>(100, 1)});
  Loader loader = windows({source}, 30);
  const Path idx = format::token_idx_path(source.prefix);
  std::filesystem::rename(idx, folder_ / "away");
  EXPECT_THROW(loader.read(0), Error);
  std::filesystem::rename(folder_ / "away", idx);
  EXPECT_EQ(loader.read(0).tokens.size(), 30u);
}

}  // namespace
}  // namespace aurora::dataset
