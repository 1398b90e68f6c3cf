#include "aurora/format/gguf.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"
#include "aurora/format/gguf_bytes.h"

namespace aurora::format {
namespace {

using namespace std::string_literals;

class GgufTest : public ::testing::Test {
 protected:
  Path write(const std::string& bytes) {
    const Path path = folder_ / "x.gguf";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  // What GgufFile says of these bytes; "" when it takes them.
  std::string refusal(const std::string& bytes) {
    try {
      GgufFile file(write(bytes));
      return "";
    } catch (const Error& error) {
      return error.where().substr(error.where().find("x.gguf")) + ": " + error.happened();
    }
  }
  TestFolder folder_;
};

// The worked example of docs/formats/gguf.md: one setting, one tensor.
std::string example() {
  return "GGUF\3\0\0\0"s + "\1\0\0\0\0\0\0\0"s + "\1\0\0\0\0\0\0\0"s +                      //
         "\7\0\0\0\0\0\0\0"s + "a.ready"s + "\7\0\0\0\1"s +                                 //
         "\1\0\0\0\0\0\0\0"s + "w"s + "\2\0\0\0"s + "\2\0\0\0\0\0\0\0"s +                   //
         "\1\0\0\0\0\0\0\0"s + "\0\0\0\0"s + "\0\0\0\0\0\0\0\0"s + std::string(11, '\0') +  //
         "\0\0\x80\x3f"s + "\0\0\0\x40"s + std::string(24, '\0');
}

TEST_F(GgufTest, TheWorkedExampleIsReadAndWritten) {
  const Path path = write(example());
  const GgufFile file(path);
  EXPECT_EQ(file.version(), 3u);
  EXPECT_EQ(file.metadata().flag("a.ready"), true);
  const GgufTensor* tensor = file.find("w");
  ASSERT_NE(tensor, nullptr);
  EXPECT_EQ(tensor->spec.shape, (std::vector<int64_t>{1, 2}));
  float values[2];
  ASSERT_EQ(tensor->data.size(), sizeof values);
  std::memcpy(values, tensor->data.data(), sizeof values);
  EXPECT_EQ(values[0], 1.0f);
  EXPECT_EQ(values[1], 2.0f);

  GgufWriter writer(folder_ / "y.gguf", file.metadata(), {tensor->spec});
  writer.write(values, sizeof values);
  writer.commit();
  EXPECT_EQ(read_file(folder_ / "y.gguf"), example());
}

GgufMetadata every_type() {
  GgufMetadata metadata;
  metadata.set("u8", uint8_t{200});
  metadata.set("i8", int8_t{-100});
  metadata.set("u16", uint16_t{60000});
  metadata.set("i16", int16_t{-30000});
  metadata.set("u32", uint32_t{4000000000});
  metadata.set("i32", int32_t{-2000000000});
  metadata.set("f32", 1.5f);
  metadata.set("bool", true);
  metadata.set("text", "\xe3\x81\x82"s);
  metadata.set("u64", uint64_t{1} << 63);
  metadata.set("i64", int64_t{-5});
  metadata.set("f64", 0.1);
  metadata.set("texts", GgufArray{std::vector<std::string>{"a", ""}});
  metadata.set("reals", GgufArray{std::vector<float>{1, 2}});
  metadata.set("flags", GgufArray{std::vector<bool>{true, false, true}});
  metadata.set("ids", GgufArray{std::vector<int32_t>{7, -1}});
  metadata.set("nested",
               GgufArray{std::vector<GgufArray>{GgufArray{std::vector<uint8_t>{1, 2}}, GgufArray{}}});
  metadata.set("general.alignment", uint32_t{64});
  return metadata;
}

TEST_F(GgufTest, EveryTypeOfSettingAndAlignedTensorsComeBack) {
  const GgufMetadata metadata = every_type();
  const std::vector<GgufTensorSpec> specs = {
      {"a", BlockType::kQ8_0, {3, 32}}, {"empty", BlockType::kF32, {0, 4}}, {"b", BlockType::kBf16, {5}}};
  GgufWriter writer(folder_ / "x.gguf", metadata, specs);
  std::string bytes(3 * 34 + 5 * 2, '\0');
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
  writer.write(bytes.data(), 50);  // pieces need not be tensors
  writer.write(bytes.data() + 50, bytes.size() - 50);
  writer.commit();

  const GgufFile file(folder_ / "x.gguf");
  EXPECT_EQ(file.alignment(), 64u);
  ASSERT_EQ(file.metadata().entries().size(), metadata.entries().size());
  for (size_t i = 0; i < metadata.entries().size(); ++i) {
    EXPECT_EQ(file.metadata().entries()[i], metadata.entries()[i]) << metadata.entries()[i].first;
  }
  ASSERT_EQ(file.tensors().size(), 3u);
  std::string back;
  for (const GgufTensor& tensor : file.tensors())
    back.append(reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size());
  EXPECT_EQ(back, bytes);
  EXPECT_EQ(file.find("a")->spec.shape, (std::vector<int64_t>{3, 32}));
  EXPECT_EQ((file.find("b")->data.data() - file.find("a")->data.data()) % 64, 0);
}

TEST_F(GgufTest, LookUpsWidenNumbersAndNameKeyAndType) {
  GgufMetadata metadata("m.gguf");
  metadata.set("n", uint16_t{5});
  metadata.set("huge", ~uint64_t{0});
  metadata.set("name", "x"s);
  EXPECT_EQ(metadata.integer("n"), 5);
  EXPECT_EQ(metadata.real("n"), 5.0);
  EXPECT_EQ(metadata.integer("absent"), std::nullopt);
  EXPECT_EQ(metadata.text("absent"), nullptr);
  const auto said = [](const auto& look) -> std::string {
    try {
      look();
    } catch (const Error& error) {
      return error.where() + ": " + error.happened();
    }
    return "";
  };
  EXPECT_EQ(said([&] { metadata.integer("name"); }), "m.gguf, key name: text, but a whole number is wanted");
  EXPECT_EQ(said([&] { metadata.integer("huge"); }), "m.gguf, key huge: the number is too large");
  EXPECT_EQ(said([&] { metadata.texts("n"); }), "m.gguf, key n: u16, but an array of texts is wanted");
  EXPECT_EQ(said([&] { metadata.required_text("who"); }), "m.gguf, key who: the key is missing");
}

TEST_F(GgufTest, AFileCutOffAnywhereIsRefused) {
  const std::string whole = example();
  for (size_t size = 0; size + 24 < whole.size(); ++size) {
    EXPECT_NE(refusal(whole.substr(0, size)), "") << size;
  }
  EXPECT_EQ(refusal(whole.substr(0, whole.size() - 24)), "");  // without the padding of the last tensor
}

TEST_F(GgufTest, WhatIsWrongIsNamedWithItsPlace) {
  std::string bytes = example();
  EXPECT_EQ(refusal("GGML" + bytes.substr(4)), "x.gguf@0: not a GGUF file: it does not begin with \"GGUF\"");
  const auto with = [&bytes](size_t at, const std::string& put) {
    return std::string(bytes).replace(at, put.size(), put);
  };
  EXPECT_EQ(refusal(with(4, "\1\0\0\0"s)), "x.gguf@8: version 1 of GGUF; 2 and 3 are read");
  EXPECT_EQ(refusal(with(4, "\0\0\0\3"s)), "x.gguf@8: the file is big-endian");
  EXPECT_EQ(refusal(with(4, "\2\0\0\0"s)), "");
  EXPECT_EQ(refusal(with(16, "\xff\xff\xff\xff"s)),
            "x.gguf@24: 4294967295 settings do not fit into the 104 bytes left");
  EXPECT_EQ(refusal(with(31, "\x01"s)).substr(0, 43), "x.gguf@32: key 1 of 1: a text of 7205759403");
  EXPECT_EQ(refusal(with(39, "\x0d"s)), "x.gguf@43: key a.ready: type 13 of a value is unknown");
  EXPECT_EQ(refusal(with(43, "\x02"s)), "x.gguf@44: key a.ready: 2 is neither true nor false");
  EXPECT_EQ(refusal(with(53, "\5"s)), "x.gguf@57: tensor w: 5 dimensions, at most 4");
  EXPECT_EQ(refusal(with(57, "\xff\xff\xff\xff\xff\xff\xff\xff"s)),
            "x.gguf@65: tensor w: its shape is too large");
  EXPECT_EQ(refusal(with(73, "\x17"s)), "x.gguf@77: tensor w: its type IQ4_XS is not supported");
  EXPECT_EQ(refusal(with(73, "\xc8"s)), "x.gguf@77: tensor w: its type 200 is unknown");
  EXPECT_EQ(refusal(with(73, "\x08"s)),
            "x.gguf@77: tensor w: rows of 2 elements are no whole blocks of Q8_0");
  EXPECT_EQ(refusal(with(77, "\x01"s)), "x.gguf, tensor w: begins at 1, which is no multiple of 32");
  EXPECT_EQ(refusal(with(77, "\x40"s)), "x.gguf, tensor w: 8 bytes at 64 of 32 bytes of data");
}

TEST_F(GgufTest, TwoOfOneNameAndTensorsOverEachOtherAreRefused) {
  GgufBytes head;
  head.raw("GGUF\3\0\0\0"s);
  head.number(uint64_t{2});
  head.number(uint64_t{0});
  const auto entry = [&head](const std::string& name, uint64_t offset) {
    head.text(name);
    head.number(uint32_t{1});
    head.number(uint64_t{16});
    head.number(uint32_t{0});
    head.number(offset);
  };
  GgufBytes prefix = head;
  entry("a", 0), entry("a", 64);
  EXPECT_EQ(refusal(head.bytes() + std::string(256, '\0')).substr(9), ": tensor a: it stands twice");
  head = prefix;
  entry("a", 0), entry("b", 32);
  EXPECT_EQ(refusal(head.bytes() + std::string(256, '\0')),
            "x.gguf, tensor b: overlaps the tensor before it");
}

TEST_F(GgufTest, DeepNestingAndOddAlignmentsAreRefused) {
  const auto with_setting = [](const std::string& key, const std::string& value) {
    GgufBytes bytes;
    bytes.raw("GGUF\3\0\0\0"s);
    bytes.number(uint64_t{0});
    bytes.number(uint64_t{1});
    bytes.text(key);
    bytes.raw(value);
    return bytes.bytes();
  };
  std::string nested = "\x09\0\0\0"s;
  for (int i = 0; i < 1000; ++i) nested += "\x09\0\0\0\1\0\0\0\0\0\0\0"s;
  EXPECT_NE(refusal(with_setting("a", nested)).find("arrays nest too deep"), std::string::npos);
  EXPECT_EQ(refusal(with_setting("general.alignment", "\4\0\0\0\0\0\0\0"s)),
            "x.gguf, key general.alignment: 0 is no power of two up to 1048576");
  EXPECT_EQ(refusal(with_setting("general.alignment", "\4\0\0\0\x18\0\0\0"s)),
            "x.gguf, key general.alignment: 24 is no power of two up to 1048576");
}

}  // namespace
}  // namespace aurora::format
