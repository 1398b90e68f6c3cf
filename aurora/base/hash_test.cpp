#include "aurora/base/hash.h"

#include <gtest/gtest.h>

#include "aurora/base/test_folder.h"

namespace aurora {
namespace {

// XXH3's answers for the empty input stand in the xxHash specification's test vectors.
TEST(Xxh3, GivesThePublishedAnswers) {
  EXPECT_EQ(xxh3_64(""), 0x2d06800538d394c2u);
  EXPECT_EQ(xxh3_128("").hex(), "99aa06d3014798d86001c324468d497f");
}

TEST(Xxh3, SeedChangesTheHash) {
  EXPECT_NE(xxh3_64("text", 1), xxh3_64("text", 2));
}

TEST(Hasher, PiecesGiveTheHashOfTheWhole) {
  const std::string bytes(100'000, 'q');
  Hasher hasher;
  for (size_t at = 0; at < bytes.size(); at += 777) hasher.update(std::string_view(bytes).substr(at, 777));
  EXPECT_EQ(hasher.digest(), xxh3_128(bytes));
  EXPECT_EQ(Hasher().digest(), xxh3_128(""));
}

// FIPS 180-4 examples.
TEST(Sha256, GivesThePublishedAnswers) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// RFC 1321, A.5.
TEST(Md5, GivesThePublishedAnswers) {
  EXPECT_EQ(md5_hex(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_hex("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(md5_hex("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Hashes, OfAFileAreThoseOfItsBytes) {
  TestFolder folder;
  const std::string bytes(2'500'000, 'z');
  write_file_atomic(folder / "f", bytes);
  EXPECT_EQ(hash_file(folder / "f"), xxh3_128(bytes));
  EXPECT_EQ(sha256_file(folder / "f"), sha256_hex(bytes));
}

TEST(Hex, IsLowerCaseAndPadded) {
  EXPECT_EQ(hex64(0xAB), "00000000000000ab");
  EXPECT_EQ((Hash128{1, 2}).hex(), "00000000000000010000000000000002");
}

}  // namespace
}  // namespace aurora
