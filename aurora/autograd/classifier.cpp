#include "aurora/autograd/op_list.h"
#include "aurora/autograd/ops.h"

namespace aurora::autograd {
namespace {

void backward_input(Tape& tape, const Node& node) {
  tape.give(node.inputs[0], node.saved[0]);
}

Cost cost(const Tape& tape, const Node& node) {
  double product = 2.0 * static_cast<double>(tape.value(node.inputs[0]).dim(0)) *
                   static_cast<double>(node.weight.value.elements());
  return {product, product, product};
}

GradientExample example() {
  static const int32_t targets[] = {3, 0, -1, 8};
  static const float loss_weights[] = {1, 0.5f, 1, 0};
  GradientExample e;
  e.inputs = {{4, 6}};
  e.weight = {9, 6};
  e.seed = {1, 0.5f, 0, 0};
  e.apply = [](Tape& tape, std::span<const Variable> in, const Weight& weight) {
    return classifier(tape, in[0], weight, tape.exec().upload(targets, DType::kI32, {4}),
                      tape.exec().upload(loss_weights, DType::kF32, {4}));
  };
  return e;
}

}  // namespace

const Op kClassifier = {.name = "classifier",
                        .is_loss = true,
                        .backward_input = backward_input,
                        .cost = cost,
                        .example = example};

Variable classifier(Tape& tape, Variable x, const Weight& weight, const View& targets,
                    const View& loss_weights) {
  View in = tape.value(x);
  tensor::Arena& arena = tape.exec().arena;
  Node node;
  node.op = &kClassifier;
  node.inputs[0] = x;
  node.weight = weight;
  kernels::Classifier call;
  call.x = in;
  call.weight = weight.value;
  call.targets = targets;
  call.loss_weights = loss_weights;
  Tensor nll = arena.allocate(DType::kF32, {in.dim(0)});
  call.nll = nll.view;
  if (tape.needs_backward(node)) {
    AURORA_CHECK(!weight.gradient.empty(), "the classifier's weight cannot be frozen yet");
    node.saved[0] = arena.allocate_like(in);
    call.d_x = node.saved[0].view;
    call.d_weight = weight.gradient;
  }
  tape.exec().run(&Kernels::classifier, call);
  return tape.record(node, nll);
}

}  // namespace aurora::autograd
