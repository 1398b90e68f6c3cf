#include "aurora/plan/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>

namespace aurora::plan {
namespace {

// What one layer keeps for backward, in elements per row: two residual sums, two norms, qkv, the attention's
// result, gate and up, and their product (autograd/ops.h).
int64_t kept_per_row(const ModelShape& s) {
  return 4 * s.width + s.qkv_width() + s.heads * s.head_size + 3 * s.hidden;
}

// Gradients that are alive at one moment of backward, at most: of the residual, the norm, and the widest
// inner layer twice.
int64_t gradients_per_row(const ModelShape& s) {
  return 3 * s.width + std::max(s.qkv_width(), 2 * s.hidden) + std::max(s.hidden, s.width);
}

int64_t activations_of_leaf(const ModelShape& s, const TrainingLayout& layout) {
  int64_t rows = layout.leaf_sequences * layout.sequence_length;
  int64_t elements = s.layers * kept_per_row(s) + gradients_per_row(s) + 3 * s.width;
  int64_t f32_per_row = s.layers * (2 + s.heads) + 2;  // inverse rms, log-sum-exp, nll
  return rows * (elements * layout.compute_bytes + f32_per_row * 4);
}

// A strand's own buffer, and the partial sums of the tree of strands that wait for their neighbours.
int64_t gradient_buffers(const TrainingLayout& layout) {
  auto strands = static_cast<uint64_t>(std::max<int64_t>(layout.strands, 1));
  int64_t open_levels = std::bit_width(strands) - 1;
  return std::min(layout.strands, layout.strands_in_flight + open_levels);
}

std::string bytes_text(int64_t bytes) {
  double value = static_cast<double>(bytes);
  const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string count_text(double value) {
  const char* units[] = {"", " K", " M", " G", " T", " P"};
  size_t unit = 0;
  while (value >= 1000 && unit + 1 < std::size(units)) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.2f}{}", value, units[unit]);
}

}  // namespace

TrainingMemory training_memory(const ModelShape& shape, const TrainingLayout& layout) {
  int64_t parameters = parameter_count(shape);
  TrainingMemory memory;
  memory.masters = 4 * parameters;
  memory.moments = 8 * parameters;
  memory.compute = layout.compute_bytes * parameters;
  memory.gradients = 4 * parameters * gradient_buffers(layout);
  memory.activations = layout.strands_in_flight * activations_of_leaf(shape, layout);
  return memory;
}

std::string plan_table(const ModelShape& s, const TrainingLayout& layout) {
  TrainingMemory memory = training_memory(s, layout);
  double forward = forward_flops_per_token(s, layout.sequence_length);
  std::string text;
  auto line = [&](const char* name, const std::string& value) {
    fmt::format_to(std::back_inserter(text), "{:<24}{}\n", name, value);
  };
  line("shape",
       fmt::format("{} layers, width {}, {} heads ({} kv) of {}, hidden {}, vocabulary {}{}", s.layers,
                   s.width, s.heads, s.kv_heads, s.head_size, s.hidden, s.vocab, s.tied ? " (tied)" : ""));
  line("parameters", count_text(static_cast<double>(parameter_count(s))));
  line("FLOP per token",
       fmt::format("{} forward, {} training, at T = {}", count_text(forward),
                   count_text(training_flops_per_token(s, layout.sequence_length)), layout.sequence_length));
  line("memory", bytes_text(memory.total()));
  line("  masters (f32)", bytes_text(memory.masters));
  line("  AdamW m and v (f32)", bytes_text(memory.moments));
  line("  compute copy", bytes_text(memory.compute));
  line("  gradients (f32)",
       fmt::format("{} in {} buffers", bytes_text(memory.gradients), gradient_buffers(layout)));
  line("  activations",
       fmt::format("{} of {} strands in flight", bytes_text(memory.activations), layout.strands_in_flight));
  return text;
}

}  // namespace aurora::plan
