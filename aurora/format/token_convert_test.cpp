#include "aurora/format/token_convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "aurora/base/error.h"
#include "aurora/base/stream.h"
#include "aurora/base/test_folder.h"
#include "aurora/format/npy.h"

namespace aurora::format {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Documents = std::vector<std::vector<int32_t>>;

template <typename T>
std::string numbers(std::initializer_list<T> values) {
  return {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T)};
}

class TokenConvertTest : public ::testing::Test {
 protected:
  Path put(const std::string& name, std::string_view bytes) {
    std::filesystem::remove(folder_ / name);  // a file cut to nothing and written anew is synced by ext4
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  Documents convert(const std::string& name, const ConvertSettings& settings = {}) {
    summary_ = convert_tokens(folder_ / name, folder_ / "out", settings);
    const TokenFile file(folder_ / "out");
    EXPECT_EQ(summary_.documents, file.documents());
    EXPECT_EQ(summary_.sequences, file.sequences());
    EXPECT_EQ(summary_.tokens, file.tokens());
    EXPECT_EQ(summary_.type, file.type());
    Documents documents;
    for (uint64_t i = 0; i < file.documents(); ++i) documents.push_back(file.document(i));
    return documents;
  }
  std::string message(const std::string& name, const ConvertSettings& settings = {}) {
    try {
      convert_tokens(folder_ / name, folder_ / "refused", settings);
    } catch (const Error& error) {
      EXPECT_FALSE(error.remedy().empty());
      EXPECT_FALSE(std::filesystem::exists(token_idx_path(folder_ / "refused")));
      return error.what();
    }
    return "no error";
  }

  TestFolder folder_;
  ConvertSummary summary_;
};

// --- bare files ------------------------------------------------------------------------------------------

TEST_F(TokenConvertTest, AFlatFileIsCutAfterItsEndTokens) {
  put("train.bin", numbers<uint16_t>({5, 6, 0, 7, 0, 0, 8}));
  EXPECT_THAT(convert("train.bin", {.end_of_document = 0, .token_bytes = 2}),
              ElementsAre(ElementsAre(5, 6, 0), ElementsAre(7, 0), ElementsAre(0), ElementsAre(8)));
  EXPECT_EQ(summary_.kind, TokenSourceKind::kFlat);
  EXPECT_EQ(summary_.stored, "u16");
  EXPECT_EQ(summary_.type, TokenType::kU16);
}

TEST_F(TokenConvertTest, AFlatFileIsCutBeforeItsBeginTokens) {
  put("train.bin", numbers<uint16_t>({0, 5, 6, 0, 7, 0}));
  EXPECT_THAT(convert("train.bin", {.end_of_document = 0, .token_begins_document = true, .token_bytes = 2}),
              ElementsAre(ElementsAre(0, 5, 6), ElementsAre(0, 7), ElementsAre(0)));
}

TEST_F(TokenConvertTest, AFlatFileWithoutAnEndTokenIsOneDocument) {
  put("train.bin", numbers<uint32_t>({5, 100000, 0}));
  EXPECT_THAT(convert("train.bin", {.vocab_size = 200000}), ElementsAre(ElementsAre(5, 100000, 0)));
  EXPECT_EQ(summary_.stored, "u32");
  EXPECT_EQ(summary_.type, TokenType::kI32);
  put("empty.bin", "");
  EXPECT_THAT(convert("empty.bin", {.token_bytes = 2}), ElementsAre());
}

TEST_F(TokenConvertTest, EndTokensAreFoundAcrossPieces) {
  const size_t count = 700'000;  // more than two pieces
  std::vector<uint16_t> tokens(count, 1);
  const std::vector<size_t> ends = {0, 262'143, 262'144, 524'287, 699'999};
  for (const size_t end : ends) tokens[end] = 0;
  put("train.bin", {reinterpret_cast<const char*>(tokens.data()), count * 2});
  convert_tokens(folder_ / "train.bin", folder_ / "out", {.end_of_document = 0, .token_bytes = 2});
  const TokenFile file(folder_ / "out");
  ASSERT_EQ(file.documents(), ends.size());
  for (size_t i = 0; i < ends.size(); ++i) EXPECT_EQ(file.document_begin(i + 1), ends[i] + 1);
  EXPECT_EQ(file.tokens(), count);
}

TEST_F(TokenConvertTest, LongSequencesAreCutInsideTheirDocument) {
  put("train.bin", numbers<uint16_t>({1, 2, 3, 4, 5, 0, 6}));
  EXPECT_THAT(convert("train.bin", {.end_of_document = 0, .token_bytes = 2, .longest_sequence = 3}),
              ElementsAre(ElementsAre(1, 2, 3, 4, 5, 0), ElementsAre(6)));
  EXPECT_EQ(summary_.sequences, 3u);
}

TEST_F(TokenConvertTest, WhatABareFileDoesNotSayMustBeSaid) {
  put("train.bin", numbers<uint16_t>({1, 2}));
  EXPECT_THAT(message("train.bin"), HasSubstr("2 or 4 bytes"));
  put("odd.bin", "abc");
  EXPECT_THAT(message("odd.bin", {.token_bytes = 2}), HasSubstr("odd.bin@2"));
  EXPECT_THROW(convert_tokens(folder_ / "train.bin", folder_ / "out", {.token_bytes = 3}), UsageError);
}

TEST_F(TokenConvertTest, ATokenBeyondTheVocabularyOrTheTypeIsNamedWithItsPlace) {
  put("train.bin", numbers<uint16_t>({1, 2, 300}));
  EXPECT_THAT(message("train.bin", {.vocab_size = 300}),
              HasSubstr("train.bin@4: token 2 (read as u16) is 300"));
  EXPECT_THAT(message("train.bin", {.token_bytes = 2, .type = TokenType::kU8}), HasSubstr("beyond 255"));
  put("swapped.bin", numbers<uint32_t>({1u << 24, 2}));
  EXPECT_THAT(message("swapped.bin", {.vocab_size = 100'000}), HasSubstr("swapped.bin@0"));
  put("beyond.bin", numbers<uint32_t>({1, 1u << 31}));
  EXPECT_THAT(message("beyond.bin", {.token_bytes = 4}), HasSubstr("beyond.bin@4"));
}

TEST_F(TokenConvertTest, AnOutputNeverReplacesItsInput) {
  put("train.bin", numbers<uint16_t>({1, 2}));
  try {
    convert_tokens(folder_ / "train.bin", folder_ / "train", {.token_bytes = 2});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("replace its input"));
  }
  EXPECT_EQ(read_file(folder_ / "train.bin").size(), 4u);
}

TEST_F(TokenConvertTest, AnyTypeCanBeStored) {
  put("train.bin", numbers<uint16_t>({1, 2, 100}));
  for (int code = 1; code <= 8; ++code) {
    const TokenType type = static_cast<TokenType>(code);
    EXPECT_THAT(convert("train.bin", {.token_bytes = 2, .type = type}), ElementsAre(ElementsAre(1, 2, 100)));
    EXPECT_EQ(summary_.type, type);
  }
}

// --- llm.c, NumPy, OLMo ----------------------------------------------------------------------------------

std::string llm_c_header(int32_t magic, int32_t version, int32_t tokens) {
  std::string header = numbers<int32_t>({magic, version, tokens});
  header.resize(1024, '\0');
  return header;
}

TEST_F(TokenConvertTest, ReadsBothKindsOfLlmC) {
  put("a.bin", llm_c_header(20240520, 1, 3) + numbers<uint16_t>({50256, 1, 2}));
  EXPECT_THAT(convert("a.bin"), ElementsAre(ElementsAre(50256, 1, 2)));
  EXPECT_EQ(summary_.kind, TokenSourceKind::kLlmC);
  put("b.bin", llm_c_header(20240801, 7, 2) + numbers<uint32_t>({128000, 1}));
  EXPECT_THAT(convert("b.bin"), ElementsAre(ElementsAre(128000, 1)));
  put("c.bin", llm_c_header(20240520, 1, 4) + numbers<uint16_t>({50256, 1, 2}));
  EXPECT_THAT(message("c.bin"), HasSubstr("c.bin@8"));
  put("d.bin", llm_c_header(20240520, 2, 1) + numbers<uint16_t>({1}));
  EXPECT_THAT(message("d.bin"), HasSubstr("version 2"));
  put("e.bin", llm_c_header(20240520, 1, 0).substr(0, 1000));
  EXPECT_THAT(message("e.bin"), HasSubstr("e.bin@1000"));
}

TEST_F(TokenConvertTest, ANumpyArrayIsAStreamOrOneDocumentPerRow) {
  const std::vector<int64_t> values = {1, 2, 3, 4, 5, 6};
  NpyWriter stream(folder_ / "stream.npy", NpyType::kI64, {6});
  stream.write(std::span<const int64_t>(values));
  stream.commit();
  EXPECT_THAT(convert("stream.npy", {.end_of_document = 2}),
              ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4, 5, 6)));
  EXPECT_EQ(summary_.kind, TokenSourceKind::kNumpy);
  EXPECT_EQ(summary_.type, TokenType::kI64);
  NpyWriter rows(folder_ / "rows.npy", NpyType::kI64, {3, 2});
  rows.write(std::span<const int64_t>(values));
  rows.commit();
  EXPECT_THAT(convert("rows.npy"), ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4), ElementsAre(5, 6)));
  NpyWriter none(folder_ / "none.npy", NpyType::kI32, {2, 0});
  none.commit();
  EXPECT_THAT(convert("none.npy"), ElementsAre(ElementsAre(), ElementsAre()));
}

class OlmoTest : public TokenConvertTest {
 protected:
  void put_csv(const std::string& text) {
    std::ofstream(folder_ / "part-0.csv.gz", std::ios::binary) << gzip_compress(text, 6);
  }
};

TEST_F(OlmoTest, TheCsvBesideItNamesTheDocuments) {
  put("part-0.npy", numbers<uint16_t>({1, 2, 3, 4, 5}));
  put_csv("0,2,\"an, id\",s3://x.gz,1\r\n2,2,\"two\nlines\",y,2\r\n2,5,z,y,3\r\n");
  EXPECT_THAT(convert("part-0.npy"), ElementsAre(ElementsAre(1, 2), ElementsAre(), ElementsAre(3, 4, 5)));
  EXPECT_EQ(summary_.kind, TokenSourceKind::kOlmo);
  EXPECT_EQ(summary_.stored, "u16");
}

TEST_F(OlmoTest, WithoutTheCsvTokensEndDocuments) {
  put("part-0.npy", numbers<uint32_t>({1, 9, 3}));
  EXPECT_THAT(convert("part-0.npy", {.end_of_document = 9, .vocab_size = 100'000}),
              ElementsAre(ElementsAre(1, 9), ElementsAre(3)));
}

TEST_F(OlmoTest, ACsvThatContradictsTheTokensIsRefusedWithItsLine) {
  put("part-0.npy", numbers<uint16_t>({1, 2, 3, 4, 5}));
  put_csv("0,2,a,b,1\n3,5,a,b,1\n");
  EXPECT_THAT(message("part-0.npy"), HasSubstr("part-0.csv.gz:2"));
  put_csv("0,2,a,b,1\n2,4,a,b,1\n");
  EXPECT_THAT(message("part-0.npy"), HasSubstr("4 tokens"));
  EXPECT_THAT(message("part-0.npy", {.token_bytes = 2}), HasSubstr("the file beside it has 5"));
  put_csv("0,2,a,b,1\n2,7,a,b,1\n");
  EXPECT_THAT(message("part-0.npy", {.token_bytes = 2}), HasSubstr("the file beside it has 5"));
  put_csv("id,start\n");
  EXPECT_THAT(message("part-0.npy", {.token_bytes = 2}), HasSubstr("start,end"));
}

// --- DataTrove -------------------------------------------------------------------------------------------

TEST_F(TokenConvertTest, ReadsDataTroveWithItsIndex) {
  put("0.ds", numbers<uint16_t>({1, 2, 3, 4, 5}));
  put("0.ds.index", numbers<uint64_t>({2, 2, 5}));
  put("0.ds.metadata", "gpt2|2\n5\n5 T");
  EXPECT_THAT(convert("0.ds"), ElementsAre(ElementsAre(1, 2), ElementsAre(), ElementsAre(3, 4, 5)));
  EXPECT_EQ(summary_.kind, TokenSourceKind::kDataTrove);
  put("0.ds", numbers<uint32_t>({1, 2, 3, 4, 5}));
  put("0.ds.metadata", "llama|4\n5\n5 T");
  convert("0.ds");
  EXPECT_EQ(summary_.type, TokenType::kI32);
  put("0.ds.metadata", "Unknown Tokenizer\n5\n5 T");
  convert("0.ds");
}

TEST_F(TokenConvertTest, RefusesADataTroveThatContradictsItself) {
  put("0.ds", numbers<uint16_t>({1, 2, 3, 4, 5}));
  put("0.ds.index", numbers<uint64_t>({2, 1, 5}));
  EXPECT_THAT(message("0.ds"), HasSubstr("0.ds.index@8"));
  put("0.ds.index", numbers<uint64_t>({2, 4}));
  EXPECT_THAT(message("0.ds"), HasSubstr("0.ds@10"));
  put("0.ds.index", numbers<uint64_t>({2, 5}).substr(0, 12));
  EXPECT_THAT(message("0.ds"), HasSubstr("0.ds.index@8"));
  put("0.ds.index", numbers<uint64_t>({2, 5}));
  put("0.ds.metadata", "gpt2|4\n5\n5 T");
  EXPECT_THAT(message("0.ds"), HasSubstr("5 tokens of 4 bytes"));
  put("0.ds.metadata", "gpt2|2\n6\n5 T");
  EXPECT_THAT(message("0.ds"), HasSubstr("6 tokens of 2 bytes"));
  std::filesystem::remove(folder_ / "0.ds.index");
  EXPECT_THAT(message("0.ds"), HasSubstr("0.ds.index"));
}

// --- fairseq ---------------------------------------------------------------------------------------------

// Three items of 2, 0 and 3 tokens; with document entries: {0, 2, 3}.
std::string fairseq_index(bool with_documents) {
  std::string index("TNTIDX\0\0", 8);
  index += numbers<uint64_t>({1, 8, 2, 3, 3});  // version, u16, element size, items, sizes
  if (with_documents) index += numbers<uint64_t>({3});
  index += numbers<int64_t>({0, 1, 2, 3}) + numbers<int64_t>({0, 2, 2, 5}) + numbers<int64_t>({2, 0, 3});
  if (with_documents) index += numbers<int64_t>({0, 2, 3});
  return index;
}

TEST_F(TokenConvertTest, ReadsFairseqsOwnIndexAsOneDocumentPerItem) {
  put("old.bin", numbers<uint16_t>({1, 2, 3, 4, 5}));
  put("old.idx", fairseq_index(false));
  EXPECT_THAT(convert("old"), ElementsAre(ElementsAre(1, 2), ElementsAre(), ElementsAre(3, 4, 5)));
  EXPECT_EQ(summary_.kind, TokenSourceKind::kFairseq);
}

TEST_F(TokenConvertTest, ReadsMegatronsVariantWithItsDocuments) {
  put("old.bin", numbers<uint16_t>({1, 2, 3, 4, 5}));
  put("old.idx", fairseq_index(true));
  EXPECT_THAT(convert("old.idx"), ElementsAre(ElementsAre(1, 2), ElementsAre(3, 4, 5)));
  EXPECT_EQ(summary_.sequences, 3u);
}

TEST_F(TokenConvertTest, EveryCutAndEveryChangedNumberOfAFairseqIndexIsRefused) {
  put("old.bin", numbers<uint16_t>({1, 2, 3, 4, 5}));
  for (const bool with_documents : {false, true}) {
    const std::string whole = fairseq_index(with_documents);
    for (size_t size = 0; size < whole.size(); ++size) {
      put("old.idx", std::string_view(whole).substr(0, size));
      EXPECT_NE(message("old", {.kind = TokenSourceKind::kFairseq}), "no error") << size;
    }
    for (size_t at = 0; at < whole.size(); at += 8) {
      // A middle document entry may be 1 or 2 without contradiction.
      if (with_documents && at == whole.size() - 16) continue;
      for (const int change : {1, 0x40}) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ change);
        put("old.idx", changed);
        EXPECT_THAT(message("old", {.kind = TokenSourceKind::kFairseq}), HasSubstr("@")) << at;
      }
    }
  }
  std::string swapped = fairseq_index(true);
  std::swap(swapped[8], swapped[15]);
  put("old.idx", swapped);
  EXPECT_THAT(message("old"), HasSubstr("big-endian"));
}

// --- Megatron --------------------------------------------------------------------------------------------

TEST_F(TokenConvertTest, MegatronsFilesKeepSequencesDocumentsAndModesInAnotherType) {
  TokenFileWriter writer(folder_ / "in", TokenType::kI32, true);
  writer.end_document();
  writer.append_sequence(std::vector<int32_t>{1, 2}, 1);
  writer.append_sequence(std::vector<int32_t>{}, 2);
  writer.end_document();
  writer.append_sequence(std::vector<int32_t>{3}, 0);
  writer.end_document();
  writer.end_document();
  writer.commit();
  EXPECT_THAT(convert("in", {.type = TokenType::kU16}),
              ElementsAre(ElementsAre(), ElementsAre(1, 2), ElementsAre(3), ElementsAre()));
  const TokenFile file(folder_ / "out");
  EXPECT_TRUE(file.multimodal());
  EXPECT_EQ(file.sequences(), 3u);
  EXPECT_EQ(file.mode(1), 2);
  EXPECT_EQ(file.document_first_sequence(2), 2u);

  convert_tokens(folder_ / "in", folder_ / "same");
  EXPECT_EQ(read_file(folder_ / "same.idx"), read_file(folder_ / "in.idx"));
  EXPECT_EQ(read_file(folder_ / "same.bin"), read_file(folder_ / "in.bin"));
}

TEST_F(TokenConvertTest, KindsHaveNames) {
  for (int i = 0; i <= static_cast<int>(TokenSourceKind::kFlat); ++i) {
    const TokenSourceKind kind = static_cast<TokenSourceKind>(i);
    EXPECT_EQ(token_source_kind(token_source_name(kind)), kind);
  }
  EXPECT_THROW(token_source_kind("parquet"), UsageError);
  EXPECT_THAT(message("missing"), HasSubstr("missing"));
  put("x.idx", "something else");
  EXPECT_THAT(message("x"), HasSubstr("x.idx@0"));
}

}  // namespace
}  // namespace aurora::format
