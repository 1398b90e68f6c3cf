// How many bytes a training process will hold.
#pragma once

#include <cstdint>
#include <string>

#include "aurora/plan/shape.h"

namespace aurora::plan {

struct TrainingMemory {     // bytes
  int64_t masters = 0;      // f32
  int64_t moments = 0;      // AdamW's m and v, f32
  int64_t compute = 0;      // copy in the compute dtype
  int64_t gradients = 0;    // f32, one buffer per strand in flight and one per open level of the tree
  int64_t activations = 0;  // of one leaf x strands in flight

  int64_t total() const { return masters + moments + compute + gradients + activations; }
};

struct TrainingLayout {
  int64_t leaf_sequences = 1;     // B
  int64_t sequence_length = 256;  // T
  int64_t strands = 1;            // per global batch
  int64_t strands_in_flight = 1;
  int64_t compute_bytes = 2;  // bytes per element: 2 bf16, 4 f32
};

// An estimate (a few percent), not a promise: padding, thread stacks and code are left out.
TrainingMemory training_memory(const ModelShape& shape, const TrainingLayout& layout);

// Lines for people: shape, parameters, FLOPs per token, and the memory by kind.
std::string plan_table(const ModelShape& shape, const TrainingLayout& layout);

}  // namespace aurora::plan
