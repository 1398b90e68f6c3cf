#include "aurora/tokenize/tokenize_testing.h"

namespace aurora::tokenize {
namespace {

TEST_F(OnePass, KilledAnywhereAndAgainAtResumeEndsInTheSameBytes) {
  kill_at_points(1);
}

}  // namespace
}  // namespace aurora::tokenize
