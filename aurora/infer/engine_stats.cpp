#include "aurora/infer/engine_stats.h"

#include <cmath>
#include <limits>

namespace aurora::infer {
namespace {

constexpr double kFirstBound_s = 1e-4;

}  // namespace

double LatencyHistogram::upper_bound_s(int bucket) {
  return bucket + 1 >= kBuckets ? std::numeric_limits<double>::infinity() : std::ldexp(kFirstBound_s, bucket);
}

void LatencyHistogram::add(double seconds) {
  int bucket = 0;
  while (bucket + 1 < kBuckets && seconds > upper_bound_s(bucket)) ++bucket;
  ++buckets_[static_cast<size_t>(bucket)];
  ++count_;
  sum_s_ += seconds;
}

}  // namespace aurora::infer
