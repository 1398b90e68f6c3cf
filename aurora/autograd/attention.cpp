#include "aurora/autograd/op_list.h"
#include "aurora/autograd/ops.h"
#include "aurora/device/buffer.h"

namespace aurora::autograd {
namespace {

struct Split {
  View q, k, v;
};

// qkv [B*T, (H+2G)*D] as q [B, T, H, D], k and v [B, T, G, D], in place.
Split split(const View& qkv, const AttentionShape& s) {
  int64_t all_heads = s.heads + 2 * s.kv_heads;
  int64_t length = qkv.dim(0) / s.sequences;
  int64_t head_size = qkv.dim(1) / all_heads;
  AURORA_CHECK_EQ(qkv.dim(1), all_heads * head_size);
  auto heads = [&](int64_t first, int64_t count) {
    View view = qkv;
    view.data =
        static_cast<char*>(qkv.data) + first * head_size * static_cast<int64_t>(dtype_size(qkv.dtype));
    view.rank = 4;
    view.shape = {s.sequences, length, count, head_size};
    view.strides = {length * qkv.stride(0), qkv.stride(0), head_size, 1};
    return view;
  };
  return {heads(0, s.heads), heads(s.heads, s.kv_heads), heads(s.heads + s.kv_heads, s.kv_heads)};
}

AttentionShape shape_of(const Node& node) {
  return {node.sizes[0], node.sizes[1], node.sizes[2], node.sizes[3]};
}

kernels::Attention described(const Split& parts, const View& segment_begin, const View& out,
                             const View& lse) {
  View heads = out.reshaped({parts.q.dim(0), parts.q.dim(1), parts.q.dim(2), parts.q.dim(3)});
  return {.q = parts.q, .k = parts.k, .v = parts.v, .segment_begin = segment_begin, .out = heads, .lse = lse};
}

void backward_input(Tape& tape, const Node& node) {
  View qkv = tape.value(node.inputs[0]);
  Split parts = split(qkv, shape_of(node));
  kernels::AttentionBackward backward;
  backward.forward = described(parts, node.constants[0], tape.value(node.output), node.saved[0].view);
  const View& out = backward.forward.out;
  backward.d_out = tape.output_gradient(node).reshaped({out.dim(0), out.dim(1), out.dim(2), out.dim(3)});
  Tensor d_qkv = tape.exec().arena.allocate_like(qkv);
  Split d = split(d_qkv.view, shape_of(node));
  backward.d_q = d.q;
  backward.d_k = d.k;
  backward.d_v = d.v;
  tape.exec().run(&Kernels::attention_backward, backward);
  tape.give(node.inputs[0], d_qkv);
}

// Causal within a whole sequence: row t has t + 1 keys, or the window's. Scores and values forward; gradients
// of queries, keys, values and scores backward. Segments make it less.
Cost cost(const Tape& tape, const Node& node) {
  AttentionShape s = shape_of(node);
  View qkv = tape.value(node.inputs[0]);
  auto rows = static_cast<double>(qkv.dim(0));
  double length = rows / static_cast<double>(s.sequences), window = static_cast<double>(s.window);
  double mean_keys = (length + 1) / 2;
  if (s.window > 0 && window < length)
    mean_keys = (window * (window + 1) / 2 + (length - window) * window) / length;
  auto width = static_cast<double>(tape.value(node.output).dim(1));
  double forward = 4 * rows * mean_keys * width;
  return {forward, 2 * forward, 0};
}

GradientExample example() {
  // Two sequences of five; the second holds two documents.
  static const int32_t segment_begin[] = {0, 0, 0, 0, 0, 0, 0, 2, 2, 2};
  GradientExample e;
  e.inputs = {{10, 6 * 4}};
  e.apply = [](Tape& tape, std::span<const Variable> in, const Weight&) {
    return attention(tape, in[0], tape.exec().upload(segment_begin, DType::kI32, {2, 5}), {2, 4, 1});
  };
  return e;
}

}  // namespace

const Op kAttention = {.name = "attention",
                       .keeps_output = true,
                       .backward_input = backward_input,
                       .cost = cost,
                       .example = example};

Variable attention(Tape& tape, Variable qkv, const View& segment_begin, const AttentionShape& shape) {
  Split parts = split(tape.value(qkv), shape);
  tensor::Arena& arena = tape.exec().arena;
  const View& q = parts.q;
  Tensor out = arena.allocate(q.dtype, {q.dim(0) * q.dim(1), q.dim(2) * q.dim(3)});
  Tensor lse;
  if (tape.recording()) lse = arena.allocate(DType::kF32, {q.dim(0), q.dim(2), q.dim(1)});
  tape.exec().run(&Kernels::attention_forward, described(parts, segment_begin, out.view, lse.view));
  Node node;
  node.op = &kAttention;
  node.inputs[0] = qkv;
  node.constants[0] = segment_begin;
  node.saved[0] = lse;
  node.sizes = {shape.sequences, shape.heads, shape.kv_heads, shape.window};
  return tape.record(node, out);
}

Variable paged_attention(Tape& tape, Variable qkv, const View& first_key, const PagedRows& rows) {
  AURORA_CHECK(!tape.recording(), "pages have no gradient");
  View in = tape.value(qkv);
  Tensor out = tape.exec().arena.allocate(in.dtype, {in.dim(0), rows.heads * rows.store.shape.head_size});
  tape.exec().run(&Kernels::paged_attention,
                  kernels::PagedAttention{in, first_key, out.view, rows.heads, rows.sequences, rows.store});
  return tape.record(Node{.op = &kAttention}, out);
}

}  // namespace aurora::autograd
