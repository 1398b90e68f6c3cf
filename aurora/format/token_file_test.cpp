#include "aurora/format/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "aurora/base/error.h"

namespace aurora::format {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TokenFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = Path(::testing::TempDir()) /
              ("token_file_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    prefix_ = folder_ / "books";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::vector<std::vector<int32_t>>& documents, int64_t vocab_size = 1000) {
    TokenFileWriter writer(prefix_, vocab_size);
    for (const auto& document : documents) writer.append(document);
    writer.commit();
  }
  // Writes the .idx with `bytes` put at `offset`, then opens the pair and returns the message.
  std::string message_after(const std::function<void(std::string& idx, std::string& bin)>& harm) {
    write({{1, 2, 3}, {4}, {5, 6}});
    std::string idx = read_file(token_idx_path(prefix_));
    std::string bin = read_file(token_bin_path(prefix_));
    harm(idx, bin);
    write_file_atomic(token_idx_path(prefix_), idx);
    write_file_atomic(token_bin_path(prefix_), bin);
    try {
      TokenFile file(prefix_);
    } catch (const Error& error) {
      EXPECT_FALSE(error.remedy().empty());
      return error.what();
    }
    return "no error";
  }

  Path folder_;
  Path prefix_;
};

template <typename T>
void poke(std::string& bytes, size_t offset, T value) {
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

// The worked example of docs/formats/token_file.md.
TEST_F(TokenFileTest, WritesTheDocumentedBytes) {
  write({{1, 2, 258}, {7}});
  EXPECT_EQ(read_file(token_bin_path(prefix_)), std::string("\x01\x00\x02\x00\x02\x01\x07\x00", 8));
  std::string expected;
  expected += std::string("MMIDIDX\0\0", 9);
  expected += std::string("\1\0\0\0\0\0\0\0", 8);                                   // version
  expected += std::string("\10", 1);                                                // u16
  expected += std::string("\2\0\0\0\0\0\0\0", 8);                                   // sequences
  expected += std::string("\3\0\0\0\0\0\0\0", 8);                                   // boundaries
  expected += std::string("\3\0\0\0\1\0\0\0", 8);                                   // lengths
  expected += std::string("\0\0\0\0\0\0\0\0\6\0\0\0\0\0\0\0", 16);                  // pointers
  expected += std::string("\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 24);  // boundaries
  EXPECT_EQ(read_file(token_idx_path(prefix_)), expected);
}

TEST_F(TokenFileTest, ReadsDocumentsAndRangesAcrossThem) {
  write({{1, 2, 3}, {}, {4}, {5, 6}});
  TokenFile file(prefix_);
  EXPECT_EQ(file.documents(), 4u);
  EXPECT_EQ(file.tokens(), 6u);
  EXPECT_THAT(file.document(0), ElementsAre(1, 2, 3));
  EXPECT_THAT(file.document(1), ElementsAre());
  EXPECT_THAT(file.document(3), ElementsAre(5, 6));
  std::vector<int32_t> range(4);
  file.read(1, 4, range.data());
  EXPECT_THAT(range, ElementsAre(2, 3, 4, 5));
  std::vector<uint64_t> owners;
  for (uint64_t token = 0; token < 6; ++token) owners.push_back(file.document_of(token));
  EXPECT_THAT(owners, ElementsAre(0, 0, 0, 2, 3, 3));  // never the empty document 1
}

TEST_F(TokenFileTest, AnEmptyFileHasNoDocuments) {
  write({});
  TokenFile file(prefix_);
  EXPECT_EQ(file.documents(), 0u);
  EXPECT_EQ(file.tokens(), 0u);
}

TEST_F(TokenFileTest, LargeVocabulariesTakeFourBytes) {
  EXPECT_EQ(token_type_for_vocab(65499), TokenType::kU16);
  EXPECT_EQ(token_type_for_vocab(65500), TokenType::kI32);
  write({{70000, 1}}, 100000);
  TokenFile file(prefix_);
  EXPECT_EQ(file.type(), TokenType::kI32);
  EXPECT_THAT(file.document(0), ElementsAre(70000, 1));
}

template <typename T>
void expect_readable(const Path& prefix, uint8_t code) {
  T values[2] = {static_cast<T>(5), static_cast<T>(100)};
  std::string idx("MMIDIDX\0\0", 9);
  auto put = [&idx](auto value) { idx.append(reinterpret_cast<char*>(&value), sizeof value); };
  put(uint64_t{1});
  put(code);
  put(uint64_t{2});
  put(uint64_t{2});
  put(int32_t{1});
  put(int32_t{1});
  put(int64_t{0});
  put(static_cast<int64_t>(sizeof(T)));
  put(int64_t{0});
  put(int64_t{2});
  write_file_atomic(token_idx_path(prefix), idx);
  write_file_atomic(token_bin_path(prefix), {reinterpret_cast<char*>(values), sizeof values});
  TokenFile file(prefix);
  EXPECT_EQ(file.documents(), 1u) << int{code};  // one document of two sequences
  EXPECT_THAT(file.document(0), ElementsAre(5, 100)) << int{code};
}

TEST_F(TokenFileTest, ReadsAllEightTypesAndDocumentsOfSeveralSequences) {
  expect_readable<uint8_t>(prefix_, 1);
  expect_readable<int8_t>(prefix_, 2);
  expect_readable<int16_t>(prefix_, 3);
  expect_readable<int32_t>(prefix_, 4);
  expect_readable<int64_t>(prefix_, 5);
  expect_readable<double>(prefix_, 6);
  expect_readable<float>(prefix_, 7);
  expect_readable<uint16_t>(prefix_, 8);
}

TEST_F(TokenFileTest, EveryCutOfTheIndexIsRefused) {
  write({{1, 2, 3}, {4}, {5, 6}});
  std::string idx = read_file(token_idx_path(prefix_));
  for (size_t size = 0; size < idx.size(); ++size) {
    write_file_atomic(token_idx_path(prefix_), std::string_view(idx).substr(0, size));
    EXPECT_THROW(TokenFile{prefix_}, Error) << size;
  }
}

// 3 sequences: lengths at 34, pointers at 46, boundaries at 70, end 102.
TEST_F(TokenFileTest, EveryLieIsRefusedWithItsPlace) {
  using Str = std::string&;
  EXPECT_THAT(message_after([](Str i, Str) { i[0] = 'X'; }), HasSubstr("wrong magic"));
  EXPECT_THAT(message_after([](Str i, Str) { i.replace(0, 6, "TNTIDX"); }), HasSubstr("fairseq"));
  EXPECT_THAT(message_after([](Str i, Str) { i[9] = 2; }), HasSubstr("version 2"));
  EXPECT_THAT(message_after([](Str i, Str) { i[17] = 9; }), HasSubstr("books.idx@17"));
  EXPECT_THAT(message_after([](Str i, Str) { poke(i, 18, ~uint64_t{0}); }), HasSubstr("books.idx@18"));
  EXPECT_THAT(message_after([](Str i, Str) { poke(i, 26, uint64_t{0}); }), HasSubstr("books.idx@26"));
  EXPECT_THAT(message_after([](Str i, Str) { poke(i, 26, ~uint64_t{0} / 8); }), HasSubstr("books.idx@26"));
  EXPECT_THAT(message_after([](Str i, Str) { poke(i, 26, uint64_t{3}); }), HasSubstr("counts want"));
  EXPECT_THAT(message_after([](Str i, Str) { poke(i, 38, int32_t{-1}); }), HasSubstr("books.idx@38"));
  EXPECT_THAT(message_after([](Str i, Str) { poke(i, 46, int64_t{2}); }), HasSubstr("books.idx@46"));
  EXPECT_THAT(message_after([](Str i, Str) { poke(i, 54, int64_t{-6}); }), HasSubstr("books.idx@54"));
  EXPECT_THAT(message_after([](Str i, Str) { poke(i, 62, int64_t{1} << 60); }), HasSubstr("books.idx@62"));
  EXPECT_THAT(message_after([](Str i, Str) { poke(i, 78, int64_t{3}); }), HasSubstr("books.idx@86"));
  EXPECT_THAT(message_after([](Str i, Str) { poke(i, 94, int64_t{2}); }), HasSubstr("books.idx@94"));
  EXPECT_THAT(message_after([](Str i, Str) { i += 'x'; }), HasSubstr("counts want"));
  EXPECT_THAT(message_after([](Str, Str b) { b.resize(10); }), HasSubstr("books.bin"));
  EXPECT_THAT(message_after([](Str, Str b) { b += "ab"; }), HasSubstr("describes 12"));
  EXPECT_THAT(message_after([](Str, Str b) { b.resize(11); }), HasSubstr("no whole number"));
}

TEST_F(TokenFileTest, WithoutTheFullCheckALieIsAnErrorAtItsUse) {
  write({{1, 2, 3}, {4}, {5, 6}});
  std::string idx = read_file(token_idx_path(prefix_));
  poke(idx, 54, int64_t{1} << 40);
  write_file_atomic(token_idx_path(prefix_), idx);
  TokenFile file(prefix_, TokenCheck::kEnds);
  EXPECT_THROW(file.document(0), Error);
  EXPECT_THROW(file.document_of(2), Error);
}

TEST_F(TokenFileTest, AStoredNumberThatIsNoTokenIsAnError) {
  write({{1, 2}}, 70000);
  std::string bin = read_file(token_bin_path(prefix_));
  poke(bin, 4, int32_t{-2});
  write_file_atomic(token_bin_path(prefix_), bin);
  try {
    TokenFile(prefix_).document(0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("books.bin@4"));
  }
}

TEST_F(TokenFileTest, NothingIsThereBeforeCommit) {
  {
    TokenFileWriter writer(prefix_, 100);
    writer.append(std::vector<int32_t>{1});
  }
  EXPECT_FALSE(std::filesystem::exists(token_bin_path(prefix_)));
  EXPECT_THROW(TokenFile{prefix_}, Error);
}

}  // namespace
}  // namespace aurora::format
