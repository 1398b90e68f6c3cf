#include "aurora/format/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "aurora/base/error.h"

namespace aurora::format {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SafetensorsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = Path(::testing::TempDir()) /
              ("safetensors_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    path_ = folder_ / "model.safetensors";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A file with this header and so many bytes of data; the message of opening it.
  std::string message_of(std::string header, size_t data_bytes) {
    uint64_t size = header.size();
    std::string bytes(reinterpret_cast<char*>(&size), 8);
    write_file_atomic(path_, bytes + header + std::string(data_bytes, 'x'));
    try {
      SafetensorsFile file(path_);
    } catch (const Error& error) {
      EXPECT_THAT(error.where(), HasSubstr("model.safetensors"));
      return error.what();
    }
    return "no error";
  }

  Path folder_;
  Path path_;
};

std::string bytes_of(const StoredTensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size()};
}

TEST_F(SafetensorsTest, WritesTheKnownBytes) {
  SafetensorsWriter writer(path_, {{"a", StoredType::kU8, {3}}}, {{"format", "pt"}});
  writer.write("xy", 2);
  writer.write("z", 1);
  writer.commit();
  std::string header =
      R"({"__metadata__":{"format":"pt"},"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::string expected(8, '\0');
  expected[0] = static_cast<char>(header.size());
  EXPECT_EQ(read_file(path_), expected + header + "xyz");
}

TEST_F(SafetensorsTest, ReadsBackWhatWasWritten) {
  float weights[6] = {1, 2, 3, 4, 5, 6};
  uint16_t scalar = 0x3f80;
  SafetensorsWriter writer(path_, {{"b.weight", StoredType::kF32, {2, 3}},
                                   {"a", StoredType::kBf16, {}},
                                   {"none", StoredType::kI64, {0, 4}}});
  writer.write(weights, sizeof weights);
  writer.write(&scalar, sizeof scalar);
  writer.commit();
  SafetensorsFile file(path_);
  ASSERT_EQ(file.tensors().size(), 3u);
  EXPECT_EQ(file.tensors()[0].spec.name, "b.weight");  // the order given
  EXPECT_THAT(file.tensor("b.weight").spec.shape, ElementsAre(2, 3));
  EXPECT_EQ(std::memcmp(file.tensor("b.weight").data.data(), weights, sizeof weights), 0);
  EXPECT_EQ(file.tensor("a").spec.type, StoredType::kBf16);
  EXPECT_EQ(file.tensor("a").data.size(), 2u);
  EXPECT_EQ(file.tensor("none").data.size(), 0u);
  EXPECT_EQ(file.find("c"), nullptr);
  EXPECT_THROW(file.tensor("c"), Error);
}

TEST_F(SafetensorsTest, DataBeginsAtAMultipleOfEight) {
  for (int length = 1; length < 10; ++length) {
    SafetensorsWriter writer(path_, {{std::string(length, 'n'), StoredType::kU8, {1}}});
    writer.write("!", 1);
    writer.commit();
    EXPECT_EQ((std::filesystem::file_size(path_) - 1) % 8, 0u);
    EXPECT_EQ(bytes_of(SafetensorsFile(path_).tensors()[0]), "!");
  }
}

TEST_F(SafetensorsTest, EveryLieInTheHeaderIsRefusedByName) {
  EXPECT_THAT(message_of(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})", 3), "no error");
  EXPECT_THAT(message_of(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})", 2),
              HasSubstr("tensor a"));
  EXPECT_THAT(message_of(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})", 4),
              HasSubstr("no tensor"));
  EXPECT_THAT(message_of(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}})", 4),
              HasSubstr("tensor a"));
  EXPECT_THAT(message_of(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,3]}})", 3),
              HasSubstr("want 12"));
  EXPECT_THAT(message_of(R"({"a":{"dtype":"X","shape":[3],"data_offsets":[0,3]}})", 3), HasSubstr("\"X\""));
  EXPECT_THAT(message_of(R"({"a":{"dtype":"U8","shape":[-3],"data_offsets":[0,3]}})", 3), HasSubstr("shape"));
  EXPECT_THAT(message_of(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[3,0]}})", 3),
              HasSubstr("tensor a"));
  EXPECT_THAT(message_of(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0]}})", 3), HasSubstr("pair"));
  EXPECT_THAT(message_of(R"({"a":{"dtype":"U8","data_offsets":[0,3]}})", 3), HasSubstr("\"shape\""));
  EXPECT_THAT(
      message_of(
          R"({"a":{"dtype":"U8","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,0]}})",
          0),
      HasSubstr("too large"));
  EXPECT_THAT(message_of(R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},)"
                         R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}})",
                         3),
              HasSubstr("tensor b"));
  EXPECT_THAT(message_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                         R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                         2),
              HasSubstr("twice"));
  EXPECT_THAT(message_of(R"({"__metadata__":{"k":1}})", 0), HasSubstr("__metadata__.k"));
  EXPECT_THAT(message_of("[]", 0), HasSubstr("JSON object"));
  EXPECT_THAT(message_of("{", 0), HasSubstr("JSON"));
  EXPECT_THAT(message_of(R"({"a":1e676})", 0), HasSubstr("JSON"));  // found by fuzzing
}

TEST_F(SafetensorsTest, EveryCutOfAFileIsRefused) {
  SafetensorsWriter writer(path_, {{"a", StoredType::kU8, {3}}});
  writer.write("xyz", 3);
  writer.commit();
  std::string bytes = read_file(path_);
  for (size_t size = 0; size < bytes.size(); ++size) {
    write_file_atomic(path_, bytes.substr(0, size));
    EXPECT_THROW(SafetensorsFile{path_}, Error) << size;
  }
}

TEST_F(SafetensorsTest, ShardsFillInOrderAndALargeTensorStandsAlone) {
  std::vector<TensorSpec> specs = {{"a", StoredType::kU8, {4}},
                                   {"b", StoredType::kU8, {4}},
                                   {"c", StoredType::kU8, {50}},
                                   {"d", StoredType::kU8, {1}}};
  std::vector<Shard> shards = plan_shards(specs, 8);
  ASSERT_EQ(shards.size(), 3u);
  EXPECT_EQ(shards[0].tensors.size(), 2u);
  EXPECT_EQ(shards[1].tensors.size(), 1u);
  EXPECT_EQ(shards[2].file, "model-00003-of-00003.safetensors");
  EXPECT_EQ(plan_shards(specs, 100)[0].file, "model.safetensors");
}

TEST_F(SafetensorsTest, AFolderOfShardsReadsLikeOneFile) {
  std::vector<TensorSpec> specs = {{"a", StoredType::kU8, {4}}, {"b", StoredType::kU8, {5}}};
  for (uint64_t shard_bytes : {100, 5}) {
    std::filesystem::remove_all(folder_);
    auto files = write_safetensors_folder(folder_, specs, shard_bytes, {},
                                          [](const TensorSpec& spec, const Sink& sink) {
                                            std::string bytes(spec.bytes(), spec.name[0]);
                                            sink(bytes.data(), bytes.size());
                                          });
    EXPECT_EQ(files.size(), shard_bytes == 100 ? 1u : 3u);
    SafetensorsFolder folder(folder_);
    EXPECT_THAT(folder.names(), ElementsAre("a", "b"));
    EXPECT_EQ(bytes_of(folder.tensor("a")), "aaaa");
    EXPECT_EQ(bytes_of(folder.tensor("b")), "bbbbb");
    EXPECT_THROW(folder.tensor("c"), Error);
  }
}

TEST_F(SafetensorsTest, AnIndexThatNamesAnAbsentTensorOrFileIsRefused) {
  auto fill = [](const TensorSpec& spec, const Sink& sink) { sink("123456789", spec.bytes()); };
  write_safetensors_folder(folder_, {{"a", StoredType::kU8, {4}}, {"b", StoredType::kU8, {5}}}, 5, {}, fill);
  Path index = folder_ / "model.safetensors.index.json";
  std::string text = read_file(index);
  std::string wrong = text;
  wrong.replace(wrong.find("\"b\""), 3, "\"q\"");
  write_file_atomic(index, wrong);
  EXPECT_THROW(SafetensorsFolder{folder_}, Error);
  wrong = text;
  wrong.replace(wrong.find("model-00001"), 11, "../el-00001");
  write_file_atomic(index, wrong);
  EXPECT_THROW(SafetensorsFolder{folder_}, Error);
}

}  // namespace
}  // namespace aurora::format
