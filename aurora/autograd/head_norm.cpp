#include "aurora/autograd/op_list.h"
#include "aurora/autograd/ops.h"
#include "aurora/device/buffer.h"

namespace aurora::autograd {
namespace {

// A head of all rows of x [R, W]: [R, D].
View head_of(const View& x, int64_t head, int64_t head_size) {
  AURORA_CHECK_LE((head + 1) * head_size, x.dim(1));
  View view = x;
  view.data = static_cast<char*>(x.data) + head * head_size * static_cast<int64_t>(dtype_size(x.dtype));
  view.shape[1] = head_size;
  return view;
}

// All heads of one row: [heads, D].
View heads_of(const View& x, int64_t row, const HeadNorm& how, int64_t head_size) {
  View view = head_of(x.rows(row, 1), how.first_head, head_size);
  AURORA_CHECK_LE((how.first_head + how.heads) * head_size, x.dim(1));
  view.shape = {how.heads, head_size};
  view.strides = {head_size, 1};
  return view;
}

// Calls fn(head, its scales) for the heads of a node.
template <typename Fn>
void for_heads(const Node& node, const Fn& fn) {
  for (int64_t i = 0; i < node.sizes[1]; ++i) {
    View scales = node.saved[1].view.rows(i, 1);
    fn(node.sizes[0] + i, scales.reshaped({scales.dim(1)}));
  }
}

void backward_input(Tape& tape, const Node& node) {
  Tensor d = tape.take_output_gradient(node);
  int64_t size = node.weight.value.dim(0);
  for_heads(node, [&](int64_t head, const View& scales) {
    View d_head = head_of(d.view, head, size);
    tape.exec().run(&Kernels::rmsnorm_backward_input, d_head, head_of(node.saved[0].view, head, size),
                    node.weight.value, scales, d_head);
  });
  tape.give(node.inputs[0], d);
}

void backward_weight(Tape& tape, const Node& node) {
  int64_t size = node.weight.value.dim(0);
  for_heads(node, [&](int64_t head, const View& scales) {
    tape.exec().run(&Kernels::rmsnorm_backward_weight, head_of(tape.output_gradient(node), head, size),
                    head_of(node.saved[0].view, head, size), scales, node.weight.gradient);
  });
}

GradientExample example() {
  GradientExample e;
  e.inputs = {{3, 4 * 6}};
  e.weight = {6};
  e.apply = [](Tape& tape, std::span<const Variable> in, const Weight& weight) {
    return head_norm(tape, in[0], weight, {.first_head = 1, .heads = 2, .epsilon = 1e-3});
  };
  return e;
}

}  // namespace

const Op kHeadNorm = {.name = "head_norm",
                      .backward_input = backward_input,
                      .backward_weight = backward_weight,
                      .example = example};

Variable head_norm(Tape& tape, Variable x, const Weight& weight, const HeadNorm& how) {
  View in = tape.value(x);
  int64_t rows = in.dim(0), size = weight.value.dim(0);
  tensor::Arena& arena = tape.exec().arena;
  Node node;
  node.op = &kHeadNorm;
  node.inputs[0] = x;
  node.weight = weight;
  node.sizes = {how.first_head, how.heads};
  node.saved[1] = arena.allocate(DType::kF32, {how.heads, rows});
  const View& scales = node.saved[1].view;
  auto norm = [&](const View& matrix, const View& scale) {
    tape.exec().run(&Kernels::rmsnorm_forward, matrix, weight.value, static_cast<float>(how.epsilon), matrix,
                    scale);
  };
  if (tape.recording()) {
    node.saved[0] = arena.allocate_like(in);
    device::copy(tape.exec().stream, in, node.saved[0].view);
  }
  if (!tape.recording() && rows < how.heads) {  // as few calls as possible; the bits are the same
    for (int64_t r = 0; r < rows; ++r)
      norm(heads_of(in, r, how, size), scales.reshaped({how.heads * rows}).rows(r * how.heads, how.heads));
  } else {
    for (int64_t i = 0; i < how.heads; ++i)
      norm(head_of(in, how.first_head + i, size), scales.rows(i, 1).reshaped({rows}));
  }
  return tape.record_in_place(node, x);
}

}  // namespace aurora::autograd
