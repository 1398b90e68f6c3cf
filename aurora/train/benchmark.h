// How fast this machine trains: the real loop on random tokens, without files.
#pragma once

#include <cstdint>
#include <string>

#include "aurora/base/log.h"
#include "aurora/base/threads.h"

namespace aurora::train {

struct BenchmarkSettings {
  std::string size;  // a preset of plan/shape.h: "124M"
  int64_t vocab = 50304;
  int64_t sequence_length = 1024;
  int64_t steps = 2;           // measured, after one that warms up
  int64_t strands = 0;         // of one leaf of one sequence each; 0 = threads
  std::string dtype = "bf16";  // bf16 | f32
};

struct BenchmarkResult {
  int64_t parameters = 0;
  int64_t tokens_per_step = 0;
  double step_s = 0;  // mean
  double tokens_per_s = 0;
  double flops_per_s = 0;            // model FLOPs, recomputation not counted
  double gemm_roof_flops_per_s = 0;  // bf16 products on all threads, measured in the same run
  int64_t peak_rss_bytes = 0;        // of this process
  double loss = 0;                   // of the last step
};

BenchmarkResult benchmark(const BenchmarkSettings& settings, Pool& pool, Log& log);

// The result as one JSON object.
std::string to_json(const BenchmarkSettings& settings, const BenchmarkResult& result);

}  // namespace aurora::train
