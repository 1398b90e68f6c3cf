#include "aurora/corpus/reader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "aurora/base/error.h"
#include "aurora/base/stream.h"
#include "aurora/corpus/read_test_sink.h"

namespace aurora::corpus {
namespace {

TEST(Detection, GoesByNameAndFirstBytes) {
  EXPECT_EQ(detect_format("man1/ls.1.gz", ".TH LS 1\n"), "man");
  EXPECT_EQ(detect_format("notes.1", "Just a text\n"), "text");
  EXPECT_EQ(detect_format("a/B.HTML", ""), "html");
  EXPECT_EQ(detect_format("page", "\n<!DOCTYPE HTML>"), "html");
  EXPECT_EQ(detect_format("a.jsonl.zst", "{"), "jsonl");
  EXPECT_EQ(detect_format("a.tex", ""), "latex");
  EXPECT_EQ(detect_format("README.md", ""), "markdown");
  EXPECT_EQ(detect_format("x.rst.txt", ""), "rst");
  EXPECT_EQ(detect_format("x.fa", ">a"), "fasta");
  EXPECT_EQ(detect_format("x.mm", "$c"), "metamath");
  EXPECT_EQ(detect_format("x.mm", "int"), "text");
  EXPECT_EQ(detect_format("Makefile", "all:"), "text");
}

TEST(Reading, AnUnknownFormatIsAUsageError) {
  EXPECT_THROW(read_bytes("a", "x", "pdf"), UsageError);
  const std::vector<std::string> names = format_names();
  EXPECT_NE(std::find(names.begin(), names.end(), "man"), names.end());
}

TEST(Reading, SourcesAreKeptAsGiven) {
  const Outcome outcome = read_bytes("a/b.txt", "x\n");
  ASSERT_EQ(outcome.documents.size(), 1u);
  EXPECT_EQ(outcome.documents[0].source, "a/b.txt");
}

TEST(Reading, BadFilesAreProblemsWithAKey) {
  EXPECT_EQ(read_bytes("a.txt", "").reasons(), "empty");
  EXPECT_EQ(read_bytes("a.txt", " \n\n").reasons(), "empty");
  EXPECT_EQ(read_bytes("a.html", std::string("\x7f"
                                             "ELF\1\1\0\0",
                                             8))
                .reasons(),
            "binary");
  EXPECT_EQ(read_bytes("a.txt", std::string("ab\0\0\1\2", 6)).reasons(), "binary");
  EXPECT_EQ(read_bytes("a.txt", "%PDF-1.4 text").reasons(), "binary");
  EXPECT_EQ(read_bytes("a.txt.gz", "not gzip at all").documents.size(), 1u);
  Outcome missing;
  read_file_documents("/nonexistent/file", "file", "auto", {}, missing);
  EXPECT_EQ(missing.reasons(), "unreadable");
}

TEST(Reading, TruncatedAndDamagedStreamsAreProblems) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i * 7919) + " words\n";
  std::string gzip = gzip_compress(text, 6);
  EXPECT_EQ(read_bytes("a.txt.gz", gzip).documents.size(), 1u);
  EXPECT_EQ(read_bytes("a.txt.gz", gzip.substr(0, gzip.size() / 2)).reasons(), "broken_gzip");
  EXPECT_EQ(read_bytes("a.txt.gz", gzip.substr(0, 20)).reasons(), "broken_gzip");
  gzip[gzip.size() / 2] = static_cast<char>(gzip[gzip.size() / 2] ^ 0x55);
  EXPECT_EQ(read_bytes("a.txt.gz", gzip).reasons(), "broken_gzip");
  const std::string zstd = zstd_compress(text, 3);
  EXPECT_EQ(read_bytes("a.txt.zst", zstd.substr(0, zstd.size() / 2)).reasons(), "broken_zstd");
}

TEST(Reading, CompressionBombsStopAtTheLimit) {
  ReaderLimits limits;
  limits.max_file_bytes = 1 << 20;
  EXPECT_EQ(read_bytes("a.txt.gz", gzip_compress(std::string(8 << 20, 'a'), 9), "auto", limits).reasons(),
            "too_large");
  EXPECT_EQ(read_bytes("a.html.zst", zstd_compress(std::string(8 << 20, 'a'), 3), "auto", limits).reasons(),
            "too_large");
}

TEST(Reading, OneLongLineIsReadWhole) {
  const std::string line(3 << 20, 'a');
  Outcome outcome = read_bytes("a.txt", line);
  size_t total = 0;
  for (const RawDocument& document : outcome.documents) total += document.text.size();
  EXPECT_EQ(total, line.size());
  EXPECT_EQ(outcome.documents.size(), 3u);
}

TEST(Reading, EncodingsAreRepairedAndCounted) {
  const Outcome broken = read_bytes("a.txt", "Étienne était à la fête où l'été \xff dura.\n");
  ASSERT_EQ(broken.documents.size(), 1u);
  EXPECT_EQ(broken.documents[0].text, "Étienne était à la fête où l'été \xef\xbf\xbd dura.");
  EXPECT_EQ(attribute(broken.documents[0], "invalid_bytes"), "1");
  const Outcome latin = read_bytes("a.txt", "caf\xe9 cr\xe8me\n");
  ASSERT_EQ(latin.documents.size(), 1u);
  EXPECT_EQ(latin.documents[0].text, "café crème");
  EXPECT_EQ(attribute(latin.documents[0], "encoding"), "windows-1252");
}

TEST(Reading, ByteOrderMarksChooseTheEncoding) {
  EXPECT_EQ(plain("\xef\xbb\xbfx"), "x");
  EXPECT_EQ(plain(std::string_view("\xff\xfe\xe9\0\n\0", 6)), "é");
  EXPECT_EQ(plain(std::string_view("\xfe\xff\0\xe9", 4)), "é");
  EXPECT_EQ(plain(std::string_view("\xff\xfe\0\0x\0\0\0", 8)), "x");
}

TEST(Reading, CarriageReturnsAndStrayNulsAreCleaned) {
  EXPECT_EQ(plain("a\r\nb\rc\n"), "a\nb\nc");
  const Outcome outcome = read_bytes("a.txt", std::string(400, 'a') + std::string(1, '\0') + "b");
  ASSERT_EQ(outcome.documents.size(), 1u);
  EXPECT_EQ(outcome.documents[0].text, std::string(400, 'a') + "b");
  EXPECT_EQ(attribute(outcome.documents[0], "nul_bytes"), "1");
}

TEST(Jsonl, FieldsBecomeTextAndAttributes) {
  const Outcome outcome = read_bytes("a.jsonl",
                                     "{\"id\":7,\"text\":\"Hi\\r\\nyou\",\"lang\":\"en-US\",\"title\":\"T\","
                                     "\"meta\":{\"license\":\"cc\",\"x\":[1]},\"ok\":true,\"no\":null}\n"
                                     "{\"abstract\":\"A\",\"score\":1.5}\n");
  ASSERT_EQ(outcome.documents.size(), 2u);
  const RawDocument& first = outcome.documents[0];
  EXPECT_EQ(first.text, "Hi\nyou");
  EXPECT_EQ(first.source, "a.jsonl#1");
  EXPECT_EQ(first.title, "T");
  EXPECT_EQ(first.language_hint, "en");
  EXPECT_EQ(attribute(first, "id"), "7");
  EXPECT_EQ(attribute(first, "meta.license"), "cc");
  EXPECT_EQ(attribute(first, "ok"), "true");
  EXPECT_EQ(outcome.documents[1].text, "A");
  EXPECT_EQ(attribute(outcome.documents[1], "score"), "1.5");
}

TEST(Jsonl, ABadLineCostsOnlyItself) {
  const Outcome outcome = read_bytes("a.jsonl",
                                     "{\"text\":\"1\"}\n{\"text\":\n\n{\"text\":\"2\"}{\"text\":\"3\"}\n[1]"
                                     "\n{\"x\":1}\n{\"text\":\" \"}\n{\"text\":\"4\"}");
  ASSERT_EQ(outcome.documents.size(), 2u);
  EXPECT_EQ(outcome.documents[1].source, "a.jsonl#8");
  EXPECT_EQ(outcome.reasons(), "malformed_json malformed_json malformed_json malformed_json empty");
  EXPECT_EQ(outcome.problems[1].source, "a.jsonl#4");
  EXPECT_NE(outcome.problems[1].detail.find("several objects"), std::string::npos);
}

TEST(Jsonl, LongLinesAreSkippedInBoundedMemory) {
  ReaderLimits limits;
  limits.max_line_bytes = 1000;
  std::string lines = "{\"text\":\"1\"}\n{\"text\":\"" + std::string(5 << 20, 'x') +
                      "\"}\n{\"text\":\"2\"}\n" + std::string(3 << 20, 'y');
  const Outcome outcome = read_bytes("a.jsonl.gz", gzip_compress(lines, 1), "auto", limits);
  ASSERT_EQ(outcome.documents.size(), 2u);
  EXPECT_EQ(outcome.documents[1].text, "2");
  EXPECT_EQ(outcome.documents[1].source, "a.jsonl.gz#3");
  EXPECT_EQ(outcome.reasons(), "line_too_long line_too_long");
}

TEST(Jsonl, ATruncatedStreamKeepsWhatCameBefore) {
  std::string lines;
  for (int i = 0; i < 50000; ++i) lines += "{\"text\":\"document " + std::to_string(i * 7919) + "\"}\n";
  const std::string gzip = gzip_compress(lines, 6);
  const Outcome outcome = read_bytes("a.jsonl.gz", gzip.substr(0, gzip.size() / 2));
  EXPECT_GT(outcome.documents.size(), 1000u);
  EXPECT_EQ(outcome.reasons(), "broken_gzip");
}

TEST(Jsonl, InvalidUtf8IsRepaired) {
  const Outcome outcome = read_bytes("a.jsonl",
                                     "\xef\xbb\xbf{\"text\":\"a\xff"
                                     "b\"}\n");
  EXPECT_EQ(outcome.text(),
            "a\xef\xbf\xbd"
            "b");
  EXPECT_EQ(attribute(outcome.documents.at(0), "invalid_bytes"), "1");
}

}  // namespace
}  // namespace aurora::corpus
