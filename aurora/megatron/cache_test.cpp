#include "aurora/megatron/cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/base/test_folder.h"
#include "aurora/megatron/python_json.h"

namespace aurora::megatron {
namespace {

// repr() of each.
TEST(PythonFloat, IsRepr) {
  for (const char* text : {"0.1", "1e-07", "1e+22", "123456789.5", "-0.0", "5e-324", "100.0", "1e+16",
                           "9999999999999998.0", "0.0001", "1e-05", "0.969", "0.3333333333333333"}) {
    EXPECT_EQ(python_float(std::strtod(text, nullptr)), text);
  }
}

TEST(PythonDumps, EscapesAsPythonDoes) {
  const nlohmann::ordered_json text = "a\"b\\c/\n\t\x7f\x01 é 中 \U0001f600";
  EXPECT_EQ(python_dumps(text), R"("a\"b\\c/\n\t\u007f\u0001 \u00e9 \u4e2d \ud83d\ude00")");
  EXPECT_EQ(python_dumps(std::string("\xff")), R"("\udcff")");  // os.fsdecode(b"\xff")
}

TEST(PythonDumps, IndentsByFourAndLeavesEmptyOnesClosed) {
  const auto json = parse_json(R"({"b":[1,-2.50,true,null],"a":{},"c":[]})", "test");
  EXPECT_EQ(
      python_dumps(json),
      "{\n    \"b\": [\n        1,\n        -2.5,\n        true,\n        null\n    ],\n    \"a\": {},\n"
      "    \"c\": []\n}");
  EXPECT_THROW(parse_json("{", "test"), Error);
}

DatasetIdentity identity(const std::string& path, std::optional<int64_t> samples) {
  return {
      .path = path,
      .samples = samples,
      .seed = 1234,
      .sequence_length = 64,
      .split_text = "969, 30, 1",
      .tokenizer = legacy_tokenizer_json("_HuggingFaceTokenizer", {"a/b"}, {{"trust_remote_code", "False"}})};
}

// hashlib.md5(json.dumps(identifiers, indent=4).encode()).hexdigest() of the same values in Python.
TEST(Descriptions, HashAsMegatrons) {
  EXPECT_EQ(md5_hex(dataset_description(identity("/data/é\x7f", 100))), "e7dd815ce01453fc202755b8634a6ff6");
  EXPECT_EQ(md5_hex(blend_description({identity("/data/a", 71), identity("/data/b", std::nullopt)},
                                      Split::kTrain, std::vector<double>{0.7, 0.3}, 100)),
            "ffe1906f29a65e48ae817823dc671802");
  EXPECT_EQ(md5_hex(blend_description({identity("/data/a", std::nullopt)}, Split::kTrain,
                                      std::vector<int64_t>{7}, std::nullopt)),
            "28fdfb8eca455178288f27d877b96f0a");
}

TEST(Descriptions, OfAListPerSplitNameNoSplit) {
  DatasetIdentity per_split = identity("/data/a", 5);
  per_split.split_text = std::nullopt;
  EXPECT_THAT(dataset_description(per_split),
              ::testing::HasSubstr("\"split\": null,\n    \"split_matrix\": null,"));
}

// What MegatronTokenizer.from_pretrained(metadata_path={"library": "null", "model_type": "gpt"},
// vocab_size=50000).unique_identifiers gives.
TEST(Tokenizers, OfTheCoreKindStateClassPathAndOptions) {
  EXPECT_EQ(core_tokenizer_json("megatron.core.tokenizers.text.models.gpt_tokenizer.GPTTokenizer",
                                std::nullopt, {{"vocab_size", "50000"}}),
            "{\n    \"class\": \"megatron.core.tokenizers.text.models.gpt_tokenizer.GPTTokenizer\",\n"
            "    \"tokenizer_path\": null,\n    \"vocab_size\": \"50000\"\n}");
}

TEST(Cache, IsValidOnlyWhole) {
  TestFolder folder;
  const std::string description = "what it is";
  const CacheFiles files = CacheFiles::of_dataset(folder.path() / "new", description, Split::kValid);
  EXPECT_EQ(files.samples_path().filename(), md5_hex(description) + "-GPTDataset-valid-sample_index.npy");
  const std::vector<int32_t> numbers = {1, 2, 3, 4};
  std::vector<CacheArray> arrays = {{files.documents_path(), format::NpyType::kI32, {4}, numbers.data()},
                                    {files.samples_path(), format::NpyType::kI32, {2, 2}, numbers.data()}};
  EXPECT_FALSE(cache_is_valid(files.description_path(), description, arrays));
  publish_cache(files.description_path(), description, arrays);
  EXPECT_TRUE(cache_is_valid(files.description_path(), description, arrays));

  EXPECT_FALSE(cache_is_valid(files.description_path(), "another", arrays));
  arrays[0].shape = {5};
  EXPECT_FALSE(cache_is_valid(files.description_path(), description, arrays));
  arrays[0].shape = {4};
  const std::string whole = read_file(files.samples_path());
  write_file_atomic(files.samples_path(), whole.substr(0, whole.size() - 1));
  EXPECT_FALSE(cache_is_valid(files.description_path(), description, arrays));
  std::filesystem::remove(files.samples_path());
  EXPECT_FALSE(cache_is_valid(files.description_path(), description, arrays));
}

}  // namespace
}  // namespace aurora::megatron
