#include "aurora/tokenizer/bpe/words.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <string>
#include <thread>
#include <vector>

#include "aurora/tokenizer/bpe/encoder.h"
#include "aurora/tokenizer/bpe/test_vocabulary.h"

namespace aurora::tokenizer {
namespace {

std::string word(size_t number) {
  return "w" + std::to_string(number);
}

// Words of one to three ids that tell which word it is.
std::vector<int32_t> ids(size_t number) {
  return std::vector<int32_t>(1 + number % 3, static_cast<int32_t>(number));
}

std::vector<int32_t> ids(const WordSlot& slot) {
  return {slot.ids, slot.ids + slot.count()};
}

TEST(WordTable, FindsWhatWasInserted) {
  WordTable table(4);
  EXPECT_EQ(table.find(key_of("a")), nullptr);
  const std::vector<int32_t> two = {7, 8};
  const WordSlot* slot = table.insert(key_of("a"), two);
  ASSERT_NE(slot, nullptr);
  EXPECT_EQ(table.find(key_of("a")), slot);
  EXPECT_EQ(ids(*slot), two);
  EXPECT_EQ(table.find(key_of(std::string_view("a\0", 2))), nullptr);
  EXPECT_EQ(table.insert(key_of("none"), {})->count(), 0u);
  EXPECT_NE(table.find(key_of("none")), nullptr);
}

TEST(WordTable, TakesNoMoreThanThreeQuarters) {
  WordTable table(8);
  size_t taken = 0;
  for (size_t i = 0; i < 30; ++i) taken += table.insert(key_of(word(i)), ids(i)) != nullptr;
  EXPECT_EQ(taken, 12u);
  EXPECT_TRUE(table.full());
  for (size_t i = 0; i < 12; ++i) {
    ASSERT_NE(table.find(key_of(word(i))), nullptr) << i;
    EXPECT_EQ(ids(*table.find(key_of(word(i)))), ids(i));
  }
  EXPECT_EQ(table.find(key_of(word(12))), nullptr);
}

TEST(WordTable, ThreadsSeeWholeWordsOnly) {
  constexpr size_t kWords = 20000;
  WordTable table(size_t{1} << 16);
  std::vector<size_t> wrong(4);
  std::vector<std::thread> threads;
  for (size_t thread = 0; thread < wrong.size(); ++thread) {
    threads.emplace_back([&, thread] {
      for (size_t i = 0; i < kWords; ++i) {
        const size_t number =
            thread % 2 == 0 ? i : kWords - 1 - i;  // they meet in the middle, and side by side
        const WordKey key = key_of(word(number));
        const WordSlot* slot = table.find(key);
        if (!slot) slot = table.insert(key, ids(number));
        wrong[thread] += !slot || ids(*slot) != ids(number);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<size_t>(4));
  for (size_t i = 0; i < kWords; ++i) ASSERT_NE(table.find(key_of(word(i))), nullptr) << i;
}

TEST(SharedWords, ALargerTableFollowsAFullOne) {
  SharedWords words;
  const SharedWords::Tables first = words.tables();
  EXPECT_EQ(first.before, nullptr);
  EXPECT_EQ(words.tables().now, first.now);
  size_t taken = 0;
  while (first.now->insert(key_of(word(taken)), ids(taken))) ++taken;
  const SharedWords::Tables second = words.tables();
  EXPECT_NE(second.now, first.now);
  EXPECT_EQ(second.before, first.now);
  EXPECT_FALSE(second.now->full());
  EXPECT_EQ(second.now->find(key_of(word(0))), nullptr);
  EXPECT_EQ(ids(*second.before->find(key_of(word(0)))), ids(0));
}

// All bytes, and all pairs of digits.
BpeModel model_of_digits() {
  Spec spec;
  for (int byte = 0; byte < 256; ++byte) {
    spec.tokens.push_back({std::string(1, static_cast<char>(byte)), 0, TokenKind::kNormal});
  }
  for (int pair = 0; pair < 100; ++pair) {
    const char text[] = {static_cast<char>('0' + pair / 10), static_cast<char>('0' + pair % 10), 0};
    spec.tokens.push_back({text, 0, TokenKind::kNormal});
  }
  add_rank_merges(spec);
  return BpeModel(spec);
}

size_t cut_at_spaces(std::string_view text, size_t at, std::span<uint32_t> ends) {
  size_t count = 0;
  while (at < text.size() && count < ends.size()) {
    at = std::min(text.find(' ', at), text.size() - 1) + 1;
    ends[count++] = static_cast<uint32_t>(at);
  }
  return count;
}

std::string words(size_t from, size_t to) {
  std::string text;
  for (size_t i = from; i < to; ++i) text += word(i) + " ";
  return text;
}

TEST(SharedWords, EncodersThatShareThemGiveWhatOneAloneGives) {
  const BpeModel model = model_of_digits();
  const std::string all = words(0, 40000);
  std::vector<int32_t> expected;
  BpeEncoder(model).encode_word(all, expected);
  const auto shared = std::make_shared<SharedWords>();
  std::vector<std::vector<int32_t>> results(4);
  std::vector<std::thread> threads;
  for (std::vector<int32_t>& result : results) {
    threads.emplace_back([&] { BpeEncoder(model, cut_at_spaces, shared).encode(all, result); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<int32_t>& result : results) EXPECT_TRUE(result == expected);
}

TEST(SharedWords, WordsThatMoveToALargerTableStayTheSame) {
  const BpeModel model = model_of_digits();
  BpeEncoder encoder(model, cut_at_spaces);
  std::vector<int32_t> ids;
  std::vector<int32_t> expected;
  for (const size_t from : {0, 100000, 200000, 300000, 400000, 0, 500000, 100000}) {
    const std::string text = words(from, from + 100000);
    encoder.encode(text, ids);
    BpeEncoder(model).encode_word(text, expected);  // cuts at no space
  }
  EXPECT_TRUE(ids == expected);
}

}  // namespace
}  // namespace aurora::tokenizer
