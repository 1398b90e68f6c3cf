#include "aurora/order/order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/order/test_specs.h"

namespace aurora::order {
namespace {

File file_of(uint64_t identity, uint64_t tokens, double weight = 0) {
  return {.identity = identity, .tokens = tokens, .weight = weight, .block_bins = {}};
}

OrderSpec one_file(Mode mode, uint64_t tokens, uint64_t length, uint64_t block_windows = 0) {
  OrderSpec spec = one_stage({{"only", {file_of(1, tokens)}}}, {1}, length);
  spec.mode = mode;
  spec.block_windows = block_windows;
  return spec;
}

std::vector<Unit> first_units(const Order& order, uint64_t count) {
  std::vector<Unit> units(count);
  order.range(0, units);
  return units;
}

TEST(Order, OneWindowThatFitsExactlyIsTheWholeStream) {
  const Order order(one_file(Mode::kWindows, 9, 8));
  EXPECT_EQ(order.units(0), 1u);
  EXPECT_EQ(order(0), (Unit{.epoch = 0, .begin = 0}));
  EXPECT_EQ(order(1), (Unit{.epoch = 1, .begin = 0}));
}

TEST(Order, WindowsOfAnEpochComeOnceEachAndLieInsideTheStream) {
  const uint64_t tokens = 1003;  // 100 windows of T=10 and 2 tokens over
  const Order order(one_file(Mode::kWindows, tokens, 10));
  std::set<uint64_t> starts;
  for (uint64_t epoch = 0; epoch < 20; ++epoch) {
    std::set<uint64_t> begins;
    for (uint64_t i = 0; i < 100; ++i) {
      const Unit unit = order(epoch * 100 + i);
      EXPECT_EQ(unit.epoch, epoch);
      EXPECT_LE(unit.begin + 11, tokens);
      EXPECT_EQ(unit.begin / 10, unit.slot);
      begins.insert(unit.begin);
    }
    EXPECT_EQ(begins.size(), 100u);
    EXPECT_EQ(*begins.rbegin() - *begins.begin(), 990u);
    starts.insert(*begins.begin());
  }
  EXPECT_EQ(starts, (std::set<uint64_t>{0, 1, 2}));  // the tokens left over take turns
}

TEST(Order, SequentialReadsFileAfterFileAsListed) {
  OrderSpec spec = one_stage({{"a", {file_of(9, 7), file_of(1, 3), file_of(5, 10)}}}, {1}, 3);
  spec.mode = Mode::kSequential;
  const Order order(spec);  // 2, 0 and 3 windows
  const std::vector<Unit> expected = {
      {.file = 0, .slot = 0, .begin = 0},             //
      {.file = 0, .slot = 1, .begin = 3},             //
      {.file = 2, .slot = 0, .begin = 0},             //
      {.file = 2, .slot = 1, .begin = 3},             //
      {.file = 2, .slot = 2, .begin = 6},             //
      {.file = 0, .epoch = 1, .slot = 0, .begin = 0}  //
  };
  EXPECT_EQ(first_units(order, 6), expected);
  EXPECT_EQ(order.file_counts(8), (std::vector<uint64_t>{4, 0, 4}));
}

TEST(Order, WindowsOfABlockFollowEachOtherAndTheShortBlockComesBetweenFullOnes) {
  // 23 tokens, T=2, W=3: three blocks of 3 windows, and 2 windows in the short block 3.
  const Order order(one_file(Mode::kBlocks, 23, 2, 3));
  EXPECT_EQ(order.units(0), 11u);
  std::set<std::vector<uint64_t>> orders;
  for (uint64_t epoch = 0; epoch < 200; ++epoch) {
    std::vector<uint64_t> blocks;
    std::vector<uint64_t> windows(4);
    for (uint64_t i = 0; i < 11; ++i) {
      const Unit unit = order(epoch * 11 + i);
      if (unit.slot == 0) blocks.push_back(unit.block);
      EXPECT_EQ(unit.block, blocks.back());
      EXPECT_EQ(unit.slot, windows[unit.block]++);
      EXPECT_EQ(unit.epoch, epoch);
    }
    EXPECT_EQ(windows, (std::vector<uint64_t>{3, 3, 3, 2}));
    orders.insert(blocks);
  }
  EXPECT_EQ(orders.size(), 24u);  // all of 4!: the short block takes every place
}

TEST(Order, AFileShorterThanABlockIsOneShortBlock) {
  const Order order(one_file(Mode::kBlocks, 5, 2, 3));
  EXPECT_EQ(first_units(order, 3), (std::vector<Unit>{{.slot = 0}, {.slot = 1}, {.epoch = 1, .slot = 0}}));
}

TEST(Order, PackedBinsOfABlockFollowEachOtherInAnyOrder) {
  OrderSpec spec = one_file(Mode::kPacked, 40, 2, 5);  // 4 blocks
  spec.corpora[0].files[0].block_bins = {2, 0, 3, 1};
  const Order order(spec);
  EXPECT_EQ(order.units(0), 6u);
  std::set<std::vector<uint64_t>> block_orders;
  std::set<std::vector<uint64_t>> bin_orders;
  for (uint64_t epoch = 0; epoch < 200; ++epoch) {
    std::vector<uint64_t> blocks;
    std::map<uint64_t, std::vector<uint64_t>> bins;
    for (uint64_t i = 0; i < 6; ++i) {
      const Unit unit = order(epoch * 6 + i);
      if (blocks.empty() || blocks.back() != unit.block) blocks.push_back(unit.block);
      bins[unit.block].push_back(unit.slot);
    }
    block_orders.insert(blocks);
    bin_orders.insert(bins[2]);
    EXPECT_EQ(blocks.size(), 3u);
    std::sort(bins[2].begin(), bins[2].end());
    EXPECT_EQ(bins[2], (std::vector<uint64_t>{0, 1, 2}));
    EXPECT_EQ(bins[3], (std::vector<uint64_t>{0}));
  }
  EXPECT_EQ(block_orders.size(), 6u);
  EXPECT_EQ(bin_orders.size(), 6u);
}

TEST(Order, SeedsEpochsAndFilesAreShuffledDifferently) {
  const auto begins = [](uint64_t seed, uint64_t identity, uint64_t from) {
    OrderSpec spec = one_stage({{"a", {file_of(identity, 1001)}}}, {1}, 10);
    spec.seed = seed;
    const Order order(spec);
    std::vector<uint64_t> result;
    for (uint64_t i = 0; i < 100; ++i) result.push_back(order(from + i).begin);
    return result;
  };
  EXPECT_NE(begins(7, 1, 0), begins(8, 1, 0));
  EXPECT_NE(begins(7, 1, 0), begins(7, 2, 0));
  EXPECT_NE(begins(7, 1, 0), begins(7, 1, 100));
  EXPECT_EQ(begins(7, 1, 0), begins(7, 1, 0));
}

TEST(Order, FilesOfTheSameContentInACorpusAreShuffledDifferently) {
  const Order order(one_stage({{"a", {file_of(4, 1001), file_of(4, 1001)}}}, {1}, 10));
  std::vector<std::vector<uint64_t>> begins(2);
  for (const Unit& unit : first_units(order, 200)) begins[unit.file].push_back(unit.begin);
  EXPECT_EQ(begins[0].size(), 100u);
  EXPECT_NE(begins[0], begins[1]);
}

TEST(Order, AddingACorpusDoesNotReshuffleTheOthers) {
  const Corpus a{"a", {file_of(1, 1001)}};
  const Corpus b{"b", {file_of(2, 501)}};
  const Corpus c{"c", {file_of(3, 301)}};
  const Order two(one_stage({a, b}, {1, 2}, 10));
  const Order three(one_stage({c, a, b}, {0.5, 1, 2}, 10));
  const auto stream = [](const Order& order, uint32_t corpus) {
    std::vector<uint64_t> begins;
    for (uint64_t i = 0; begins.size() < 50; ++i)
      if (const Unit unit = order(i); unit.corpus == corpus) begins.push_back(unit.begin);
    return begins;
  };
  EXPECT_EQ(stream(two, 0), stream(three, 1));
  EXPECT_EQ(stream(two, 1), stream(three, 2));
}

TEST(Order, WeightsBlendCorporaAndFilesInThem) {
  const Order order(one_stage({{"a", {file_of(1, 1001, 3), file_of(2, 1001, 1), file_of(3, 5, 4)}},
                               {"none", {}},
                               {"b", {file_of(4, 201), file_of(5, 601)}}},
                              {1, 0, 3}, 10));
  EXPECT_EQ(order.corpus_counts(1600), (std::vector<uint64_t>{400, 0, 1200}));
  // The third file is too short for a window, so the others share its part; b's files count by their windows.
  EXPECT_EQ(order.file_counts(1600), (std::vector<uint64_t>{300, 100, 0, 300, 900}));
  EXPECT_EQ(order.units(2), 0u);
  EXPECT_EQ(order.files(), 5u);
  EXPECT_EQ(order.corpus_of(4), 2u);
  EXPECT_DOUBLE_EQ(order.epochs(2, 200), 2.5);
  EXPECT_DOUBLE_EQ(order.epochs(1, 0), 0);
}

// Every unit with the corpus's name and the file's identity in place of their numbers in the list.
std::vector<std::pair<std::string, Unit>> by_name(const Order& order, uint64_t count) {
  std::vector<uint64_t> identities;
  for (const Corpus& corpus : order.spec().corpora)
    for (const File& file : corpus.files) identities.push_back(file.identity);
  std::vector<std::pair<std::string, Unit>> result;
  for (Unit unit : first_units(order, count)) {
    const std::string name =
        order.spec().corpora[unit.corpus].name + " " + std::to_string(identities[unit.file]);
    unit.corpus = unit.file = 0;
    result.emplace_back(name, unit);
  }
  return result;
}

TEST(Order, TheOrderOfTheListsDoesNotMatter) {
  for (bool weighted : {false, true}) {
    OrderSpec spec = many_files(1e7, 64);
    uint64_t draw = 0;
    if (weighted)
      for (Corpus& corpus : spec.corpora)
        for (File& file : corpus.files) file.weight = 1 + static_cast<double>(draw++ % 3) / 3;
    OrderSpec turned = spec;
    std::reverse(turned.corpora.begin(), turned.corpora.end());
    std::reverse(turned.stages[0].weights.begin(), turned.stages[0].weights.end());
    for (Corpus& corpus : turned.corpora)
      std::rotate(corpus.files.begin(), corpus.files.begin() + corpus.files.size() / 3, corpus.files.end());
    for (Mode mode : {Mode::kWindows, Mode::kBlocks}) {
      spec.mode = turned.mode = mode;
      EXPECT_EQ(by_name(Order(spec), 20'000), by_name(Order(turned), 20'000));
    }
  }
}

TEST(Order, ALaterStageGoesOnWhereTheEarlierStoppedAndChangesNothingBefore) {
  OrderSpec spec =
      one_stage({{"a", {file_of(1, 1001), file_of(2, 301)}}, {"b", {file_of(3, 501)}}}, {1, 1}, 10);
  spec.stages = {{"first", 150, {1, 1}}, {"second", 100, {1, 3}}, {"third", 0, {0, 1}}};
  const Order order(spec);
  std::vector<uint64_t> drawn(3);
  const std::vector<Unit> units = first_units(order, 400);
  for (uint64_t i = 0; i < 400; ++i) {
    EXPECT_EQ(units[i].stage, i < 150 ? 0u : i < 250 ? 1u : 2u);
    EXPECT_EQ(units[i].epoch, drawn[units[i].file]++ / order.units(units[i].file));
  }
  EXPECT_EQ(order.corpus_counts(150), (std::vector<uint64_t>{75, 75}));
  EXPECT_EQ(order.corpus_counts(250), (std::vector<uint64_t>{100, 150}));
  EXPECT_EQ(order.corpus_counts(400), (std::vector<uint64_t>{100, 300}));
  EXPECT_EQ(order.file_counts(400), drawn);
  EXPECT_EQ(order.samples(), UINT64_MAX);

  spec.stages[1] = {"other", 33, {5, 1}};
  spec.stages[2] = {"end", 17, {1, 1}};
  const Order changed(spec);
  EXPECT_EQ(changed.samples(), 200u);
  std::vector<Unit> before = units;
  before.resize(150);
  EXPECT_EQ(first_units(changed, 150), before);
}

TEST(Order, SkippedSamplesAreSteppedOver) {
  OrderSpec spec = one_stage({{"a", {file_of(1, 1001)}}, {"b", {file_of(3, 501)}}}, {1, 2}, 10);
  spec.stages = {{"one", 40, {1, 2}}, {"two", 60, {1, 1}}};
  const Order whole(spec);
  spec.skips = {{50, 60}, {10, 12}, {60, 61}, {95, 200}};
  const Order order(spec);
  EXPECT_EQ(order.samples(), 100u - 2 - 11 - 5);
  std::vector<Unit> expected;
  for (uint64_t i = 0; i < 95; ++i)
    if (!(i >= 10 && i < 12) && !(i >= 50 && i < 61)) expected.push_back(whole(i));
  EXPECT_EQ(first_units(order, order.samples()), expected);
  EXPECT_EQ(order.with_skipped(9), 9u);
  EXPECT_EQ(order.with_skipped(10), 12u);
  EXPECT_EQ(order.with_skipped(47), 49u);
  EXPECT_EQ(order.with_skipped(48), 61u);
  EXPECT_EQ(order.file_counts(100), whole.file_counts(100));  // skipped ones are used up all the same
}

TEST(Order, ASkipAtOrBehindTheCursorLeavesEarlierSamples) {
  OrderSpec spec = one_stage({{"a", {file_of(1, 1001)}}, {"b", {file_of(3, 501)}}}, {1, 2}, 10);
  spec.skips = {{5, 9}};
  const Order before(spec);
  const uint64_t cursor = 120;
  const uint64_t at = before.with_skipped(cursor);
  spec.skips.push_back({at, at + 30});
  const Order after(spec);
  EXPECT_EQ(first_units(after, cursor), first_units(before, cursor));
  EXPECT_EQ(after(cursor), before(cursor + 30));
}

TEST(Order, ARangeIsWhatOneLookUpAfterAnotherGives) {
  OrderSpec spec = many_files(3e8, 64);
  for (Corpus& corpus : spec.corpora)
    for (File& file : corpus.files)
      for (uint64_t block = 0; block * 256 < file.tokens; ++block)
        file.block_bins.push_back(static_cast<uint32_t>((block + file.identity) % 9));
  spec.stages = {{"one", 5000, spec.stages[0].weights}, {"two", 0, spec.stages[0].weights}};
  std::reverse(spec.stages[0].weights.begin(), spec.stages[0].weights.end());
  spec.skips = {{100, 200}, {4990, 5010}, {5010, 5020}, {9000, 9001}};
  for (Mode mode : {Mode::kWindows, Mode::kBlocks, Mode::kPacked, Mode::kSequential}) {
    spec.mode = mode;
    const Order order(spec);
    for (auto [first, count] :
         {std::pair{0, 40'000}, {3, 1}, {99, 2}, {4880, 30}, {7000, 17}, {3'000'000, 999}}) {
      std::vector<Unit> units(count);
      order.range(first, units);
      for (int i = 0; i < count; ++i)
        ASSERT_EQ(units[i], order(first + i)) << mode_name(mode) << " " << first + i;
    }
  }
}

TEST(Order, TheWorkedExampleOfTheDocumentHolds) {
  // docs/formats/order.md. A change here changes the order of every run.
  Corpus web{"web", {file_of(0x22, 42), file_of(0x33, 25)}};
  Corpus code{"code", {file_of(0x11, 21)}};
  const Order order(one_stage({web, code}, {3, 1}, 4));
  const std::vector<uint32_t> files = {0, 1, 2, 0, 0, 1, 2, 0, 1, 0, 2, 0};
  const std::vector<uint64_t> slots = {5, 3, 0, 0, 7, 0, 3, 8, 4, 4, 1, 2};
  const std::vector<uint64_t> begins = {20, 12, 0, 0, 28, 0, 12, 32, 16, 16, 4, 8};
  for (uint32_t i = 0; i < 12; ++i) {
    const uint32_t corpus = files[i] == 2 ? 1 : 0;
    EXPECT_EQ(order(i), (Unit{.corpus = corpus, .file = files[i], .slot = slots[i], .begin = begins[i]}))
        << i;
  }
}

// The words of the Error that a change to a good spec gives.
std::string trouble(const std::function<void(OrderSpec&)>& change) {
  OrderSpec spec =
      one_stage({{"a", {file_of(1, 100), file_of(2, 100)}}, {"b", {file_of(3, 100)}}}, {1, 1}, 10);
  spec.stages = {{"one", 10, {1, 1}}, {"two", 0, {1, 1}}};
  change(spec);
  try {
    Order order(spec);
  } catch (const Error& error) {
    EXPECT_FALSE(error.remedy().empty());
    return error.happened() + " @ " + error.where();
  }
  return "";
}

TEST(Order, RefusesWhatCannotBeOrderedAndNamesIt) {
  EXPECT_EQ(trouble([](OrderSpec&) {}), "");
  EXPECT_EQ(trouble([](OrderSpec& spec) { spec.corpora[1].files[0].tokens = 10; }),
            "a corpus with weight in stage 'one' has no file long enough for one sample @ b");
  EXPECT_EQ(trouble([](OrderSpec& spec) {
              spec.corpora[1].files.clear();
              spec.stages[0].weights[1] = 0;
            }),
            "a corpus with weight in stage 'two' has no file long enough for one sample @ b");
  EXPECT_EQ(trouble([](OrderSpec& spec) { spec.corpora[1].name = "a"; }),
            "two corpora have the same name @ a");
  EXPECT_EQ(trouble([](OrderSpec& spec) { spec.stages[1].name = "one"; }),
            "two stages have the same name @ one");
  EXPECT_EQ(trouble([](OrderSpec& spec) { spec.stages[1].weights[0] = -1; }),
            "the weight of corpus a in a stage is -1 @ two");
  EXPECT_EQ(trouble([](OrderSpec& spec) {
              spec.stages[0].weights = {0, 0};
            }),
            "no corpus has any weight in a stage @ one");
  EXPECT_EQ(trouble([](OrderSpec& spec) { spec.corpora[0].files[1].weight = 1e300 * 1e300; }),
            "the weight of file 2 of a corpus is inf @ a");
  EXPECT_EQ(trouble([](OrderSpec& spec) { spec.corpora[0].files[1].weight = 2; }),
            "1 of the 2 files of a corpus have a weight @ a");
  EXPECT_EQ(trouble([](OrderSpec& spec) { spec.stages[0].samples = 0; }),
            "a stage without end comes before the last @ one");
  EXPECT_EQ(trouble([](OrderSpec& spec) { spec.stages[1].samples = uint64_t{1} << 62; }),
            "the stages up to this one have more than 2^62 samples, 4611686018427387904 in this one @ two");
  EXPECT_EQ(trouble([](OrderSpec& spec) {
              spec.skips = {{5, 5}};
            }),
            "a range of skipped samples is empty @ samples 5 to 5");
  EXPECT_EQ(trouble([](OrderSpec& spec) {
              spec.skips = {{9, 12}, {5, 10}};
            }),
            "two ranges of skipped samples overlap @ samples 5 to 10 and samples 9 to 12");
  EXPECT_EQ(trouble([](OrderSpec& spec) { spec.corpora[0].files[0].tokens = uint64_t{1} << 63; }),
            "file 1 of a corpus is said to have 9223372036854775808 tokens @ a");
  EXPECT_EQ(trouble([](OrderSpec& spec) {
              spec.mode = Mode::kPacked;
              spec.corpora[0].files[0].block_bins = {1, 2};
            }),
            "file 1 of a corpus has bin counts for 2 blocks and its 100 tokens make 3 @ a");
}

}  // namespace
}  // namespace aurora::order
