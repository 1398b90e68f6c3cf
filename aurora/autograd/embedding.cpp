#include "aurora/autograd/op_list.h"
#include "aurora/autograd/ops.h"

namespace aurora::autograd {
namespace {

void backward_weight(Tape& tape, const Node& node) {
  tape.exec().run(&Kernels::embedding_backward, tape.output_gradient(node), node.constants[0],
                  node.weight.gradient);
}

GradientExample example() {
  static const int32_t tokens[] = {2, 0, 2, 4, 1};
  GradientExample e;
  e.weight = {5, 3};
  e.apply = [](Tape& tape, std::span<const Variable>, const Weight& weight) {
    return embedding(tape, tape.exec().upload(tokens, DType::kI32, {5}), weight);
  };
  return e;
}

}  // namespace

const Op kEmbedding = {.name = "embedding", .backward_weight = backward_weight, .example = example};

Variable embedding(Tape& tape, const View& tokens, const Weight& table) {
  Tensor out = tape.exec().arena.allocate(table.value.dtype, {tokens.dim(0), table.value.dim(1)});
  tape.exec().run(&Kernels::embedding_forward, table.value, tokens, out.view);
  Node node;
  node.op = &kEmbedding;
  node.weight = table;
  node.constants[0] = tokens;
  return tape.record(node, out);
}

}  // namespace aurora::autograd
