#include "aurora/autograd/tape.h"

#include <algorithm>

#include "aurora/base/check.h"
#include "aurora/device/buffer.h"

namespace aurora::autograd {

Tape::Tape(Exec& exec, Recording recording) : exec_(exec), recording_(recording) {}

Variable Tape::input(const View& value, bool wants_gradient) {
  values_.push_back({{value, nullptr}, -1, wants_gradient && recording(), -1});
  return {static_cast<int>(values_.size()) - 1};
}

Tensor Tape::tensor(Variable variable) const {
  AURORA_CHECK(variable.exists());
  return values_[static_cast<size_t>(variable.id)].tensor;
}

View Tape::value(Variable variable) const {
  AURORA_CHECK(variable.exists());
  return values_[static_cast<size_t>(variable.id)].tensor.view;
}

bool Tape::wants_gradient(Variable variable) const {
  return variable.exists() && values_[static_cast<size_t>(variable.id)].wants_gradient;
}

bool Tape::needs_backward(const Node& node) const {
  if (!recording()) return false;
  return !node.weight.gradient.empty() || wants_gradient(node.inputs[0]) || wants_gradient(node.inputs[1]);
}

Variable Tape::record(Node node, const Tensor& output) {
  Variable variable{static_cast<int>(values_.size())};
  bool needed = needs_backward(node);
  values_.push_back({output, needed ? static_cast<int>(nodes_.size()) : -1, needed, -1});
  if (needed) {
    node.output = variable;
    nodes_.push_back(node);
  }
  return variable;
}

Variable Tape::record_in_place(Node node, Variable overwritten) {
  int producer = values_[static_cast<size_t>(overwritten.id)].producer;
  AURORA_CHECK(producer < 0 || !nodes_[static_cast<size_t>(producer)].op->keeps_output,
               "{} would write over what {} needs in backward", node.op->name,
               nodes_[static_cast<size_t>(producer)].op->name);
  return record(node, tensor(overwritten));
}

// --- gradients ---------------------------------------------------------------------------------------------

void Tape::hold(Variable variable, int gradient) {
  values_[static_cast<size_t>(variable.id)].gradient = gradient;
  ++gradients_[static_cast<size_t>(gradient)].holders;
}

void Tape::release(Variable variable) {
  Value& value = values_[static_cast<size_t>(variable.id)];
  if (value.gradient < 0) return;
  Gradient& gradient = gradients_[static_cast<size_t>(value.gradient)];
  value.gradient = -1;
  if (--gradient.holders == 0 && gradient.tensor.arena != nullptr && !keep_gradients_) {
    gradient.tensor.arena->recycle(gradient.tensor);
  }
}

void Tape::seed(Variable variable, const View& gradient) {
  give(variable, {gradient, nullptr});
}

View Tape::gradient(Variable variable) const {
  int gradient = values_[static_cast<size_t>(variable.id)].gradient;
  AURORA_CHECK(gradient >= 0, "no gradient has reached this variable");
  return gradients_[static_cast<size_t>(gradient)].tensor.view;
}

View Tape::output_gradient(const Node& node) const {
  return gradient(node.output);
}

Tensor Tape::take_output_gradient(const Node& node) {
  Value& value = values_[static_cast<size_t>(node.output.id)];
  const Gradient& held = gradients_[static_cast<size_t>(value.gradient)];
  if (held.holders == 1 && held.tensor.arena != nullptr && !keep_gradients_) {
    Tensor taken = held.tensor;
    value.gradient = -1;  // no longer the tape's to recycle
    return taken;
  }
  Tensor copy = exec_.arena.allocate_like(held.tensor.view);
  device::copy(exec_.stream, held.tensor.view, copy.view);
  return copy;
}

void Tape::give(Variable input, const Tensor& gradient) {
  if (!wants_gradient(input)) {
    if (gradient.arena != nullptr) gradient.arena->recycle(gradient);
    return;
  }
  int sum = values_[static_cast<size_t>(input.id)].gradient;
  if (sum >= 0) {
    // Into the new one, since others may hold the old one.
    Tensor out = gradient.arena != nullptr ? gradient : exec_.arena.allocate_like(gradient.view);
    exec_.run(&Kernels::add, gradients_[static_cast<size_t>(sum)].tensor.view, gradient.view, out.view);
    release(input);
    gradients_.push_back({out, 0});
  } else {
    gradients_.push_back({gradient, 0});
  }
  hold(input, static_cast<int>(gradients_.size()) - 1);
}

void Tape::pass_output_gradient(const Node& node, Variable input) {
  if (!wants_gradient(input)) return;
  int passed = values_[static_cast<size_t>(node.output.id)].gradient;
  int sum = values_[static_cast<size_t>(input.id)].gradient;
  if (sum < 0) {
    hold(input, passed);
    return;
  }
  const View& a = gradients_[static_cast<size_t>(sum)].tensor.view;
  Tensor out = exec_.arena.allocate_like(a);
  exec_.run(&Kernels::add, a, gradients_[static_cast<size_t>(passed)].tensor.view, out.view);
  release(input);
  gradients_.push_back({out, 0});
  hold(input, static_cast<int>(gradients_.size()) - 1);
}

void Tape::run_backward(bool inputs, bool weights) {
  for (size_t i = nodes_.size(); i-- > 0;) {
    const Node& node = nodes_[i];
    bool reached = values_[static_cast<size_t>(node.output.id)].gradient >= 0 || node.op->is_loss;
    if (!reached) continue;
    if (weights && node.op->backward_weight != nullptr && !node.weight.gradient.empty()) {
      node.op->backward_weight(*this, node);
    }
    if (inputs && node.op->backward_input != nullptr) node.op->backward_input(*this, node);
    if (!keep_gradients_) release(node.output);
  }
}

void Tape::backward() {
  run_backward(true, true);
}

void Tape::backward_inputs() {
  keep_gradients_ = true;
  run_backward(true, false);
}

void Tape::backward_weights() {
  run_backward(false, true);
  keep_gradients_ = false;
}

Cost Tape::cost() const {
  Cost total;
  for (const Node& node : nodes_) {
    if (node.op->cost == nullptr) continue;
    Cost cost = node.op->cost(*this, node);
    total.forward += cost.forward;
    total.backward_input += cost.backward_input;
    total.backward_weight += cost.backward_weight;
  }
  return total;
}

void Tape::clear() {
  values_.clear();
  nodes_.clear();
  gradients_.clear();
  keep_gradients_ = false;
  exec_.arena.reset();
}

Tape::Scope::Scope(Tape& tape) : tape_(tape), mark_(tape.exec_.arena.mark()) {}

Tape::Scope::~Scope() {
  if (!tape_.recording()) tape_.exec_.arena.rewind(mark_);
}

}  // namespace aurora::autograd
