#include "aurora/models/llama.h"

#include <fmt/format.h>

#include <cmath>

#include "aurora/device/buffer.h"

namespace aurora::models {
namespace {

constexpr float kInitDeviation = 0.02f;

void check_leaf(const nn::Leaf& leaf) {
  auto rows = static_cast<size_t>(leaf.sequences * leaf.length);
  AURORA_CHECK(leaf.sequences > 0 && leaf.length > 0, "an empty leaf");
  AURORA_CHECK_EQ(leaf.tokens.size(), rows);
  AURORA_CHECK_EQ(leaf.targets.size(), rows);
  AURORA_CHECK_EQ(leaf.loss_weights.size(), rows);
  AURORA_CHECK_EQ(leaf.positions.size(), rows);
  AURORA_CHECK_EQ(leaf.segment_begin.size(), rows);
}

// The rows of the ranges, moved to the front of x, which is written over.
nn::Variable keep_rows(nn::Tape& tape, nn::Variable x, const std::vector<tensor::Range>& ranges) {
  AURORA_CHECK(!tape.recording(), "a gradient needs all rows");
  View rows = tape.value(x);
  int64_t kept = 0;
  for (const tensor::Range& range : ranges)
    for (int64_t r = range.begin; r < range.end; ++r, ++kept)
      if (r != kept) device::copy(tape.exec().stream, rows.rows(r, 1), rows.rows(kept, 1));
  return tape.input(rows.rows(0, kept));
}

}  // namespace

Llama::Llama(const plan::ModelShape& shape)
    : shape_(shape), rope_frequencies_(plan::rope_frequencies(shape)) {
  int64_t width = shape.width, query_rows = shape.heads * shape.head_size;
  int64_t kv_rows = shape.kv_heads * shape.head_size;
  auto into_residual =
      static_cast<float>(double{kInitDeviation} / std::sqrt(2.0 * static_cast<double>(shape.layers)));
  embedding_ = layout_.add(
      {.name = "embedding", .shape = {shape.vocab, width}, .parts = {}, .init_deviation = kInitDeviation});
  for (int64_t i = 0; i < shape.layers; ++i) {
    std::string layer = fmt::format("layers.{}.", i);
    auto matrix = [&](const char* name, int64_t rows, int64_t columns, float deviation) {
      return nn::Parameter{
          .name = layer + name, .shape = {rows, columns}, .parts = {}, .init_deviation = deviation};
    };
    auto norm = [&](const char* name, int64_t size) {
      return layout_.add({.name = layer + name, .shape = {size}, .parts = {}});
    };
    Layer added{};
    added.attention_norm = norm("attention_norm", width);
    nn::Parameter qkv = matrix("attention.qkv", shape.qkv_width(), width, kInitDeviation);
    qkv.parts = {{layer + "attention.q", 0, query_rows},
                 {layer + "attention.k", 0, kv_rows},
                 {layer + "attention.v", 0, kv_rows}};
    added.qkv = layout_.add(qkv);
    added.qkv_bias = added.q_norm = added.k_norm = -1;
    if (shape.qkv_bias)
      added.qkv_bias = layout_.add({.name = layer + "attention.qkv_bias",
                                    .shape = {shape.qkv_width()},
                                    .parts = {{layer + "attention.q_bias", 0, query_rows},
                                              {layer + "attention.k_bias", 0, kv_rows},
                                              {layer + "attention.v_bias", 0, kv_rows}},
                                    .init_value = 0});
    if (shape.qk_norm) {
      added.q_norm = norm("attention.q_norm", shape.head_size);
      added.k_norm = norm("attention.k_norm", shape.head_size);
    }
    added.attention_out = layout_.add(matrix("attention.out", width, query_rows, into_residual));
    added.mlp_norm = norm("mlp_norm", width);
    nn::Parameter gate_up = matrix("mlp.gate_up", 2 * shape.hidden, width, kInitDeviation);
    gate_up.parts = {{layer + "mlp.gate", 0, shape.hidden}, {layer + "mlp.up", 0, shape.hidden}};
    added.gate_up = layout_.add(gate_up);
    added.down = layout_.add(matrix("mlp.down", width, shape.hidden, into_residual));
    layers_.push_back(added);
  }
  final_norm_ = layout_.add({.name = "final_norm", .shape = {width}, .parts = {}});
  output_ = shape.tied ? embedding_
                       : layout_.add({.name = "output",
                                      .shape = {shape.vocab, width},
                                      .parts = {},
                                      .init_deviation = kInitDeviation});
}

void Llama::initialise(uint64_t seed, const View& master, Pool& pool) const {
  nn::initialise(layout_, seed, master, pool);
}

nn::Variable Llama::hidden(nn::Tape& tape, nn::Weights weights, const nn::Rows& rows,
                           const PagedCache* pages) const {
  autograd::AttentionShape heads{rows.segment_begin.dim(0), shape_.heads, shape_.kv_heads, shape_.window};
  auto optional = [&](int index) { return index < 0 ? nn::Weight{} : weights[index]; };
  nn::Variable x = autograd::embedding(tape, rows.tokens, weights[embedding_]);
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    nn::Tape::Scope scope(tape);
    kernels::PageStore store;
    if (pages != nullptr) store = pages->layer(static_cast<int64_t>(i));
    x = nn::attention_block(tape, x,
                            {.norm = weights[layer.attention_norm],
                             .qkv = weights[layer.qkv],
                             .qkv_bias = optional(layer.qkv_bias),
                             .q_norm = optional(layer.q_norm),
                             .k_norm = optional(layer.k_norm),
                             .out = weights[layer.attention_out],
                             .shape = heads,
                             .head_size = shape_.head_size,
                             .rope_frequencies = rope_frequencies_,
                             .norm_epsilon = shape_.norm_epsilon},
                            rows, pages != nullptr ? &store : nullptr);
    // What comes after the last keys and values concerns the wanted rows alone.
    if (rows.wanted != nullptr && i + 1 == layers_.size()) x = keep_rows(tape, x, *rows.wanted);
    if (tape.value(x).dim(0) == 0) return x;
    x = nn::mlp_block(tape, x,
                      {.norm = weights[layer.mlp_norm],
                       .gate_up = weights[layer.gate_up],
                       .down = weights[layer.down],
                       .norm_epsilon = shape_.norm_epsilon});
  }
  return autograd::rmsnorm(tape, x, weights[final_norm_], shape_.norm_epsilon);
}

int32_t Llama::first_key(int64_t position, int32_t segment_begin) const {
  if (shape_.window == 0) return segment_begin;
  return std::max(segment_begin, static_cast<int32_t>(position - shape_.window + 1));
}

double Llama::run_leaf(Exec& exec, nn::Weights weights, const nn::Leaf& leaf, float* nll) const {
  check_leaf(leaf);
  using autograd::Recording;
  nn::Tape tape(exec, weights[0].gradient.empty() ? Recording::kOff : Recording::kOn);
  tape.clear();
  int64_t rows = leaf.sequences * leaf.length;
  std::vector<int32_t> first_keys = leaf.segment_begin;
  for (size_t r = 0; r < first_keys.size(); ++r)
    first_keys[r] = first_key(static_cast<int64_t>(r) % leaf.length, first_keys[r]);
  nn::Rows views{exec.upload(leaf.tokens.data(), nn::DType::kI32, {rows}),
                 exec.upload(leaf.positions.data(), nn::DType::kI32, {rows}),
                 exec.upload(first_keys.data(), nn::DType::kI32, {leaf.sequences, leaf.length})};
  View targets = exec.upload(leaf.targets.data(), nn::DType::kI32, {rows});
  View loss_weights = exec.upload(leaf.loss_weights.data(), nn::DType::kF32, {rows});

  nn::Variable x = hidden(tape, weights, views);
  nn::Variable loss = autograd::classifier(tape, x, weights[output_], targets, loss_weights);
  tape.backward();

  std::vector<float> per_row(static_cast<size_t>(rows));
  exec.download(tape.value(loss), per_row.data());
  double sum = 0;
  for (size_t r = 0; r < per_row.size(); ++r) sum += double{leaf.loss_weights[r]} * double{per_row[r]};
  if (nll != nullptr) std::copy(per_row.begin(), per_row.end(), nll);
  return sum;
}

double Llama::loss_and_gradient(Exec& exec, const View& weights, const nn::Leaf& leaf, const View& gradient,
                                float* nll) const {
  AURORA_CHECK(!gradient.empty(), "a gradient needs a place");
  return run_leaf(exec, nn::weights_of(layout_, weights, gradient), leaf, nll);
}

double Llama::loss(Exec& exec, const View& weights, const nn::Leaf& leaf, float* nll) const {
  return run_leaf(exec, nn::weights_of(layout_, weights, View{}), leaf, nll);
}

double Llama::loss(Exec& exec, nn::Weights weights, const nn::Leaf& leaf, float* nll) const {
  AURORA_CHECK(!weights[static_cast<size_t>(output_)].value.empty(), "the output layer is packed only");
  return run_leaf(exec, weights, leaf, nll);
}

}  // namespace aurora::models
