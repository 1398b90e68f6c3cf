#include "aurora/dataset/order_proof.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/dataset/unit_bitmap.h"

namespace aurora::dataset {
namespace {

using order::Order;
using order::OrderSpec;
using order::Unit;

// Three corpora of 2, 1 and 3 files, T = 8, two stages and a skipped range.
OrderSpec small_spec(order::Mode mode = order::Mode::kWindows) {
  OrderSpec spec;
  spec.seed = 5;
  spec.mode = mode;
  spec.sequence_length = 8;
  spec.block_windows = 4;
  uint64_t identity = 100;
  for (const auto& [name, tokens] : std::vector<std::pair<std::string, std::vector<uint64_t>>>{
           {"a", {1000, 777}}, {"b", {2345}}, {"c", {90, 400, 55}}}) {
    order::Corpus corpus;
    corpus.name = name;
    for (const uint64_t count : tokens) {
      order::File file;
      file.identity = ++identity;
      file.tokens = count;
      if (mode == order::Mode::kPacked)
        for (uint64_t block = 0; block * 32 < count; ++block)
          file.block_bins.push_back(static_cast<uint32_t>(3 + block % 3));
      corpus.files.push_back(std::move(file));
    }
    spec.corpora.push_back(std::move(corpus));
  }
  spec.stages = {{"first", 700, {5, 3, 2}}, {"second", 0, {1, 0, 1}}};
  spec.skips = {{50, 60}, {690, 720}};
  return spec;
}

OrderProof prove(const Order& order, uint64_t samples, uint64_t memory = uint64_t{1} << 30) {
  Pool pool(2);
  return prove_order(order, {.samples = samples, .memory_bytes = memory}, pool);
}

TEST(OrderProof, HoldsForEveryModeOverStagesSkipsAndEpochs) {
  for (const order::Mode mode :
       {order::Mode::kWindows, order::Mode::kBlocks, order::Mode::kPacked, order::Mode::kSequential}) {
    const Order order(small_spec(mode));
    for (const uint64_t samples : {uint64_t{1}, uint64_t{55}, uint64_t{660}, uint64_t{5000}}) {
      const OrderProof proof = prove(order, samples);
      EXPECT_TRUE(proof.exact()) << order::mode_name(mode) << " " << samples << ": "
                                 << (proof.troubles.empty() ? "" : proof.troubles[0]);
      EXPECT_GE(proof.prefix_error_min(), -1.1);
      EXPECT_LE(proof.prefix_error_max(), 1.1);
      EXPECT_EQ(proof.skipped, samples <= 50 ? 0u : samples < 680 ? 10u : 40u);
    }
  }
}

TEST(OrderProof, CountsWhatWasDrawnPerCorpus) {
  const Order order(small_spec());
  const OrderProof proof = prove(order, 300);
  ASSERT_EQ(proof.corpora.size(), 3u);
  EXPECT_EQ(proof.corpora[0].name, "a");
  EXPECT_EQ(proof.corpora[0].units + proof.corpora[1].units + proof.corpora[2].units, 310u);
  EXPECT_NEAR(static_cast<double>(proof.corpora[1].units), 0.3 * 310, 1.1);
}

// What the order gives, but for one sample's unit changed by `spoil`.
OrderProof prove_spoiled(const Order& order, uint64_t wrong, const std::function<void(Unit&)>& spoil) {
  Pool pool(2);
  const UnitRange range = [&](uint64_t first, std::span<Unit> out) {
    order.range(first, out);
    if (first <= wrong && wrong < first + out.size()) spoil(out[wrong - first]);
  };
  return prove_order(order, range, {.samples = 3000}, pool);
}

TEST(OrderProof, FindsAUnitThatComesTwiceAndTheOneThatDoesNotCome) {
  const Order order(small_spec());
  const Unit other = order(1000);
  const OrderProof proof = prove_spoiled(order, 1001, [&](Unit& unit) { unit = other; });
  EXPECT_FALSE(proof.exact());
  EXPECT_EQ(proof.duplicates, 1u);
  EXPECT_EQ(proof.missing, 1u);
  ASSERT_GE(proof.troubles.size(), 2u);
  EXPECT_NE(proof.troubles[0].find("comes more than once"), std::string::npos) << proof.troubles[0];
}

TEST(OrderProof, FindsUnitsThatAreNone) {
  const Order order(small_spec());
  for (const auto& spoil : std::vector<std::function<void(Unit&)>>{
           [](Unit& unit) { unit.slot += 1000; }, [](Unit& unit) { unit.begin += 1; },
           [](Unit& unit) { unit.begin = uint64_t{0} - 9; }, [](Unit& unit) { unit.file = 6; },
           [](Unit& unit) { unit.epoch += 100; }, [](Unit& unit) { unit.stage = 0; }}) {
    const OrderProof proof = prove_spoiled(order, 2000, spoil);
    EXPECT_EQ(proof.strays, 1u);
    EXPECT_EQ(proof.missing, 1u);
    EXPECT_FALSE(proof.exact());
  }
  const OrderProof proof = prove_spoiled(order, 2000, [](Unit& unit) { unit.corpus = 77; });
  EXPECT_EQ(proof.strays, 1u);
  EXPECT_GT(proof.miscounts, 0u);
}

TEST(OrderProof, FindsSharesThatAreNotKept) {
  OrderSpec spec = small_spec();
  spec.skips.clear();
  spec.stages = {{"all", 0, {1, 1, 1}}};
  const Order even(spec);
  spec.stages = {{"all", 0, {4, 1, 1}}};
  const Order uneven(spec);
  Pool pool(2);
  const UnitRange range = [&](uint64_t first, std::span<Unit> out) { even.range(first, out); };
  const OrderProof proof = prove_order(uneven, range, {.samples = 600, .bitmap = false}, pool);
  EXPECT_FALSE(proof.exact());  // the counts are not those that it says
  EXPECT_LT(proof.prefix_error_min(), -100);
}

TEST(OrderProof, SaysTheSameOnAnyNumberOfThreadsAndInRounds) {
  const Order order(small_spec());
  const uint64_t samples = 900'000;
  Pool one(1), three(3);
  const OrderProof a = prove_order(order, {.samples = samples}, one);
  // Finished epochs are dropped in between.
  const OrderProof b = prove_order(order, {.samples = samples, .memory_bytes = a.bitmap_bytes}, three);
  const OrderProof c =
      prove_order(order, {.samples = samples, .memory_bytes = a.bitmap_bytes * 9 / 10}, three);
  EXPECT_EQ(a.rounds, 1u);
  EXPECT_EQ(b.rounds, 1u);
  EXPECT_GT(c.rounds, 1u);
  EXPECT_LE(c.bitmap_bytes, a.bitmap_bytes * 9 / 10);
  for (const OrderProof* proof : {&a, &b, &c}) {
    EXPECT_TRUE(proof->exact());
    EXPECT_EQ(proof->prefix_error_min(), a.prefix_error_min());
    EXPECT_EQ(proof->prefix_error_max(), a.prefix_error_max());
  }
}

TEST(OrderProof, RefusesMoreMemoryThanAllowedAndMoreSamplesThanThereAre) {
  OrderSpec spec = small_spec();
  EXPECT_THROW(prove(Order(spec), 900'000, 100), Error);
  spec.stages[1].samples = 100;
  spec.skips.clear();
  EXPECT_THROW(prove(Order(spec), 801), Error);
  EXPECT_TRUE(prove(Order(spec), 800).exact());
}

TEST(UnitBitmap, AnEpochGoesOnInTheNextRound) {
  UnitBitmap first({100}, {0}, {130});  // one epoch and 30 units of the next
  for (uint64_t unit = 0; unit < 100; ++unit) EXPECT_TRUE(first.mark(first.bit(0, 0, unit)));
  for (uint64_t unit = 0; unit < 30; ++unit) EXPECT_TRUE(first.mark(first.bit(0, 1, unit)));
  EXPECT_EQ(first.bit(0, 2, 0), UnitBitmap::kOutside);
  EXPECT_EQ(first.gap(0, false).missing, 0u);
  UnitBitmap second({100}, {130}, {200});
  second.adopt(first);
  EXPECT_FALSE(second.mark(second.bit(0, 1, 29)));
  for (uint64_t unit = 30; unit < 99; ++unit) EXPECT_TRUE(second.mark(second.bit(0, 1, unit)));
  const UnitBitmap::Gap gap = second.gap(0, true);
  EXPECT_EQ(gap.missing, 1u);
  EXPECT_EQ(gap.epoch, 1u);
  EXPECT_EQ(gap.unit, 99u);
}

}  // namespace
}  // namespace aurora::dataset
