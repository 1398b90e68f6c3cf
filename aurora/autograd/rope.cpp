#include "aurora/autograd/op_list.h"
#include "aurora/autograd/ops.h"

namespace aurora::autograd {
namespace {

// The first heads of each row as [R, heads, D], in place.
View rotated(const View& x, int64_t heads, int64_t head_size) {
  AURORA_CHECK_LE(heads * head_size, x.dim(1));
  View view = x;
  view.rank = 3;
  view.shape = {x.dim(0), heads, head_size};
  view.strides = {x.stride(0), head_size, 1};
  return view;
}

void backward_input(Tape& tape, const Node& node) {
  Tensor d = tape.take_output_gradient(node);
  tape.exec().run(&Kernels::rope, kernels::Rope{rotated(d.view, node.sizes[0], node.sizes[1]),
                                                node.constants[0], node.table, true});
  tape.give(node.inputs[0], d);
}

GradientExample example() {
  static const int32_t positions[] = {0, 1, 5, 2};
  static const double frequencies[] = {1, 0.3, 0.05};
  GradientExample e;
  e.inputs = {{4, 20}};
  e.apply = [](Tape& tape, std::span<const Variable> in, const Weight&) {
    return rope(tape, in[0],
                {.positions = tape.exec().upload(positions, DType::kI32, {4}),
                 .frequencies = frequencies,
                 .rotated_heads = 2,
                 .head_size = 6});
  };
  return e;
}

}  // namespace

const Op kRope = {.name = "rope", .backward_input = backward_input, .example = example};

Variable rope(Tape& tape, Variable x, const Rope& how) {
  tape.exec().run(&Kernels::rope, kernels::Rope{rotated(tape.value(x), how.rotated_heads, how.head_size),
                                                how.positions, how.frequencies, false});
  Node node;
  node.op = &kRope;
  node.inputs[0] = x;
  node.constants[0] = how.positions;
  node.table = how.frequencies;
  node.sizes = {how.rotated_heads, how.head_size};
  return tape.record_in_place(node, x);
}

}  // namespace aurora::autograd
