// Megatron's splits of a dataset into train, valid and test (blended_megatron_dataset_config.py, utils.py):
// the same doubles in the same order, rounded as Python rounds.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aurora::megatron {

enum class Split : uint8_t { kTrain, kValid, kTest };
inline constexpr std::array<Split, 3> kSplits = {Split::kTrain, Split::kValid, Split::kTest};
const char* split_name(Split split);  // "train" "valid" "test"

// The part [begin, end) of a dataset, as fractions of its sequences.
struct BookEnds {
  double begin = 0;
  double end = 1;
  bool operator==(const BookEnds&) const = default;
};
using SplitMatrix = std::array<std::optional<BookEnds>, 3>;  // nothing: the split has no weight

// "969, 30, 1": up to three weights, whatever stands between them; missing ones are 0. Error: a weight that
// is no number, more than three, all 0.
SplitMatrix split_matrix(const std::string& split);

struct SequenceRange {
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t size() const { return end > begin ? end - begin : 0; }
};
// Ends rounded to the nearest sequence, halves to the even one.
SequenceRange split_range(const BookEnds& ends, uint64_t sequences);

// Each weight divided by numpy's (pairwise) sum of all.
std::vector<double> normalized(std::span<const double> weights);

// Samples to ask of a dataset of normalised `weight` for `samples` of the blend, with `surplus` (0.005: a
// half percent more).
int64_t samples_of_weight(int64_t samples, double weight, double surplus);

}  // namespace aurora::megatron
