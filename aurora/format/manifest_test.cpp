#include "aurora/format/manifest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"

namespace aurora::format {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ManifestTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = Path(::testing::TempDir()) /
              ("manifest_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    write_file_atomic(folder_ / "b.txt", "bytes");
    write_file_atomic(folder_ / "sub" / "a.txt", "more bytes");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Manifest write() {
    Manifest manifest;
    manifest.stage = "prepare";
    manifest.fingerprint = "f1";
    manifest.inputs = inputs_;
    manifest.notes = {{"documents", "2"}, {"a \"quoted\" key", "ü"}};
    return write_manifest(folder_, manifest);
  }
  bool current() { return is_current(folder_, "prepare", "f1", inputs_); }

  Path folder_;
  std::vector<FileRecord> inputs_ = {{"man", 12, std::string(32, 'a')}};
};

TEST_F(ManifestTest, ReadsBackWhatWasWritten) {
  Manifest written = write();
  ASSERT_EQ(written.outputs.size(), 2u);
  EXPECT_EQ(written.outputs[0].name, "b.txt");
  EXPECT_EQ(written.outputs[1].name, "sub/a.txt");
  EXPECT_EQ(written.outputs[1].size, 10u);
  Manifest read = read_manifest(folder_);
  EXPECT_EQ(read.stage, "prepare");
  EXPECT_EQ(read.inputs, inputs_);
  EXPECT_EQ(read.outputs, written.outputs);
  EXPECT_EQ(read.notes, written.notes);
  EXPECT_EQ(read.note("documents"), "2");
  EXPECT_EQ(read.note("absent"), "");
}

// The worked example of docs/formats/manifest.md.
TEST_F(ManifestTest, WritesTheDocumentedBytes) {
  std::filesystem::remove_all(folder_ / "sub");
  Manifest manifest;
  manifest.stage = "prepare";
  manifest.fingerprint = "5a01";
  manifest.inputs = {{"man", 12, "00000000000000000000000000000001"}};
  manifest.notes = {{"documents", "2"}};
  write_manifest(folder_, manifest);
  EXPECT_EQ(read_file(manifest_path(folder_)), R"({
  "format": "aurora-manifest",
  "version": 1,
  "stage": "prepare",
  "revision": 1,
  "fingerprint": "5a01",
  "made_by": "aurora 0.1.0",
  "inputs": [
    {
      "name": "man",
      "size": 12,
      "xxh3_128": "00000000000000000000000000000001"
    }
  ],
  "outputs": [
    {
      "name": "b.txt",
      "size": 5,
      "xxh3_128": "95f64cad147d23ee983871c230125b12"
    }
  ],
  "notes": [
    [
      "documents",
      "2"
    ]
  ]
}
)");
}

TEST_F(ManifestTest, WritingTwiceGivesTheSameBytes) {
  write();
  std::string first = read_file(manifest_path(folder_));
  write();
  EXPECT_EQ(read_file(manifest_path(folder_)), first);
}

TEST_F(ManifestTest, AStageIsCurrentUntilSomethingChanges) {
  EXPECT_FALSE(current());
  write();
  EXPECT_TRUE(current());
  EXPECT_FALSE(is_current(folder_, "tokenize", "f1", inputs_));
  EXPECT_FALSE(is_current(folder_, "prepare", "f2", inputs_));
  EXPECT_FALSE(is_current(folder_, "prepare", "f1", {}));
  std::vector<FileRecord> changed = inputs_;
  changed[0].hash[0] = 'b';
  EXPECT_FALSE(is_current(folder_, "prepare", "f1", changed));
  write_file_atomic(folder_ / "b.txt", "longer bytes");
  EXPECT_FALSE(current());
}

TEST_F(ManifestTest, ADamagedManifestIsNotCurrentAndAnErrorToRead) {
  write();
  std::string text = read_file(manifest_path(folder_));
  for (size_t size : {size_t{0}, size_t{1}, text.size() / 2, text.size() - 3}) {
    write_file_atomic(manifest_path(folder_), text.substr(0, size));
    EXPECT_FALSE(current());
    EXPECT_THROW(read_manifest(folder_), Error);
  }
  write_file_atomic(manifest_path(folder_), "2E422");  // found by fuzzing: a number beyond f64
  EXPECT_THROW(read_manifest(folder_), Error);
  write_file_atomic(manifest_path(folder_), R"({"format": "aurora-manifest", "version": 1, "stage": 7})");
  try {
    read_manifest(folder_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("\"stage\""));
    EXPECT_THAT(error.where(), HasSubstr("manifest.json"));
  }
}

TEST_F(ManifestTest, VerifyNamesEachDamagedFile) {
  write_file_atomic(folder_ / "c.txt", "c");
  write();
  EXPECT_THAT(verify_manifest(folder_), IsEmpty());
  write_file_atomic(folder_ / "b.txt", "Bytes");
  std::filesystem::remove(folder_ / "c.txt");
  write_file_atomic(folder_ / "sub" / "a.txt", "more");
  EXPECT_THAT(verify_manifest(folder_),
              ElementsAre(HasSubstr("b.txt has the right size but other bytes"),
                          HasSubstr("c.txt is missing"), HasSubstr("a.txt has 4 bytes, not 10")));
}

TEST_F(ManifestTest, AnOutputOutsideTheFolderIsRefused) {
  write();
  std::string text = read_file(manifest_path(folder_));
  text.replace(text.find("b.txt"), 5, "../../etc/passwd");
  write_file_atomic(manifest_path(folder_), text);
  EXPECT_THROW(read_manifest(folder_), Error);
}

TEST_F(ManifestTest, AnUnfinishedFolderIsNoInput) {
  EXPECT_THROW(record_folder(folder_, "documents"), Error);
  write();
  FileRecord record = record_folder(folder_, "documents");
  EXPECT_EQ(record.name, "documents");
  EXPECT_EQ(record.size, std::filesystem::file_size(manifest_path(folder_)));
}

}  // namespace
}  // namespace aurora::format
