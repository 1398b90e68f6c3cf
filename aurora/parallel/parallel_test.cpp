#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <thread>

#include "aurora/base/random.h"
#include "aurora/base/threads.h"
#include "aurora/comm/self.h"
#include "aurora/comm/thread_ranks.h"
#include "aurora/parallel/strand_sum.h"

namespace aurora::parallel {
namespace {

using device::Stream;

constexpr int64_t kElements = 1237;
constexpr int64_t kScalars = 2;

TEST(StrandTree, SplitsAtTheLargestPowerOfTwoBelowItsSize) {
  EXPECT_EQ(split_of({0, 2}), 1);
  EXPECT_EQ(split_of({0, 3}), 2);
  EXPECT_EQ(split_of({0, 8}), 4);
  EXPECT_EQ(split_of({8, 13}), 12);
}

TEST(StrandTree, EveryNodeButTheRootHasTheParentThatSplitsIntoIt) {
  for (int64_t strands = 2; strands <= 9; ++strands) {
    std::vector<StrandRange> nodes = {{0, strands}};
    for (size_t i = 0; i < nodes.size(); ++i) {
      const StrandRange node = nodes[i];
      if (node.size() == 1) continue;
      for (StrandRange child : {StrandRange{node.begin, split_of(node)}, {split_of(node), node.end}}) {
        EXPECT_EQ(parent_of(child, strands), node);
        nodes.push_back(child);
      }
    }
    EXPECT_EQ(nodes.size(), static_cast<size_t>(2 * strands - 1));
  }
}

TEST(StrandTree, RunsCoverAllStrandsEvenlyAndKnowTheirOwner) {
  for (int ranks = 1; ranks <= 12; ++ranks) {
    for (int64_t strands = 1; strands <= 20; ++strands) {
      int64_t next = 0;
      for (int rank = 0; rank < ranks; ++rank) {
        const StrandRange run = strands_of(rank, ranks, strands);
        EXPECT_EQ(run.begin, next);
        EXPECT_LE(run.size(), (strands + ranks - 1) / ranks);
        EXPECT_GE(run.size(), strands / ranks);
        for (int64_t strand = run.begin; strand < run.end; ++strand)
          EXPECT_EQ(owner_of(strand, ranks, strands), rank);
        next = run.end;
      }
      EXPECT_EQ(next, strands);
      EXPECT_GT(strands_of(0, ranks, strands).size(), 0);
    }
  }
}

// The gradient of a strand in a step: numbers of mixed size, so that another order of sums shows.
void fill(Partial& partial, int64_t strand, uint64_t step) {
  const RandomKey key = random_key(step, Purpose::kTest, {static_cast<uint64_t>(strand)});
  float* data = partial.gradient().as<float>();
  for (int64_t i = 0; i < kElements; ++i) {
    EXPECT_EQ(data[i], 0);
    const auto counter = static_cast<uint64_t>(i);
    data[i] += random_normal(counter, key) * std::exp2(static_cast<float>(counter % 20));
  }
  for (size_t i = 0; i < kScalars; ++i) partial.scalars[i] += random_uniform(100000 + i, key);
}

struct Total {
  std::vector<float> gradient;
  std::vector<double> scalars;
  bool operator==(const Total& other) const {
    return std::memcmp(gradient.data(), other.gradient.data(), gradient.size() * sizeof(float)) == 0 &&
           scalars == other.scalars;
  }
};

Total copy_of(const Partial& partial) {
  const float* data = partial.gradient().as<float>();
  return {{data, data + kElements}, partial.scalars};
}

// The tree by plain recursion.
Total truth(StrandRange node, uint64_t step) {
  if (node.size() == 1) {
    Partial leaf(kElements, kScalars);
    fill(leaf, node.begin, step);
    return copy_of(leaf);
  }
  Total left = truth({node.begin, split_of(node)}, step), right = truth({split_of(node), node.end}, step);
  for (size_t i = 0; i < kElements; ++i) left.gradient[i] += right.gradient[i];
  for (size_t i = 0; i < kScalars; ++i) left.scalars[i] += right.scalars[i];
  return left;
}

std::vector<int64_t> shuffled(StrandRange run, uint64_t seed) {
  std::vector<int64_t> order(static_cast<size_t>(run.size()));
  std::iota(order.begin(), order.end(), run.begin);
  const RandomKey key = random_key(seed, Purpose::kTest);
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_below(i, key, i)]);
  return order;
}

TEST(StrandSum, AnyRanksAndAnyOrderGiveTheBitsOfTheTree) {
  for (int64_t strands = 1; strands <= 9; ++strands) {
    const Total expected[] = {truth({0, strands}, 0), truth({0, strands}, 1)};
    for (int ranks = 1; ranks <= 5; ++ranks) {
      for (uint64_t shuffle = 0; shuffle < 4; ++shuffle) {
        comm::run_threads(ranks, [&](comm::Group& group) {
          const Stream stream = Stream::cpu(Pool::serial());
          StrandSum sum(group, strands, kElements, kScalars);
          for (uint64_t step = 0; step < 2; ++step) {
            for (int64_t strand : shuffled(sum.mine(), shuffle)) {
              Partial partial = sum.take(stream);
              fill(partial, strand, step);
              sum.finish(strand, std::move(partial), stream);
            }
            EXPECT_TRUE(copy_of(sum.reduce(stream)) == expected[step])
                << strands << " strands, rank " << group.rank() << " of " << ranks;
          }
        });
      }
    }
  }
}

TEST(StrandSum, AnotherOrderOfSumsWouldShow) {
  // What the test above relies on: adding the strands in order gives other bits.
  Total in_order = truth({0, 1}, 0);
  for (int64_t strand = 1; strand < 4; ++strand) {
    const Total next = truth({strand, strand + 1}, 0);
    for (size_t i = 0; i < kElements; ++i) in_order.gradient[i] += next.gradient[i];
    for (size_t i = 0; i < kScalars; ++i) in_order.scalars[i] += next.scalars[i];
  }
  EXPECT_FALSE(in_order == truth({0, 4}, 0));
}

TEST(StrandSum, StrandsMayFinishOnManyThreadsAtOnce) {
  const int64_t strands = 64;
  const Total expected = truth({0, strands}, 0);
  const auto group = comm::self_group();
  StrandSum sum(*group, strands, kElements, kScalars);
  std::vector<std::thread> threads;
  for (int64_t first = 0; first < 4; ++first) {
    threads.emplace_back([&, first] {
      const Stream stream = Stream::cpu(Pool::serial());
      for (int64_t strand = first; strand < strands; strand += 4) {
        Partial partial = sum.take(stream);
        fill(partial, strand, 0);
        sum.finish(strand, std::move(partial), stream);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(copy_of(sum.reduce(Stream::cpu(Pool::serial()))) == expected);
}

TEST(StrandSum, LongGradientsCrossRanksInPieces) {
  const int64_t elements = (int64_t{2} << 20) + 12345;
  comm::run_threads(2, [&](comm::Group& group) {
    const Stream stream = Stream::cpu(Pool::serial());
    StrandSum sum(group, 2, elements, 0);
    Partial partial = sum.take(stream);
    float* data = partial.gradient().as<float>();
    for (int64_t i = 0; i < elements; ++i) data[i] = static_cast<float>((i + group.rank()) % 1000);
    sum.finish(group.rank(), std::move(partial), stream);
    const float* total = sum.reduce(stream).gradient().as<float>();
    int64_t wrong = 0;
    for (int64_t i = 0; i < elements; ++i) wrong += total[i] != static_cast<float>(i % 1000 + (i + 1) % 1000);
    EXPECT_EQ(wrong, 0);
  });
}

TEST(StrandSum, MemoryStaysAtThoseInFlightAndOnePerLevelOfTheTree) {
  const Stream stream = Stream::cpu(Pool::serial());
  const auto group = comm::self_group();
  for (int64_t strands = 1; strands <= 40; ++strands) {
    int64_t levels = 0;
    while ((int64_t{1} << levels) < strands) ++levels;
    for (int64_t in_flight : {1, 2, 3}) {
      StrandSum sum(*group, strands, 1, 0);
      for (int step = 0; step < 3; ++step) {
        std::vector<Partial> flying;
        for (int64_t strand = 0; strand < strands + in_flight - 1; ++strand) {
          if (strand < strands) flying.push_back(sum.take(stream));
          if (strand < in_flight - 1 || flying.empty()) continue;
          sum.finish(strand - in_flight + 1, std::move(flying.front()), stream);
          flying.erase(flying.begin());
        }
        sum.reduce(stream);
      }
      EXPECT_LE(sum.buffers(), in_flight + levels) << strands << " strands";
    }
  }
}

TEST(StrandSumDeathTest, MissingAndForeignStrandsAreBugs) {
  const Stream stream = Stream::cpu(Pool::serial());
  const auto group = comm::self_group();
  StrandSum sum(*group, 2, 1, 0);
  EXPECT_DEATH(sum.finish(2, sum.take(stream), stream), "strand 2 of");
  sum.finish(0, sum.take(stream), stream);
  EXPECT_DEATH(sum.finish(0, sum.take(stream), stream), "twice");
  EXPECT_DEATH(sum.reduce(stream), "not there");
}

}  // namespace
}  // namespace aurora::parallel
