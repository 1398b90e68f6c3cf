#include "aurora/megatron/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"
#include "aurora/format/npy.h"
#include "aurora/megatron/build.h"

namespace aurora::megatron {
namespace {

using order::Piece;
using ::testing::ElementsAre;

constexpr uint32_t kEnd = 999;  // ends every document

// Token files of documents of the given lengths; token i of a file is i, but the ends.
class MegatronOrderTest : public ::testing::Test {
 protected:
  void add_file(const std::vector<int32_t>& lengths, double weight) {
    const Path prefix = folder_ / ("file" + std::to_string(settings_.files.size()));
    format::TokenFileWriter writer(prefix, 1000);
    int32_t next = 0;
    for (const int32_t length : lengths) {
      std::vector<int32_t> document(static_cast<size_t>(length));
      std::iota(document.begin(), document.end(), next);
      next += length;
      document.back() = kEnd;
      writer.append(document);
    }
    writer.commit();
    settings_.files.push_back({prefix.string(), prefix, weight});
    files_.push_back({prefix.string(), static_cast<uint32_t>(10 + files_.size())});
  }

  BuildResult build(std::array<std::optional<int64_t>, 3> samples, const char* split = "1") {
    settings_.split = split;
    settings_.samples = samples;
    settings_.sequence_length = 4;
    settings_.cache = folder_ / "cache";
    return build_caches(settings_, Pool::serial());
  }

  MegatronOrder open(Split split = Split::kTrain) {
    for (const BlendFile& file : settings_.files) open_.emplace_back(file.prefix);
    return MegatronOrder(read_description(find_description(settings_.cache, split), files_), files_,
                         [this](size_t file) -> const format::TokenFile& { return open_[file]; });
  }

  TestFolder folder_;
  BuildSettings settings_;
  std::vector<OrderFile> files_;
  std::vector<format::TokenFile> open_;
};

// The indices of indices_test.cpp: rows (0,0) (1,1) (2,0) (3,2), shuffle 1 2 0.
TEST_F(MegatronOrderTest, PiecesAreTheTargetsOfTheRows) {
  add_file({3, 5, 2, 4}, 0);
  build({std::nullopt, std::nullopt, std::nullopt});
  const MegatronOrder order = open();
  EXPECT_EQ(order.samples(), 3u);
  EXPECT_EQ(order.sequence_length(), 4);
  std::vector<Piece> pieces;
  order.pieces(0, pieces);
  EXPECT_THAT(pieces, ElementsAre(Piece{10, 0, 1, 5, 3}, Piece{10, 0, 2, 8, 1}));
  order.pieces(1, pieces);
  EXPECT_THAT(pieces, ElementsAre(Piece{10, 0, 2, 9, 1}, Piece{10, 0, 3, 10, 3}));
  order.pieces(2, pieces);
  EXPECT_THAT(pieces, ElementsAre(Piece{10, 0, 0, 1, 2}, Piece{10, 0, 1, 3, 2}));
}

TEST_F(MegatronOrderTest, ABlendDrawsEveryFileByItsWeight) {
  add_file({30, 50, 20}, 3);
  add_file({40, 40}, 1);
  const BuildResult result = build({20, 0, 0}, "1");
  EXPECT_EQ(result.built, 3u);
  const MegatronOrder order = open();
  EXPECT_EQ(order.samples(), 20u);
  std::array<int, 2> drawn{};
  std::vector<Piece> pieces;
  for (uint64_t sample = 0; sample < order.samples(); ++sample) {
    order.pieces(sample, pieces);
    int64_t targets = 0;
    for (const Piece& piece : pieces) {
      EXPECT_EQ(piece.corpus, 10 + piece.file);
      EXPECT_EQ(piece.file, pieces[0].file);
      targets += piece.length;
    }
    EXPECT_EQ(targets, 4);
    ++drawn[pieces[0].file];
  }
  EXPECT_THAT(drawn, ElementsAre(15, 5));
}

TEST_F(MegatronOrderTest, OneEpochTeachesEveryTokenOnceButTheFirst) {
  add_file({7, 1, 9, 4, 2, 8, 6}, 0);
  build({std::nullopt, std::nullopt, std::nullopt});
  const MegatronOrder order = open();
  std::vector<int> taught(37);
  std::vector<Piece> pieces;
  for (uint64_t sample = 0; sample < order.samples(); ++sample) {
    order.pieces(sample, pieces);
    for (const Piece& piece : pieces) {
      for (uint32_t i = 0; i < piece.length; ++i) ++taught[piece.begin + i];
    }
  }
  EXPECT_EQ(std::count(taught.begin(), taught.end(), 1), 36);
  EXPECT_EQ(std::count(taught.begin(), taught.end(), 0), 1);
}

TEST_F(MegatronOrderTest, CachesThatAreThereAreKept) {
  add_file({30, 50, 20, 70}, 1);
  add_file({40, 40, 90}, 1);
  const BuildResult first = build({20, 3, 0}, "2,1,0");
  EXPECT_EQ(first.built, 6u);
  const auto& description = first.splits[0]->description;
  const std::string text = read_file(description);
  const BuildResult second = build({20, 3, 0}, "2,1,0");
  EXPECT_EQ(second.built, 0u);
  EXPECT_EQ(second.kept, 6u);
  std::filesystem::remove(description);
  const BuildResult third = build({20, 3, 0}, "2,1,0");
  EXPECT_EQ(third.built, 1u);
  EXPECT_EQ(read_file(description), text);
}

TEST_F(MegatronOrderTest, RefusesWhatIsMissingOrAmbiguous) {
  add_file({30, 50, 20}, 0);
  EXPECT_THROW(find_description(folder_ / "cache", Split::kTrain), Error);
  build({5, 0, 0});
  const Path description = find_description(settings_.cache, Split::kTrain);
  EXPECT_THROW(read_description(description, {{"another", 0}}), Error);
  build({6, 0, 0});
  EXPECT_THROW(find_description(settings_.cache, Split::kTrain), Error);
  write_file_atomic(description, "{}");
  EXPECT_THROW(read_description(description, files_), Error);
}

TEST_F(MegatronOrderTest, DamagedIndicesAreAnErrorAndNoWildRead) {
  add_file({3, 5, 2, 4}, 0);
  build({std::nullopt, std::nullopt, std::nullopt});
  const CacheArrays arrays = read_description(find_description(settings_.cache, Split::kTrain), files_);
  const std::vector<int32_t> wild = {0, -1, 4, 1 << 30};
  format::NpyWriter writer(arrays.datasets[0].documents, format::NpyType::kI32, {4});
  writer.write(std::span<const int32_t>(wild));
  writer.commit();
  const MegatronOrder order = open();
  std::vector<Piece> pieces;
  EXPECT_THROW(order.pieces(0, pieces), Error);
  EXPECT_THROW(order.pieces(1, pieces), Error);
}

TEST(BuildCaches, RefusesListsThatMegatronRefuses) {
  TestFolder folder;
  BuildSettings settings;
  settings.sequence_length = 4;
  settings.cache = folder / "cache";
  EXPECT_THROW(build_caches(settings, Pool::serial()), Error);  // no file
  format::TokenFileWriter writer(folder / "a", 100);
  writer.append(std::vector<int32_t>(50, 1));
  writer.commit();
  settings.split = "1";
  settings.files = {{"a", folder / "a", 1}, {"b", folder / "a", 0}};
  settings.samples = {3, 0, 0};
  EXPECT_THROW(build_caches(settings, Pool::serial()), Error);  // a weight of 0
  settings.files[1].weight = 1;
  settings.samples[0] = std::nullopt;
  EXPECT_THROW(build_caches(settings, Pool::serial()), Error);  // weights want a size
}

}  // namespace
}  // namespace aurora::megatron
