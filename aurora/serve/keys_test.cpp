#include "aurora/serve/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"

namespace aurora::serve {
namespace {

using ::testing::HasSubstr;

TEST(Keys, AKeyIsFoundByItsSecretAndNotStored) {
  const TestFolder folder;
  const Path file = folder / "keys.toml";
  NewKey made = make_key("lab");
  made.key.requests_per_minute = 60;
  append_key(file, made.key);
  append_key(file, make_key("other \"one\"").key);
  EXPECT_EQ(made.secret.size(), std::string("sk-aurora-").size() + 43);
  EXPECT_EQ(read_file(file).find(made.secret), std::string::npos);
  EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms::all,
            std::filesystem::perms(0600));

  KeyRing ring(file);
  const auto found = ring.find(made.secret);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->name, "lab");
  EXPECT_EQ(found->requests_per_minute, 60);
  EXPECT_FALSE(ring.find(made.secret + "x"));
  EXPECT_FALSE(ring.find(""));
  EXPECT_THROW(append_key(file, make_key("lab").key), UsageError);
}

TEST(Keys, SecretsDiffer) {
  EXPECT_NE(make_key("a").secret, make_key("a").secret);
}

TEST(Keys, AFileThatIsWrongIsNamedWithItsLine) {
  const TestFolder folder;
  const Path file = folder / "keys.toml";
  const auto refusal = [&](const std::string& text) -> std::string {
    write_file_atomic(file, text);
    try {
      KeyRing ring(file);
    } catch (const Error& error) {
      return error.where() + ": " + error.happened();
    }
    return "";
  };
  const std::string good = "[[key]]\nname = \"a\"\nsha256 = \"" + std::string(64, '0') + "\"\n";
  EXPECT_EQ(refusal(good), "");
  EXPECT_THAT(refusal(good + "colour = 1\n"), HasSubstr("keys.toml:4: a key has no setting 'colour'"));
  EXPECT_THAT(refusal("[[key]]\nname = \"a\"\nsha256 = \"0\"\n"), HasSubstr("64 lower-case"));
  EXPECT_THAT(refusal(good + good), HasSubstr("two keys"));
  EXPECT_THAT(refusal("key = 3\n"), HasSubstr("[[key]]"));
  EXPECT_THAT(refusal("[[key]\n"), HasSubstr("keys.toml:1"));
  EXPECT_THAT(refusal(good + "requests_per_minute = 0\n"), HasSubstr("requests_per_minute"));
}

TEST(Keys, AChangedFileIsReadAgainAndABrokenOneChangesNothing) {
  const TestFolder folder;
  const Path file = folder / "keys.toml";
  const NewKey first = make_key("first"), second = make_key("second");
  append_key(file, first.key);
  KeyRing ring(file);
  EXPECT_EQ(ring.refresh(), "");
  append_key(file, second.key);
  EXPECT_FALSE(ring.find(second.secret));
  EXPECT_EQ(ring.refresh(), "");
  EXPECT_TRUE(ring.find(second.secret));
  write_file_atomic(file, "nonsense");
  EXPECT_NE(ring.refresh(), "");
  EXPECT_TRUE(ring.find(first.secret));
}

TEST(Rates, RequestsComeBackWithTime) {
  RateLimits limits;
  const Key key{.name = "k", .sha256 = "", .requests_per_minute = 2, .tokens_per_minute = 0, .admin = false};
  EXPECT_EQ(limits.take_request(key, 100), 0);
  EXPECT_EQ(limits.take_request(key, 100), 0);
  EXPECT_EQ(limits.take_request(key, 100), 30);
  EXPECT_EQ(limits.take_request(key, 129), 1);
  EXPECT_EQ(limits.take_request(key, 130), 0);
  EXPECT_GT(limits.take_request(key, 130), 0);
}

TEST(Rates, TokensArePaidAfterwards) {
  RateLimits limits;
  const Key key{
      .name = "k", .sha256 = "", .requests_per_minute = 0, .tokens_per_minute = 600, .admin = false};
  EXPECT_EQ(limits.take_request(key, 0), 0);
  limits.pay_tokens(key, 1200, 0);  // 600 below zero: a minute until there is one again
  EXPECT_EQ(limits.take_request(key, 0), 61);
  EXPECT_EQ(limits.take_request(key, 61), 0);
}

}  // namespace
}  // namespace aurora::serve
