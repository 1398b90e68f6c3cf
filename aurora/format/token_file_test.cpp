#include "aurora/format/token_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <functional>
#include <limits>

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
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    std::ofstream(token_idx_path(prefix_), std::ios::binary) << idx;  // without the syncs of an AtomicFile
    std::ofstream(token_bin_path(prefix_), std::ios::binary) << bin;
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
  for (size_t size = std::filesystem::file_size(token_idx_path(prefix_)); size-- > 0;) {
    std::filesystem::resize_file(token_idx_path(prefix_), size);
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

// 2 sequences: lengths at 34, pointers at 42, boundaries at 58, modes at 58 + 8 * 3 = 82.
TEST_F(TokenFileTest, WritesModesBehindTheBoundaries) {
  TokenFileWriter writer(prefix_, TokenType::kU8, true);
  writer.append_sequence(std::vector<int32_t>{1, 2}, 1);
  writer.append_sequence(std::vector<int32_t>{3}, -1);
  writer.end_document();
  writer.end_document();  // a document without a sequence
  writer.commit();
  EXPECT_EQ(read_file(token_bin_path(prefix_)), "\1\2\3");
  const std::string idx = read_file(token_idx_path(prefix_));
  EXPECT_EQ(idx.size(), 84u);
  EXPECT_EQ(idx.substr(17, 1), "\1");
  EXPECT_EQ(idx.substr(58), std::string("\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\1\xff", 26));
  const TokenFile file(prefix_);
  EXPECT_TRUE(file.multimodal());
  EXPECT_EQ(file.documents(), 2u);
  EXPECT_EQ(file.sequences(), 2u);
  EXPECT_EQ(file.mode(0), 1);
  EXPECT_EQ(file.mode(1), -1);
  EXPECT_EQ(file.sequence_begin(1), 2u);
  EXPECT_EQ(file.sequence_begin(2), 3u);
  EXPECT_EQ(file.sequence_tokens(0), 2u);
  EXPECT_EQ(file.document_first_sequence(1), 2u);
  EXPECT_THAT(file.document(0), ElementsAre(1, 2, 3));
  EXPECT_THAT(file.document(1), ElementsAre());
}

TEST_F(TokenFileTest, AFileWithoutModesHasModeZero) {
  write({{1, 2}});
  const TokenFile file(prefix_);
  EXPECT_FALSE(file.multimodal());
  EXPECT_EQ(file.mode(0), 0);
}

TEST_F(TokenFileTest, RawNumbersAreKeptAsTheyAreInEveryType) {
  for (int code = 1; code <= 8; ++code) {
    const TokenType type = static_cast<TokenType>(code);
    std::string bytes(3 * token_type_bytes(type), '\0');
    for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 37 + 200);
    TokenFileWriter writer(prefix_, type);
    writer.append_raw(bytes.data(), 1);
    writer.append_raw(bytes.data() + token_type_bytes(type), 2);
    writer.end_sequence();
    writer.end_document();
    writer.commit();
    const TokenFile file(prefix_);
    EXPECT_EQ(file.type(), type);
    std::string back(2 * token_type_bytes(type), '\0');
    file.read_raw(1, 2, back.data());
    EXPECT_EQ(back, bytes.substr(token_type_bytes(type))) << code;
  }
}

TEST_F(TokenFileTest, TokensGoThroughEveryType) {
  for (int code = 1; code <= 8; ++code) {
    TokenFileWriter writer(prefix_, static_cast<TokenType>(code));
    writer.append(std::vector<int32_t>{0, 5, 127});
    writer.commit();
    EXPECT_THAT(TokenFile(prefix_).document(0), ElementsAre(0, 5, 127)) << code;
  }
}

template <typename T>
void expect_no_token(const Path& prefix, TokenType type, T value) {
  const T values[2] = {static_cast<T>(3), value};
  TokenFileWriter writer(prefix, type);
  writer.append_raw(values, 2);
  writer.end_sequence();
  writer.end_document();
  writer.commit();
  try {
    TokenFile(prefix).document(0);
    ADD_FAILURE() << token_type_name(type) << " " << value;
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("@" + std::to_string(sizeof(T))));
  }
}

TEST_F(TokenFileTest, NumbersThatAreNoTokensAreErrorsInEveryType) {
  expect_no_token<int8_t>(prefix_, TokenType::kI8, -1);
  expect_no_token<int16_t>(prefix_, TokenType::kI16, -300);
  expect_no_token<int32_t>(prefix_, TokenType::kI32, std::numeric_limits<int32_t>::min());
  expect_no_token<int64_t>(prefix_, TokenType::kI64, int64_t{1} << 31);
  expect_no_token<int64_t>(prefix_, TokenType::kI64, std::numeric_limits<int64_t>::min());
  expect_no_token<double>(prefix_, TokenType::kF64, 2147483648.0);
  expect_no_token<double>(prefix_, TokenType::kF64, 1.5);
  expect_no_token<double>(prefix_, TokenType::kF64, std::numeric_limits<double>::quiet_NaN());
  expect_no_token<float>(prefix_, TokenType::kF32, std::numeric_limits<float>::infinity());
  expect_no_token<float>(prefix_, TokenType::kF32, -1.0F);
}

TEST_F(TokenFileTest, ReadsMoreThanOnePieceAtOnce) {
  std::vector<int32_t> tokens(100'000);
  for (size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<int32_t>(i % 65'000);
  TokenFileWriter writer(prefix_, TokenType::kU16);
  writer.append(tokens);
  writer.commit();
  EXPECT_EQ(TokenFile(prefix_).document(0), tokens);
}

TEST_F(TokenFileTest, FindsTheDocumentOfEveryTokenWhateverTheLengths) {
  uint64_t state = 1;
  const auto next = [&state](uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  for (int round = 0; round < 20; ++round) {
    TokenFileWriter writer(prefix_, TokenType::kU8);
    std::vector<uint64_t> owners;
    const uint64_t documents = 1 + next(round < 10 ? 12 : 600);
    for (uint64_t document = 0; document < documents; ++document) {
      for (uint64_t sequences = round % 2 == 0 ? 1 : next(4); sequences > 0; --sequences) {
        const uint64_t length = next(10) == 0 ? next(3000) : next(6);  // a few long ones, some empty
        writer.append_sequence(std::vector<int32_t>(length, 1));
        owners.insert(owners.end(), length, document);
      }
      writer.end_document();
    }
    writer.commit();
    const TokenFile file(prefix_);
    for (uint64_t token = 0; token < owners.size(); ++token)
      ASSERT_EQ(file.document_of(token), owners[token]) << round << " " << token;
  }
}

TEST_F(TokenFileTest, ABinCutShortAfterOpeningIsAnErrorWithItsPlace) {
  write({{1, 2, 3}, {4}, {5, 6}});
  const TokenFile file(prefix_);
  std::filesystem::resize_file(token_bin_path(prefix_), 8);
  EXPECT_THAT(file.document(1), ElementsAre(4));
  try {
    file.document(2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("books.bin@8"));
  }
}

TEST_F(TokenFileTest, RangesInAnyOrderGiveTheBytesOfTheWriter) {
  const std::vector<std::vector<int32_t>> documents = {{1, 2, 3}, {}, {4}, {5, 6, 999}, {}};
  for (const int64_t vocab_size : {1000, 100'000}) {
    write(documents, vocab_size);
    const TokenFileRanges::Totals totals = {token_type_for_vocab(vocab_size), 5, 7};
    const Path prefix = folder_ / "ranges";
    TokenFileRanges::create(prefix, totals);
    TokenFileRanges first(prefix, totals), second(prefix, totals);
    std::vector<uint8_t> tokens;
    store_tokens(std::vector<int32_t>{4, 5, 6, 999}, totals.type, tokens);
    second.write_tokens(3, tokens.data(), 4);
    second.write_lengths(2, 3, std::vector<int32_t>{1, 3, 0});
    tokens.clear();
    store_tokens(std::vector<int32_t>{1, 2, 3}, totals.type, tokens);
    first.write_lengths(0, 0, std::vector<int32_t>{3, 0});
    first.write_tokens(0, tokens.data(), 3);
    first.sync();
    second.sync();
    EXPECT_EQ(read_file(token_bin_path(prefix)), read_file(token_bin_path(prefix_)));
    EXPECT_EQ(read_file(token_idx_path(prefix)), read_file(token_idx_path(prefix_)));
  }
  TokenFileRanges::create(folder_ / "empty", {});
  EXPECT_EQ(TokenFile(folder_ / "empty").documents(), 0u);
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
