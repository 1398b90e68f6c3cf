#include "aurora/megatron/splits.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "aurora/base/error.h"

namespace aurora::megatron {

namespace {

constexpr std::string_view kNumberCharacters = ".0123456789";

// numpy's pairwise sum of contiguous doubles: eight running sums below 128, halves above.
double numpy_sum(std::span<const double> values) {
  const size_t size = values.size();
  if (size > 128) {
    const size_t half = size / 2 / 8 * 8;
    return numpy_sum(values.first(half)) + numpy_sum(values.subspan(half));
  }
  double sum = 0;
  size_t i = 0;
  if (size >= 8) {
    std::array<double, 8> lanes;
    std::copy_n(values.begin(), 8, lanes.begin());
    for (i = 8; i + 8 <= size; i += 8) {
      for (size_t lane = 0; lane < 8; ++lane) lanes[lane] += values[i + lane];
    }
    sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  }
  for (; i < size; ++i) sum += values[i];
  return sum;
}

std::vector<double> parse_weights(const std::string& split) {
  std::vector<double> weights;
  size_t at = split.find_first_of(kNumberCharacters);
  while (at != std::string::npos) {
    const size_t end = std::min(split.find_first_not_of(kNumberCharacters, at), split.size());
    double weight = 0;
    const auto result = std::from_chars(split.data() + at, split.data() + end, weight);
    if (result.ec != std::errc() || result.ptr != split.data() + end) {
      throw Error("a weight that is no number in the split \"" + split + "\"", "", "write it as 969, 30, 1");
    }
    weights.push_back(weight);
    at = split.find_first_of(kNumberCharacters, end);
  }
  return weights;
}

}  // namespace

const char* split_name(Split split) {
  constexpr std::array<const char*, 3> kNames = {"train", "valid", "test"};
  return kNames[static_cast<size_t>(split)];
}

SplitMatrix split_matrix(const std::string& split) {
  std::vector<double> weights = parse_weights(split);
  if (weights.size() > kSplits.size()) {
    throw Error("more than three weights in the split \"" + split + "\"", "",
                "give weights of train, valid and test");
  }
  weights.resize(kSplits.size(), 0.0);
  if (numpy_sum(weights) == 0) {
    throw Error("no weight in the split \"" + split + "\"", "", "write it as 969, 30, 1");
  }
  weights = normalized(weights);
  SplitMatrix matrix;
  double begin = 0;
  for (size_t i = 0; i < kSplits.size(); ++i) {
    const double end = begin + weights[i];
    if (end > begin) matrix[i] = BookEnds{begin, end};
    begin = end;
  }
  return matrix;
}

SequenceRange split_range(const BookEnds& ends, uint64_t sequences) {
  const double count = static_cast<double>(sequences);
  // std::rint in the default mode rounds halves to even, as Python's round() does.
  return {static_cast<uint64_t>(std::rint(ends.begin * count)),
          static_cast<uint64_t>(std::rint(ends.end * count))};
}

std::vector<double> normalized(std::span<const double> weights) {
  const double sum = numpy_sum(weights);
  std::vector<double> shares(weights.begin(), weights.end());
  for (double& share : shares) share /= sum;
  return shares;
}

int64_t samples_of_weight(int64_t samples, double weight, double surplus) {
  const double target = std::ceil(static_cast<double>(samples) * weight);
  return static_cast<int64_t>(std::ceil(target * (1 + surplus)));
}

}  // namespace aurora::megatron
