#include "aurora/format/npy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"

namespace aurora::format {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class NpyTest : public ::testing::Test {
 protected:
  template <typename T>
  void write(const std::vector<T>& numbers, std::vector<uint64_t> shape) {
    NpyWriter writer(path_, npy_type_of<T>(), std::move(shape));
    writer.write(std::span<const T>(numbers));
    writer.commit();
  }
  void put(std::string_view header_and_data, int major = 1) {
    std::string bytes("\x93NUMPY", 6);
    bytes += {static_cast<char>(major), '\0'};
    const size_t newline = header_and_data.find('\n');
    const uint32_t size = static_cast<uint32_t>(newline + 1);
    bytes.append(reinterpret_cast<const char*>(&size), major == 1 ? 2 : 4);
    bytes += header_and_data;
    write_file_atomic(path_, bytes);
  }
  std::string message() {
    try {
      NpyFile file(path_);
    } catch (const Error& error) {
      EXPECT_FALSE(error.remedy().empty());
      return error.what();
    }
    return "no error";
  }

  TestFolder folder_;
  Path path_ = folder_ / "a.npy";
};

// The worked example of docs/formats/npy.md; numpy 2 writes the same 140 bytes.
TEST_F(NpyTest, WritesTheDocumentedBytes) {
  write<int32_t>({1, 2, 258}, {3});
  std::string expected("\x93NUMPY\1\0\x76\0", 10);
  expected += "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }";
  expected += std::string(128 - 1 - expected.size(), ' ') + '\n';
  expected += std::string("\1\0\0\0\2\0\0\0\2\1\0\0", 12);
  EXPECT_EQ(read_file(path_), expected);
}

TEST_F(NpyTest, ReadsWhatItWrote) {
  write<int64_t>({1, -2, 3, 4, 5, 6}, {3, 2});
  const NpyFile two(path_);
  EXPECT_EQ(two.type(), NpyType::kI64);
  EXPECT_THAT(two.shape(), ElementsAre(3, 2));
  EXPECT_THAT(two.as<int64_t>(), ElementsAre(1, -2, 3, 4, 5, 6));
  write<uint8_t>({7}, {1});
  EXPECT_THAT(NpyFile(path_).as<uint8_t>(), ElementsAre(7));
  write<double>({}, {0});
  EXPECT_THAT(NpyFile(path_).as<double>(), ElementsAre());
  write<float>({0.5F}, {1, 1});
  EXPECT_THAT(NpyFile(path_).as<float>(), ElementsAre(0.5F));
}

TEST_F(NpyTest, AnotherTypeThanTheFileHoldsIsAnError) {
  write<int32_t>({1}, {1});
  EXPECT_THROW(NpyFile(path_).as<uint32_t>(), Error);
  EXPECT_THROW(NpyFile(path_).as<int64_t>(), Error);
}

TEST_F(NpyTest, NothingIsThereBeforeCommit) {
  {
    NpyWriter writer(path_, NpyType::kI32, {1});
    const int32_t one = 1;
    writer.write(&one, sizeof one);
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(NpyTest, ReadsOtherSpellingsOfTheHeader) {
  const std::string four_bytes("\1\0\2\0", 4);
  put("{\"shape\":(2),'fortran_order':True,'descr':'<u2'}      \n" + four_bytes);
  EXPECT_THAT(NpyFile(path_).shape(), ElementsAre(2));
  put("{'descr': '<u2', 'fortran_order': False, 'shape': (1, 2), }\n" + four_bytes, 2);
  EXPECT_THAT(NpyFile(path_).shape(), ElementsAre(1, 2));
}

TEST_F(NpyTest, WhatItCannotReadIsRefusedByName) {
  const std::string two_bytes("\0\0", 2);
  put("{'descr': '>u2', 'fortran_order': False, 'shape': (1,), }\n" + two_bytes);
  EXPECT_THAT(message(), HasSubstr("'>u2'"));
  put("{'descr': '<f2', 'fortran_order': False, 'shape': (1,), }\n" + two_bytes);
  EXPECT_THAT(message(), HasSubstr("'<f2'"));
  put("{'descr': [('a', '<u2')], 'fortran_order': False, 'shape': (1,), }\n" + two_bytes);
  EXPECT_THAT(message(), HasSubstr("records"));
  put("{'descr': '<u2', 'fortran_order': True, 'shape': (1, 1), }\n" + two_bytes);
  EXPECT_THAT(message(), HasSubstr("fortran_order"));
  put("{'descr': '<u2', 'fortran_order': False, 'shape': (), }\n" + two_bytes);
  EXPECT_THAT(message(), HasSubstr("0 dimensions"));
  put("{'descr': '<u2', 'fortran_order': False, 'shape': (1, 1, 1), }\n" + two_bytes);
  EXPECT_THAT(message(), HasSubstr("3 dimensions"));
  put("{'descr': '<u2', 'fortran_order': False, }\n" + two_bytes);
  EXPECT_THAT(message(), HasSubstr("missing"));
  put("{'descr': '<u2', 'descr': '<u2', 'fortran_order': False, 'shape': (1,), }\n" + two_bytes);
  EXPECT_THAT(message(), HasSubstr("twice"));
  put("{'descr': '<u2', 'fortran_order': False, 'shape': (2,), }\n" + two_bytes);
  EXPECT_THAT(message(), HasSubstr("2 bytes of numbers"));
  put("{'descr': '<u2', 'fortran_order': False, 'shape': (9223372036854775808, 2), }\n" + two_bytes);
  EXPECT_THAT(message(), HasSubstr("2 bytes of numbers"));
  put("{'descr': '<u2', 'fortran_order': False, 'shape': (1,), }\n" + two_bytes, 3);
  EXPECT_THAT(message(), HasSubstr("version 3.0"));
}

TEST_F(NpyTest, EveryCutIsRefused) {
  write<int32_t>({1, 2, 3}, {3});
  for (size_t size = std::filesystem::file_size(path_); size-- > 0;) {
    std::filesystem::resize_file(path_, size);
    EXPECT_NE(message(), "no error") << size;
  }
}

}  // namespace
}  // namespace aurora::format
