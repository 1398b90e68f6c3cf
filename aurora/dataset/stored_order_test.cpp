#include "aurora/dataset/stored_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <thread>

#include "aurora/base/error.h"
#include "aurora/dataset/packing.h"
#include "aurora/dataset/test_files.h"

namespace aurora::dataset {
namespace {

using order::Mode;
using order::Piece;
using testing::ElementsAre;

class StoredOrderTest : public testing::Test {
 protected:
  Path add(const std::vector<uint64_t>& lengths) {
    return prefixes_.emplace_back(write_documents(folder_ / fmt_name(prefixes_.size()), lengths));
  }
  static std::string fmt_name(size_t i) { return "file" + std::to_string(i); }

  // All files as one corpus.
  StoredOrder order(Mode mode, uint64_t length, uint64_t windows, size_t cache_bytes = 1 << 20) {
    order::OrderSpec spec;
    spec.seed = 5;
    spec.mode = mode;
    spec.sequence_length = length;
    spec.block_windows = windows;
    spec.corpora.push_back({"text", {}});
    std::vector<TokenFileSource> sources;
    for (size_t i = 0; i < prefixes_.size(); ++i) {
      sources.push_back(source_of("text", prefixes_[i], 100 + i));
      order::File file{100 + i, sources.back().tokens, 0, {}};
      if (mode == Mode::kPacked)
        file.block_bins = count_bins(format::TokenFile(prefixes_[i]), static_cast<int64_t>(length),
                                     static_cast<int64_t>(windows));
      spec.corpora[0].files.push_back(file);
    }
    spec.stages.push_back({"all", 0, {1.0}});
    return StoredOrder(order::Order(spec), std::make_shared<TokenFiles>(sources), cache_bytes);
  }

  uint64_t units(const StoredOrder& order) const {
    uint64_t units = 0;
    for (uint32_t file = 0; file < prefixes_.size(); ++file) units += order.order().units(file);
    return units;
  }

  TestFolder folder_;
  std::vector<Path> prefixes_;
};

using Seen = std::map<uint32_t, std::vector<int>>;  // per file: how often each token was a target

// Takes an epoch of equal files and holds every piece against the document that it names.
Seen walk(const StoredOrder& order, uint64_t samples) {
  Seen seen;
  const auto length = static_cast<uint64_t>(order.sequence_length());
  const Mode mode = order.order().spec().mode;
  std::vector<Piece> pieces;
  for (uint64_t sample = 0; sample < samples; ++sample) {
    order.pieces(sample, pieces);
    uint64_t rows = 0;
    for (const Piece& piece : pieces) {
      const format::TokenFile& file = order.files()->open(piece.file);
      EXPECT_GE(piece.length, 1u);
      EXPECT_GE(piece.begin, file.document_begin(piece.document));
      EXPECT_LE(piece.begin + piece.length, file.document_begin(piece.document + 1));
      std::vector<int>& counts = seen[piece.file];
      counts.resize(file.tokens());
      for (uint64_t t = 0; t < piece.length; ++t) ++counts[piece.begin + t];
      rows += piece.length;
    }
    if (mode == Mode::kPacked) {
      EXPECT_LE(rows, length);
    } else {
      EXPECT_EQ(rows, length);
    }
  }
  return seen;
}

// pieces_of() of all samples, backwards.
void expect_the_same_at_once(const StoredOrder& order, const std::vector<std::vector<Piece>>& expected) {
  std::vector<uint64_t> samples;
  std::vector<Piece> together;
  for (uint64_t sample = expected.size(); sample-- > 0;) {
    samples.push_back(sample);
    together.insert(together.end(), expected[sample].begin(), expected[sample].end());
  }
  std::vector<Piece> pieces;
  std::vector<size_t> ends;
  order.pieces_of(samples, pieces, ends);
  EXPECT_EQ(pieces, together);
  size_t end = 0;
  ASSERT_EQ(ends.size(), samples.size());
  for (size_t i = 0; i < samples.size(); ++i) EXPECT_EQ(ends[i], end += expected[samples[i]].size());
}

size_t count(const std::vector<int>& counts, int times) {
  return static_cast<size_t>(std::count(counts.begin(), counts.end(), times));
}

TEST_F(StoredOrderTest, AWindowIsCutAtTheBordersOfDocuments) {
  add({3, 0, 2, 4, 0, 1});  // 10 tokens: one window of 9 targets
  const StoredOrder order = this->order(Mode::kWindows, 9, 0);
  std::vector<Piece> pieces = {Piece{}};
  order.pieces(0, pieces);
  EXPECT_THAT(pieces, ElementsAre(Piece{0, 0, 0, 1, 2}, Piece{0, 0, 2, 3, 2}, Piece{0, 0, 3, 5, 4},
                                  Piece{0, 0, 5, 9, 1}));
  EXPECT_TRUE(order.stored_windows());
}

TEST_F(StoredOrderTest, SequentialWindowsFollowEachOther) {
  add({5});
  add({3, 6});
  const StoredOrder order = this->order(Mode::kSequential, 2, 0);
  std::vector<uint64_t> begins;
  for (uint64_t sample = 0; sample < 6; ++sample) {
    std::vector<Piece> pieces;
    order.pieces(sample, pieces);
    begins.push_back(pieces[0].file * 100 + pieces[0].begin);
  }
  EXPECT_THAT(begins, ElementsAre(1, 3, 101, 103, 105, 107));
}

TEST_F(StoredOrderTest, InWindowsEveryTokenIsATargetOnceButTheFirstOnesAndATail) {
  for (uint64_t round = 0; round < 4; ++round) {
    prefixes_.clear();
    add(random_lengths(round, 40, 30));
    add(random_lengths(round + 50, 60, 30));
    const StoredOrder order = this->order(round % 2 == 0 ? Mode::kWindows : Mode::kSequential, 16, 0);
    for (const auto& [file, counts] : walk(order, units(order))) {
      EXPECT_EQ(count(counts, 1), order.order().units(file) * 16);
      EXPECT_EQ(count(counts, 0), counts.size() - order.order().units(file) * 16);
      EXPECT_LE(count(counts, 0), 16u);
      const auto first = std::find(counts.begin(), counts.end(), 1);
      EXPECT_TRUE(std::all_of(first, first + static_cast<std::ptrdiff_t>(count(counts, 1)),
                              [](int times) { return times == 1; }));
    }
  }
}

TEST_F(StoredOrderTest, InBlocksEveryTokenIsATargetOnceButLessThanAWindow) {
  for (uint64_t round = 0; round < 6; ++round) {
    prefixes_.clear();
    add(random_lengths(round, 80, 30));
    add(random_lengths(round + 50, 90, 30));
    const StoredOrder order = this->order(Mode::kBlocks, 16, 1 + round);
    for (const auto& [file, counts] : walk(order, units(order))) {
      EXPECT_EQ(count(counts, 1), order.order().units(file) * 16);
      EXPECT_EQ(count(counts, 0), counts.size() % 16);
    }
  }
}

TEST_F(StoredOrderTest, PackedEveryTokenIsATargetOnce) {
  for (uint64_t round = 0; round < 6; ++round) {
    prefixes_.clear();
    add(random_lengths(round, 80, 20));
    add(random_lengths(round + 50, 90, 20));
    const StoredOrder order = this->order(Mode::kPacked, 24, 1 + round);
    const Seen seen = walk(order, units(order));
    EXPECT_EQ(seen.size(), 2u);
    for (const auto& [file, counts] : seen) EXPECT_EQ(count(counts, 1), counts.size());
  }
}

TEST_F(StoredOrderTest, DocumentsOfABlockComeInAnotherOrderInEveryEpoch) {
  add(random_lengths(1, 300, 20));
  const StoredOrder order = this->order(Mode::kBlocks, 64, 1000);
  std::vector<Piece> first, second;
  order.pieces(0, first);
  order.pieces(units(order), second);
  EXPECT_NE(first, second);
}

TEST_F(StoredOrderTest, AnyOrderOfAskingFromAnyThreadWithAnyCacheIsTheSame) {
  add(random_lengths(1, 300, 20));
  add(random_lengths(2, 300, 20));
  for (Mode mode : {Mode::kWindows, Mode::kSequential, Mode::kBlocks, Mode::kPacked}) {
    const StoredOrder large = this->order(mode, 32, 4, 1 << 20);
    const StoredOrder small = this->order(mode, 32, 4, 1);
    const uint64_t samples = 2 * units(large);
    std::vector<std::vector<Piece>> expected(samples);
    for (uint64_t sample = 0; sample < samples; ++sample) large.pieces(sample, expected[sample]);
    expect_the_same_at_once(large, expected);
    std::vector<std::thread> threads;
    std::vector<int> wrong(3);
    for (uint64_t t = 0; t < wrong.size(); ++t)
      threads.emplace_back([&, t] {
        std::vector<Piece> pieces;
        for (uint64_t i = 0; i < samples; ++i) {
          const uint64_t sample = (i * 7919 + t * 31) % samples;
          small.pieces(sample, pieces);
          wrong[t] += pieces != expected[sample];
        }
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_THAT(wrong, ElementsAre(0, 0, 0));
    EXPECT_GE(large.cached_bytes(), small.cached_bytes());
  }
}

TEST_F(StoredOrderTest, AManifestWithMoreBinsThanTheFileIsAnError) {
  add({5, 5, 5});
  order::OrderSpec spec;
  spec.mode = Mode::kPacked;
  spec.sequence_length = 8;
  spec.block_windows = 10;
  const TokenFileSource source = source_of("text", prefixes_[0], 1);
  spec.corpora.push_back({"text", {{1, source.tokens, 0, {4}}}});
  spec.stages.push_back({"all", 0, {1.0}});
  const StoredOrder order(order::Order(spec), std::make_shared<TokenFiles>(std::vector{source}));
  std::vector<Piece> pieces;
  int errors = 0;
  for (uint64_t sample = 0; sample < 4; ++sample) {
    try {
      order.pieces(sample, pieces);
    } catch (const Error& error) {
      ++errors;
      EXPECT_THAT(error.where(), testing::HasSubstr("file0.idx"));
    }
  }
  EXPECT_EQ(errors, 1);
}

}  // namespace
}  // namespace aurora::dataset
