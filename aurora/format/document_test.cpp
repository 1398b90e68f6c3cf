#include "aurora/format/document.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "aurora/base/error.h"
#include "aurora/base/file.h"
#include "aurora/base/hash.h"
#include "aurora/base/stream.h"

namespace aurora::format {
namespace {

class DocumentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / "aurora_document_test" / info->name();
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Path folder_;
};

Document make_document(int number, size_t text_bytes = 20) {
  Document document;
  document.corpus = "notes";
  document.source = fmt::format("physics/{}.txt", number);
  document.text = std::string(text_bytes, static_cast<char>('a' + number % 26));
  document.language = "en";
  document.licence = "CC-BY-4.0";
  document.id = document_id(document.corpus, document.source, document.text);
  return document;
}

std::vector<Document> read_all(DocumentReader reader) {
  std::vector<Document> documents;
  Document document;
  while (reader.next(document)) documents.push_back(document);
  return documents;
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.happened() + " | " + error.where();
  }
  return "no error";
}

TEST_F(DocumentTest, EveryFieldSurvivesWritingAndReading) {
  Document document = make_document(1);
  document.text = "Zeit \"t\"\\\n\tx\x01 \xE6\x99\x82 \xF0\x9F\xA7\xAA";
  document.attributes = {{"title", "Zeit \"und\" Raum"}, {"a", ""}};
  DocumentWriter writer(folder_, "part", 1000);
  writer.add(document);
  writer.add(make_document(2), "too_few_words");
  writer.finish();

  DocumentReader reader(folder_);
  Document read;
  ASSERT_TRUE(reader.next(read));
  EXPECT_EQ(read, document);
  EXPECT_EQ(reader.reason(), "");
  ASSERT_TRUE(reader.next(read));
  EXPECT_EQ(read, make_document(2));
  EXPECT_EQ(reader.reason(), "too_few_words");
  EXPECT_FALSE(reader.next(read));
  EXPECT_FALSE(reader.next(read));
}

TEST_F(DocumentTest, LineIsAsTheFormatPageSays) {
  Document document;
  document.text = "Entropy\n\nS = k log W";
  document.source = "physics/entropy.txt";
  document.corpus = "notes";
  document.language = "en";
  document.licence = "CC-BY-4.0";
  document.attributes = {{"title", "Entropy"}};
  document.id = document_id(document.corpus, document.source, document.text);
  DocumentWriter writer(folder_, "part", 1000);
  writer.add(document);
  writer.finish();
  const uint64_t seed = xxh3_64(std::string_view("notes\0physics/entropy.txt", 25));
  EXPECT_EQ(document.id, hex64(xxh3_64(document.text, seed)));
  EXPECT_EQ(read_compressed(folder_ / "part-00000.jsonl.zst", 10'000),
            "{\"id\":\"" + document.id +
                "\",\"text\":\"Entropy\\n\\nS = k log W\",\"source\":\"physics/entropy.txt\","
                "\"corpus\":\"notes\",\"language\":\"en\",\"licence\":\"CC-BY-4.0\","
                "\"attributes\":{\"title\":\"Entropy\"}}\n");
}

TEST_F(DocumentTest, PartsSplitByTextBytesAndKeepOrder) {
  DocumentWriter writer(folder_, "part", 50);
  for (int i = 0; i < 7; ++i) writer.add(make_document(i));  // 20 bytes each: 3 + 3 + 1
  writer.finish();
  EXPECT_EQ(writer.parts().size(), 3u);
  EXPECT_EQ(writer.documents(), 7);
  EXPECT_EQ(writer.text_bytes(), 140);
  const std::vector<Document> documents = read_all(DocumentReader(folder_));
  ASSERT_EQ(documents.size(), 7u);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(documents[i], make_document(i));
  EXPECT_EQ(read_all(DocumentReader(std::vector<Path>{writer.parts()[1]})).size(), 3u);
}

TEST_F(DocumentTest, SecondRunLeavesNoPartOfTheFirst) {
  DocumentWriter first(folder_, "part", 10);
  for (int i = 0; i < 5; ++i) first.add(make_document(i));
  first.finish();
  DocumentWriter second(folder_, "part", 10);
  second.add(make_document(9));
  second.finish();
  EXPECT_EQ(document_parts(folder_).size(), 1u);
  EXPECT_EQ(read_all(DocumentReader(folder_)), std::vector<Document>{make_document(9)});
}

TEST_F(DocumentTest, NoDocumentsMakeOneEmptyPart) {
  DocumentWriter writer(folder_, "part", 10);
  writer.finish();
  EXPECT_TRUE(read_all(DocumentReader(folder_)).empty());
}

TEST_F(DocumentTest, UnfinishedPartDoesNotAppear) {
  {
    DocumentWriter writer(folder_, "part", 1000);
    writer.add(make_document(1));
  }
  EXPECT_NE(message_of([&] { document_parts(folder_); }).find("no documents"), std::string::npos);
}

TEST_F(DocumentTest, MissingPartIsNamed) {
  DocumentWriter writer(folder_, "part", 10);
  for (int i = 0; i < 3; ++i) writer.add(make_document(i));
  writer.finish();
  std::filesystem::remove(writer.parts()[1]);
  EXPECT_NE(message_of([&] { DocumentReader reader(folder_); }).find("part 1 is missing"), std::string::npos);
}

TEST_F(DocumentTest, BadLineIsNamedByFileAndLine) {
  const std::string good = R"({"id":"1","text":"x","novelty":[1,{"a":2}]})";
  const Path part = folder_ / "part-00000.jsonl";
  for (const std::string bad :
       {R"({"id":"1","text":)", R"({"id":"1"})", R"({"id":"1","text":3})", "", "[]",
        R"({"id":"1","text":"x"} {"id":"2","text":"y"})", "{\"id\":\"1\",\"text\":\"\xFF\"}"}) {
    write_file_atomic(part, good + "\n" + bad + "\n" + good + "\n");
    DocumentReader reader(folder_);
    Document document;
    ASSERT_TRUE(reader.next(document)) << bad;
    const std::string message = message_of([&] { reader.next(document); });
    EXPECT_NE(message.find("part-00000.jsonl:2"), std::string::npos) << bad << ": " << message;
  }
}

TEST_F(DocumentTest, IdDependsOnCorpusSourceAndText) {
  const std::string id = document_id("a", "b", "c");
  EXPECT_EQ(id.size(), 16u);
  EXPECT_NE(id, document_id("ab", "", "c"));
  EXPECT_NE(id, document_id("a", "b", "d"));
  EXPECT_NE(id, document_id("x", "b", "c"));
}

TEST_F(DocumentTest, AttributesAreReplacedByName) {
  Document document;
  set_attribute(document, "a", "1");
  set_attribute(document, "b", "2");
  set_attribute(document, "a", "3");
  EXPECT_EQ(document.attributes, (std::vector<Attribute>{{"a", "3"}, {"b", "2"}}));
  ASSERT_NE(find_attribute(document, "b"), nullptr);
  EXPECT_EQ(*find_attribute(document, "b"), "2");
  EXPECT_EQ(find_attribute(document, "c"), nullptr);
}

// A line with what a parser may read behind it.
std::string padded(std::string line) {
  line.reserve(line.size() + DocumentParser::kPadding);
  return line;
}

TEST(DocumentParser, GivesViewsAndTheWholeDocument) {
  const std::string line = padded(
      R"({"id":"1","text":"a\nb","other":[1,{}],"corpus":"c","attributes":{"k":"1","l":"2","k":"3"}})");
  DocumentParser parser;
  DocumentView view;
  EXPECT_EQ(parser.parse(line, view), "");
  EXPECT_EQ(view.id, "1");
  EXPECT_EQ(view.text, "a\nb");
  EXPECT_EQ(view.corpus, "c");
  EXPECT_EQ(view.language, "");
  const Document document = parser.document();
  EXPECT_EQ(document.text, "a\nb");
  EXPECT_EQ(document.attributes, (std::vector<Attribute>{{"k", "3"}, {"l", "2"}}));
}

TEST(DocumentParser, TellsWhatIsWrongAndGoesOn) {
  DocumentParser parser;
  DocumentView view;
  EXPECT_EQ(parser.parse(padded(R"({"id":"1"})"), view), "document without \"text\"");
  EXPECT_EQ(parser.parse(padded(R"({"text":"1"})"), view), "document without \"id\"");
  for (const char* line :
       {"", "x", "[]", R"({"id":"1","text":5})", R"({"id":"1","text":"a","attributes":{"k":1}})",
        R"({"id":"1","text":"a)", "{\"id\":\"1\",\"text\":\"\xff\"}"})
    EXPECT_NE(parser.parse(padded(line), view), "") << line;
  EXPECT_EQ(parser.parse(padded(R"({"id":"1","text":"a"})"), view), "");
  std::string_view text;
  EXPECT_EQ(parser.parse_text(padded(R"({"body":"b","text":1})"), "body", text), "");
  EXPECT_EQ(text, "b");
  EXPECT_EQ(parser.parse_text(padded(R"({"body":"b","text":1})"), "text", text), "\"text\" is no text");
  EXPECT_EQ(parser.parse_text(padded(R"({"body":"b"})"), "text", text), "no \"text\" in it");
}

}  // namespace
}  // namespace aurora::format
