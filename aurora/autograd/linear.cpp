#include "aurora/autograd/op_list.h"
#include "aurora/autograd/ops.h"
#include "aurora/kernels/packed.h"

namespace aurora::autograd {
namespace {

// d_x [R, K] = d_out [R, N] * weight [N, K]
void backward_input(Tape& tape, const Node& node) {
  if (!tape.wants_gradient(node.inputs[0])) return;
  Tensor d_x = tape.exec().arena.allocate_like(tape.value(node.inputs[0]));
  tape.exec().run(&Kernels::gemm,
                  kernels::Gemm{.a = tape.output_gradient(node), .b = node.weight.value, .c = d_x.view});
  tape.give(node.inputs[0], d_x);
}

// d_weight [N, K] += d_out [R, N]^T * x [R, K]
void backward_weight(Tape& tape, const Node& node) {
  tape.exec().run(&Kernels::gemm, kernels::Gemm{.a = tape.output_gradient(node),
                                                .b = tape.value(node.inputs[0]),
                                                .c = node.weight.gradient,
                                                .transpose_a = true,
                                                .accumulate = true});
}

Cost cost(const Tape& tape, const Node& node) {
  double product = 2.0 * static_cast<double>(tape.value(node.inputs[0]).dim(0)) *
                   static_cast<double>(node.weight.value.elements());
  return {product, tape.wants_gradient(node.inputs[0]) ? product : 0, product};
}

GradientExample example() {
  GradientExample e;
  e.inputs = {{5, 7}};
  e.weight = {3, 7};
  e.apply = [](Tape& tape, std::span<const Variable> in, const Weight& weight) {
    return linear(tape, in[0], weight);
  };
  return e;
}

}  // namespace

const Op kLinear = {.name = "linear",
                    .backward_input = backward_input,
                    .backward_weight = backward_weight,
                    .cost = cost,
                    .example = example};

void multiply(Exec& exec, const View& x, const Weight& weight, const View& out) {
  if (weight.packed != nullptr) {
    exec.run(&Kernels::gemm_packed, kernels::PackedGemm{x, weight.packed, out});
    return;
  }
  AURORA_CHECK_EQ(x.dim(1), weight.value.dim(1));
  exec.run(&Kernels::gemm, kernels::Gemm{.a = x, .b = weight.value, .c = out, .transpose_b = true});
}

Variable linear(Tape& tape, Variable x, const Weight& weight) {
  View in = tape.value(x);
  AURORA_CHECK(weight.packed == nullptr || !tape.recording(), "a packed weight has no gradient");
  int64_t width = weight.packed != nullptr ? weight.packed->n() : weight.value.dim(0);
  Tensor out = tape.exec().arena.allocate(in.dtype, {in.dim(0), width});
  multiply(tape.exec(), in, weight, out.view);
  Node node;
  node.op = &kLinear;
  node.inputs[0] = x;
  node.weight = weight;
  return tape.record(node, out);
}

}  // namespace aurora::autograd
