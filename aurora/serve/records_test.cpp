// The usage log and receipts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"
#include "aurora/serve/receipts.h"
#include "aurora/serve/usage.h"

namespace aurora::serve {
namespace {

TEST(UsageLog, SumsByKeyAndModelInATimeSpan) {
  const TestFolder folder;
  const Path file = folder / "usage.db";
  {
    UsageLog log(file);
    log.add({100, "lab", "m", "/v1/chat/completions", 200, 10, 4, 3, 50});
    log.add({101, "lab", "m", "/v1/chat/completions", 400, 0, 0, 0, 1});
    log.add({102, "", "m", "/v1/completions", 200, 7, 0, 2, 5});
    log.add({200, "lab", "m", "/v1/completions", 200, 1, 0, 1, 5});
    EXPECT_EQ(log.dropped(), 0u);
  }
  const std::vector<UsageSum> sums = read_usage(file, 0, 200);
  ASSERT_EQ(sums.size(), 2u);
  EXPECT_EQ(sums[0].key, "");
  EXPECT_EQ(sums[1].key, "lab");
  EXPECT_EQ(sums[1].answers, 2);
  EXPECT_EQ(sums[1].failed, 1);
  EXPECT_EQ(sums[1].prompt_tokens, 10);
  EXPECT_EQ(sums[1].cached_tokens, 4);
  EXPECT_EQ(sums[1].completion_tokens, 3);
  // A second life goes on with the file.
  UsageLog(file).add({300, "lab", "m", "/x", 200, 1, 0, 1, 5});
  EXPECT_EQ(read_usage(file, 0, INT64_MAX)[1].answers, 4);
}

TEST(UsageLog, OtherFilesAreRefused) {
  const TestFolder folder;
  write_file_atomic(folder / "text", "no database at all, but long enough to be looked at as if it were one");
  EXPECT_THROW(UsageLog(folder / "text"), Error);
  EXPECT_THROW(read_usage(folder / "missing", 0, 1), Error);
}

TEST(Receipt, IsMadeReadAndRefusedWhenChanged) {
  const TestFolder folder;
  const Signer signer(folder / "key.pem");
  const Json body =
      Json::parse(R"({"model": "m", "seed": 3, "prompt": "a", "stream": true, "receipt": true})");
  const std::vector<std::vector<int32_t>> tokens = {{1, 2, 3}, {}};
  const Json receipt = make_receipt({"/v1/completions", "m", "hash", body, 77, 3, tokens}, signer);

  const ReceiptRecord read = read_receipt(receipt.dump(), "receipt");
  EXPECT_EQ(read.endpoint, "/v1/completions");
  EXPECT_EQ(read.created, 77);
  EXPECT_EQ(read.seed, 3u);
  EXPECT_FALSE((*read.request).contains("stream"));
  EXPECT_EQ(read.token_hashes, (std::vector<std::string>{token_hash({1, 2, 3}), token_hash({})}));
  // SHA-256 of nothing.
  EXPECT_EQ(token_hash({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  // An answer that holds it will do.
  EXPECT_EQ(read_receipt(Json{{"id", "x"}, {"receipt", receipt}}.dump(), "answer").model, "m");

  Json forged = receipt;
  forged["record"]["seed"] = 4;
  EXPECT_THROW(read_receipt(forged.dump(), "forged"), Error);
  forged = receipt;
  forged["request"]["prompt"] = "b";
  EXPECT_THROW(read_receipt(forged.dump(), "forged"), Error);
  forged = receipt;
  forged["signature"] = "00";
  EXPECT_THROW(read_receipt(forged.dump(), "forged"), Error);
  EXPECT_THROW(read_receipt("{}", "empty"), Error);
}

TEST(Receipt, TheKeyIsKeptAndAnotherKindIsRefused) {
  const TestFolder folder;
  const std::string first = Signer(folder / "key.pem").public_key();
  EXPECT_EQ(Signer(folder / "key.pem").public_key(), first);
  write_file_atomic(folder / "other.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  EXPECT_THROW(Signer(folder / "other.pem"), Error);
}

// RFC 8032, 7.1, test 2.
TEST(Receipt, SignaturesAreThoseOfTheStandard) {
  EXPECT_TRUE(verify_signature("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "\x72",
                               "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e159"
                               "96e458f3613d0f11d8c387b2eaeb4302aee"
                               "b00d291612bb0c00"));
  EXPECT_FALSE(verify_signature("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "\x73",
                                std::string(128, '0')));
}

}  // namespace
}  // namespace aurora::serve
