#include "aurora/autograd/op_list.h"
#include "aurora/autograd/ops.h"

namespace aurora::autograd {
namespace {

void backward_input(Tape& tape, const Node& node) {
  tape.pass_output_gradient(node, node.inputs[0]);
  tape.pass_output_gradient(node, node.inputs[1]);
}

GradientExample example() {
  GradientExample e;
  e.inputs = {{3, 4}, {3, 4}};
  e.apply = [](Tape& tape, std::span<const Variable> in, const Weight&) { return add(tape, in[0], in[1]); };
  return e;
}

}  // namespace

const Op kAdd = {.name = "add", .backward_input = backward_input, .example = example};

// When recording, x is what the branch's norm needs in backward, but nobody needs the branch's result;
// otherwise the branch's memory ends with its scope and x lives on.
Variable add(Tape& tape, Variable x, Variable branch) {
  Variable overwritten = tape.recording() ? branch : x;
  tape.exec().run(&Kernels::add, tape.value(x), tape.value(branch), tape.value(overwritten));
  Node node;
  node.op = &kAdd;
  node.inputs = {x, branch};
  return tape.record_in_place(node, overwritten);
}

}  // namespace aurora::autograd
