#include "aurora/autograd/op_list.h"
#include "aurora/autograd/ops.h"

namespace aurora::autograd {
namespace {

void backward_input(Tape& tape, const Node& node) {
  if (!tape.wants_gradient(node.inputs[0])) return;
  View x = tape.value(node.inputs[0]);
  Tensor d_x = tape.exec().arena.allocate_like(x);
  tape.exec().run(&Kernels::rmsnorm_backward_input, tape.output_gradient(node), x, node.weight.value,
                  node.saved[0].view, d_x.view);
  tape.give(node.inputs[0], d_x);
}

void backward_weight(Tape& tape, const Node& node) {
  tape.exec().run(&Kernels::rmsnorm_backward_weight, tape.output_gradient(node), tape.value(node.inputs[0]),
                  node.saved[0].view, node.weight.gradient);
}

GradientExample example() {
  GradientExample e;
  e.inputs = {{4, 6}};
  e.weight = {6};
  e.apply = [](Tape& tape, std::span<const Variable> in, const Weight& weight) {
    return rmsnorm(tape, in[0], weight, 1e-3);
  };
  return e;
}

}  // namespace

const Op kRmsNorm = {.name = "rmsnorm",
                     .backward_input = backward_input,
                     .backward_weight = backward_weight,
                     .example = example};

Variable rmsnorm(Tape& tape, Variable x, const Weight& weight, double epsilon) {
  View in = tape.value(x);
  Tensor out = tape.exec().arena.allocate_like(in);
  Tensor inverse_rms = tape.exec().arena.allocate(DType::kF32, {in.dim(0)});
  tape.exec().run(&Kernels::rmsnorm_forward, in, weight.value, static_cast<float>(epsilon), out.view,
                  inverse_rms.view);
  Node node;
  node.op = &kRmsNorm;
  node.inputs[0] = x;
  node.weight = weight;
  node.saved[0] = inverse_rms;
  return tape.record(node, out);
}

}  // namespace aurora::autograd
