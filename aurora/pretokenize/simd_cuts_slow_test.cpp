#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/pretokenize/simd_exercise.h"

namespace aurora::pretokenize {
namespace {

using ::testing::IsEmpty;

TEST(SimdCutsSlow, EveryTextOfFiveSymbolsIsCutLikeTheReference) {
  for (const SimdScheme& scheme : kSimdSchemes) {
    each_string(kFewSymbols, 5, [&](const std::string& text) {
      ASSERT_THAT(disagreement(scheme, text, 3), IsEmpty());
      // The same around the border of two blocks.
      ASSERT_THAT(disagreement(scheme, std::string(61, 'a') + text, 80), IsEmpty());
    });
  }
}

TEST(SimdCutsSlow, AllStringsOfFourSymbolsInARowAreCutLikeTheReference) {
  std::string text;
  each_string(kManySymbols, 4, [&](const std::string& string) { text += string; });
  for (const SimdScheme& scheme : kSimdSchemes) EXPECT_THAT(disagreement(scheme, text, 4096), IsEmpty());
}

}  // namespace
}  // namespace aurora::pretokenize
