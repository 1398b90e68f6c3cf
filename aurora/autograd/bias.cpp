#include "aurora/autograd/op_list.h"
#include "aurora/autograd/ops.h"

namespace aurora::autograd {
namespace {

void backward_input(Tape& tape, const Node& node) {
  tape.pass_output_gradient(node, node.inputs[0]);
}

void backward_weight(Tape& tape, const Node& node) {
  tape.exec().run(&Kernels::bias_backward, tape.output_gradient(node), node.weight.gradient);
}

GradientExample example() {
  GradientExample e;
  e.inputs = {{3, 5}};
  e.weight = {5};
  e.apply = [](Tape& tape, std::span<const Variable> in, const Weight& weight) {
    return add_bias(tape, in[0], weight);
  };
  return e;
}

}  // namespace

const Op kBias = {
    .name = "bias", .backward_input = backward_input, .backward_weight = backward_weight, .example = example};

Variable add_bias(Tape& tape, Variable x, const Weight& bias) {
  tape.exec().run(&Kernels::bias_forward, tape.value(x), bias.value);
  Node node;
  node.op = &kBias;
  node.inputs[0] = x;
  node.weight = bias;
  return tape.record_in_place(node, x);
}

}  // namespace aurora::autograd
