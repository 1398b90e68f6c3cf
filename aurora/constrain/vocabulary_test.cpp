// Tokens as bytes, for each kind of tokenizer; and what matchers of one grammar share.
#include "aurora/constrain/vocabulary.h"

#include <gtest/gtest.h>

#include <thread>

#include "aurora/constrain/testing.h"
#include "aurora/tokenizer/decode.h"
#include "aurora/tokenizer/test_specs.h"

namespace aurora::constrain {
namespace {

TEST(TokenBytes, OfAByteLevelTokenizerAreItsTokens) {
  const tokenizer::Tokenizer tokenizer(tokenizer::byte_level_spec());
  const std::vector<std::string> bytes = token_bytes(tokenizer);
  EXPECT_EQ(bytes[0xff], "\xff");
  EXPECT_EQ(bytes[259], " the");
  EXPECT_EQ(bytes[260], "\xe3\x81");
  EXPECT_EQ(bytes[261], "");           // <|end|> is special
  EXPECT_EQ(bytes[262], "<|other|>");  // an added token that is not
}

TEST(TokenBytes, OfPiecesAreWhatTheyDecodeToInsideAText) {
  for (const tokenizer::Spec& spec : {tokenizer::llama_spec(), tokenizer::unigram_spec(),
                                      tokenizer::unigram_spec(tokenizer::ModelKind::kSentencePieceUnigram)}) {
    const tokenizer::Tokenizer tokenizer(spec);
    const std::vector<std::string> bytes = token_bytes(tokenizer);
    for (int32_t id = 0; id < tokenizer.vocab_size(); ++id) {
      const std::string& own = bytes[static_cast<size_t>(id)];
      if (own.empty() || static_cast<uint8_t>(own[0]) >= 0x80) continue;  // a byte alone decodes to U+FFFD
      int32_t letter = 0;
      while (bytes[static_cast<size_t>(letter)] != "e") ++letter;
      EXPECT_EQ(tokenizer.decode(std::vector<int32_t>{letter, id}), "e" + own) << id;
    }
    EXPECT_EQ(bytes[0], "");  // <unk>
    EXPECT_EQ(bytes[1], "");  // <s>, </s>
  }
}

TEST(Vocabulary, TakesTheTokenizersEndUnlessToldOthers) {
  const tokenizer::Tokenizer tokenizer(tokenizer::byte_level_spec());
  EXPECT_EQ(Vocabulary::of(tokenizer)->end_tokens(), std::vector<int32_t>{261});
  const auto told = Vocabulary::of(tokenizer, {262, 9999});
  EXPECT_EQ(told->end_tokens(), std::vector<int32_t>{262});
  EXPECT_TRUE(told->is_end(262));
  EXPECT_EQ(told->trie().text(262), "");
}

TEST(Vocabulary, TokensOfEqualBytesAreAllAllowed) {
  const auto vocabulary = std::make_shared<const Vocabulary>(
      std::vector<std::string>{"a", "b", "a", "ab", std::string(2000, 'a'), ""}, std::vector<int32_t>{5});
  Matcher matcher(Grammar::from_regex("a+b", vocabulary));
  EXPECT_EQ(matcher.allowed().count(), 3);  // not the one that is too long
  EXPECT_TRUE(matcher.allowed().allows(0));
  EXPECT_TRUE(matcher.allowed().allows(2));
  EXPECT_TRUE(matcher.allowed().allows(3));
}

TEST(Matcher, SpecialTokensAndIdsOutsideAreRefused) {
  Matcher matcher(Grammar::from_regex(".*", test_vocabulary()));
  EXPECT_FALSE(matcher.advance(-1));
  EXPECT_FALSE(matcher.advance(100000));
  EXPECT_FALSE(matcher.allowed().allows(-1));
  EXPECT_FALSE(matcher.allowed().allows(100000));
  EXPECT_TRUE(matcher.advance(kEnd));
}

// Nested so deep and so differently that what is remembered is thrown away on the way.
TEST(Matcher, GoesOnWhenTooMuchIsRemembered) {
  const auto grammar = Grammar::json_object(test_vocabulary(), Whitespace::kCompact);
  Matcher matcher(grammar);
  Dice dice(4);
  std::string open;
  ASSERT_TRUE(matcher.advance_text("{\"a\":"));
  for (int i = 0; i < 30000; ++i) {
    const bool object = dice.below(2) == 0;
    ASSERT_TRUE(matcher.advance_text(object ? "{\"a\":" : "["));
    open += object ? '}' : ']';
    if (i % 100 == 0) {
      EXPECT_TRUE(matcher.allowed().allows('['));
      EXPECT_FALSE(matcher.allowed().allows('}'));
    }
  }
  ASSERT_TRUE(matcher.advance_text("1"));
  for (; !open.empty(); open.pop_back()) {
    EXPECT_FALSE(matcher.advance_text(open.back() == '}' ? "]" : "}"));
    ASSERT_TRUE(matcher.advance_text(open.substr(open.size() - 1)));
  }
  ASSERT_TRUE(matcher.advance_text("}"));
  EXPECT_TRUE(matcher.finished());
}

TEST(Matcher, ThreadsMayShareAGrammar) {
  const auto grammar = Grammar::json_object(test_vocabulary());
  std::vector<std::thread> threads;
  for (uint64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Dice dice(t);
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(accepts(grammar, random_walk(grammar, dice, 30)));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace aurora::constrain
