// What a run tells about itself while it trains: metrics/train.jsonl, one line per step, and the same curves
// as a TensorBoard event file. For people and reports; nothing here is ever read back into the training, and
// times and speeds stand only here, never in hashed outputs.
//
// A resumed run first cuts both files back to the step that it resumes from, so that every step stands there
// once.
#pragma once

#include <cstdint>
#include <string>

#include "aurora/base/file.h"
#include "aurora/format/event_file.h"

namespace aurora::train {

struct StepMetrics {
  int64_t step = 0;           // from 1: after so many steps
  uint64_t tokens = 0;        // seen so far
  uint64_t first_sample = 0;  // of this step's batch, skipped ones counted: what [blend] skip would name
  double loss = 0;            // nats per token
  double learning_rate = 0;
  double gradient_norm = 0;  // before clipping
  double step_s = 0;
  double data_s = 0;  // of this rank's threads together, waiting for samples
  double tokens_per_s = 0;
  double flops_per_s = 0;
};

class MetricsWriter {
 public:
  // last_step: of the checkpoint that the run resumes from; 0 = a new run.
  MetricsWriter(const Path& folder, int64_t last_step);
  ~MetricsWriter();
  MetricsWriter(const MetricsWriter&) = delete;

  void write(const StepMetrics& metrics);  // on disk when it returns, though not synced

 private:
  Path path_;
  int fd_ = -1;
  format::EventFileWriter events_;
};

// Lines of a train.jsonl whose step is at most last_step, whole ones only.
std::string cut_metrics(const std::string& lines, int64_t last_step);

}  // namespace aurora::train
