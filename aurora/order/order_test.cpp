#include "aurora/order/order.h"

#include <gtest/gtest.h>

#include <vector>

#include "aurora/order/test_specs.h"

namespace aurora::order {
namespace {

TEST(Order, ARangeIsWhatOneLookUpAfterAnotherGives) {
  for (Mode mode : {Mode::kWindows, Mode::kBlocks, Mode::kSequential}) {
    OrderSpec spec = many_files(3e8, 64);
    spec.mode = mode;
    spec.stages = {{"one", 5000, spec.stages[0].weights}, {"two", 0, spec.stages[0].weights}};
    spec.skips = {{100, 200}, {4990, 5010}, {5010, 5020}, {9000, 9001}};
    const Order order(spec);
    for (auto [first, count] : {std::pair{0, 20'000}, {3, 1}, {99, 2}, {4880, 30}, {7000, 17}}) {
      std::vector<Unit> units(count);
      order.range(first, units);
      for (int i = 0; i < count; ++i) ASSERT_EQ(units[i], order(first + i)) << mode_name(mode) << " " << first + i;
    }
  }
}

}  // namespace
}  // namespace aurora::order
