// The mix of a run in numbers, from its order: for `aurora blend plan` and the report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/blend_order.h"

namespace aurora::apps {

struct MixRow {
  std::string corpus;
  uint64_t files = 0;
  uint64_t tokens = 0;   // stored in its files
  double share = 0;      // of the samples
  uint64_t samples = 0;  // trained on: skipped ones left out
  double epochs = 0;     // passes over it from the run's beginning to the end of these, skipped ones too
  bool repeats() const { return epochs >= 1.0005; }  // as three digits show it
};

// Samples [begin, end), skipped ones counted too.
struct Mix {
  std::string stage;
  uint64_t begin = 0, end = 0;
  uint64_t skipped = 0;
  std::vector<MixRow> corpora;
  uint64_t samples() const { return end - begin - skipped; }
};

struct RunMix {
  std::vector<Mix> stages;  // those that the run reaches
  Mix total;
  std::vector<std::string> left_out;  // files too short for one sample
};
RunMix run_mix(const BlendOrder& run);

}  // namespace aurora::apps
