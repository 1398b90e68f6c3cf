#include "aurora/infer/prefix_cache.h"

#include <gtest/gtest.h>

#include "aurora/infer/fake_model.h"

namespace aurora::infer {
namespace {

using Tokens = std::vector<int32_t>;
const Tokens kA = {1, 2, 3, 4}, kB = {5, 6, 7, 8}, kC = {9, 9, 9, 9};

class PrefixCacheTest : public ::testing::Test {
 protected:
  PrefixCache::Node* add(PrefixCache& cache, PrefixCache::Node* parent, const Tokens& tokens) {
    return cache.add(parent, tokens, *model.allocate_page());
  }
  testing::FakeModel model{testing::babble, 8};
};

TEST_F(PrefixCacheTest, FindsPagesByTheirTokensAndWhatStandsBefore) {
  PrefixCache cache(model, 8);
  PrefixCache::Node* a = add(cache, nullptr, kA);
  PrefixCache::Node* ab = add(cache, a, kB);
  cache.leave(ab);
  EXPECT_EQ(cache.idle_pages(), 2);
  EXPECT_EQ(cache.use(nullptr, kB), nullptr);
  EXPECT_EQ(cache.use(nullptr, kA), a);
  EXPECT_EQ(cache.use(a, kC), nullptr);
  EXPECT_EQ(cache.use(a, kB), ab);
  EXPECT_EQ(cache.idle_pages(), 0);
  EXPECT_EQ(model.free_pages(), 6);
  cache.leave(ab);
}

TEST_F(PrefixCacheTest, TheSamePageComputedTwiceIsKeptOnce) {
  PrefixCache cache(model, 8);
  PrefixCache::Node* first = add(cache, nullptr, kA);
  PrefixCache::Node* second = add(cache, nullptr, kA);
  EXPECT_EQ(first, second);
  EXPECT_EQ(model.free_pages(), 7);
  cache.leave(first);
  EXPECT_EQ(cache.idle_pages(), 0) << "the other still uses it";
  cache.leave(second);
  EXPECT_EQ(cache.idle_pages(), 1);
}

TEST_F(PrefixCacheTest, LeastRecentlyUsedGoesFirstAndDescendantsBeforeAncestors) {
  PrefixCache cache(model, 8);
  PrefixCache::Node* a = add(cache, nullptr, kA);
  cache.leave(add(cache, a, kB));
  PrefixCache::Node* c = add(cache, nullptr, kC);
  cache.leave(c);
  ASSERT_EQ(cache.use(nullptr, kA), a);
  cache.leave(a);  // now a is younger than c, and ab is the oldest
  EXPECT_TRUE(cache.evict());
  ASSERT_EQ(cache.use(nullptr, kA), a);
  EXPECT_EQ(cache.use(a, kB), nullptr);
  cache.leave(a);
  EXPECT_TRUE(cache.evict());
  EXPECT_EQ(cache.use(nullptr, kC), nullptr);
  EXPECT_TRUE(cache.evict());
  EXPECT_FALSE(cache.evict());
  EXPECT_EQ(model.free_pages(), 8);
}

TEST_F(PrefixCacheTest, KeepsNoMoreIdlePagesThanAllowed) {
  PrefixCache cache(model, 1);
  PrefixCache::Node* ab = add(cache, add(cache, nullptr, kA), kB);
  EXPECT_FALSE(cache.evict()) << "in use";
  cache.leave(ab);
  EXPECT_EQ(cache.idle_pages(), 1);
  PrefixCache::Node* a = cache.use(nullptr, kA);
  ASSERT_NE(a, nullptr);
  cache.leave(a);
}

}  // namespace
}  // namespace aurora::infer
