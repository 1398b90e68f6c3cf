// What an engine tells about itself, for monitoring. Plain values, copied as a whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace aurora::infer {

// Seconds, in buckets that double from a tenth of a millisecond; the last bucket takes the rest.
class LatencyHistogram {
 public:
  static constexpr int kBuckets = 24;
  static double upper_bound_s(int bucket);  // infinite for the last

  void add(double seconds);
  int64_t count() const { return count_; }
  double sum_s() const { return sum_s_; }
  // Observations in this bucket alone.
  int64_t in_bucket(int bucket) const { return buckets_[static_cast<size_t>(bucket)]; }

 private:
  std::array<int64_t, kBuckets> buckets_{};
  int64_t count_ = 0;
  double sum_s_ = 0;
};

struct EngineStats {
  // Now.
  int64_t queued = 0;           // requests that wait for their first step or to go on
  int64_t running = 0;          // sequences with pages
  int64_t batch_sequences = 0;  // of the last step
  int64_t batch_tokens = 0;
  int64_t kv_pages = 0;       // of the pool
  int64_t kv_pages_used = 0;  // by running sequences and by the prefix cache
  int64_t prefix_pages = 0;   // of these, kept by the prefix cache for nobody in particular

  // Since the start.
  int64_t steps = 0;
  int64_t requests = 0;  // accepted
  int64_t finished = 0;  // requests, by any reason but the next two
  int64_t cancelled = 0;
  int64_t failed = 0;
  int64_t refused = 0;        // queue full
  int64_t prompt_tokens = 0;  // of accepted requests
  int64_t answer_tokens = 0;
  int64_t prefix_queries = 0;  // prompts looked up
  int64_t prefix_hits = 0;     // of them, found in part
  int64_t prefix_tokens = 0;   // found
  int64_t preemptions = 0;
  int64_t drafted_tokens = 0;  // speculation
  int64_t accepted_tokens = 0;
  double model_s = 0;  // inside the model
  double step_s = 0;   // inside step(), the model included

  LatencyHistogram first_token;  // from submission
  LatencyHistogram per_token;    // between tokens of an answer
  LatencyHistogram queue;        // from submission to the first step
  LatencyHistogram request;      // from submission to the end
};

}  // namespace aurora::infer
