#include "aurora/autograd/op_list.h"
#include "aurora/autograd/ops.h"

namespace aurora::autograd {
namespace {

void backward_input(Tape& tape, const Node& node) {
  View gate_up = tape.value(node.inputs[0]);
  Tensor d = tape.exec().arena.allocate_like(gate_up);
  tape.exec().run(&Kernels::swiglu_backward, tape.output_gradient(node), gate_up, d.view);
  tape.give(node.inputs[0], d);
}

GradientExample example() {
  GradientExample e;
  e.inputs = {{4, 10}};
  e.apply = [](Tape& tape, std::span<const Variable> in, const Weight&) { return swiglu(tape, in[0]); };
  return e;
}

}  // namespace

const Op kSwiglu = {.name = "swiglu", .backward_input = backward_input, .example = example};

Variable swiglu(Tape& tape, Variable gate_up) {
  View in = tape.value(gate_up);
  Tensor out = tape.exec().arena.allocate(in.dtype, {in.dim(0), in.dim(1) / 2});
  tape.exec().run(&Kernels::swiglu_forward, in, out.view);
  Node node;
  node.op = &kSwiglu;
  node.inputs[0] = gate_up;
  return tape.record(node, out);
}

}  // namespace aurora::autograd
