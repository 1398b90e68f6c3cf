// An operation is one descriptor: forward, backward in two halves, cost, and an example on which its gradient
// is checked. One file per family; op_list.h lists them all, and one test checks every entry of that list
// against finite differences.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "aurora/tensor/exec.h"

namespace aurora::kernels {
class PackedWeight;
}

namespace aurora::autograd {

using device::DType;
using device::View;
using kernels::Kernels;
using tensor::Exec;
using tensor::Tensor;

class Tape;
struct Op;

// A value on a tape. Valid until Tape::clear().
struct Variable {
  int id = -1;
  bool exists() const { return id >= 0; }
};

// A parameter as an op sees it.
struct Weight {
  View value;     // act; may be empty when `packed` is set and only matrix products need it
  View gradient;  // f32, same shape, added to; empty: frozen, or no gradient wanted
  const kernels::PackedWeight* packed =
      nullptr;  // the same laid out for products, on tapes that do not record
};

// One application of an op. Fields an op does not use stay empty.
struct Node {
  const Op* op = nullptr;
  std::array<Variable, 2> inputs{};  // differentiable
  Variable output{};
  Weight weight{};
  std::array<View, 2> constants{};  // tokens, positions, segment bounds, targets, loss weights
  std::array<Tensor, 2> saved{};    // what forward keeps for backward
  std::span<const double> table{};  // host memory that outlives the tape: rotary frequencies
  std::array<int64_t, 4> sizes{};   // op-specific: sequences, heads, key/value heads, window
};

// Floating-point operations of one application; matrix products and attention only.
struct Cost {
  double forward = 0;
  double backward_input = 0;
  double backward_weight = 0;
};

// Something to check a gradient on, in f32.
struct GradientExample {
  std::vector<std::vector<int64_t>> inputs;  // shapes of the differentiable inputs
  std::vector<int64_t> weight;               // shape; empty: the op has none
  std::vector<float> seed;                   // d loss / d output; empty: random
  std::function<Variable(Tape&, std::span<const Variable> inputs, const Weight&)> apply;
};

struct Op {
  const char* name;
  bool keeps_output = false;  // backward reads its own output, so nobody may write over it
  bool is_loss = false;       // starts backward; its output's gradient is known beforehand

  void (*backward_input)(Tape&, const Node&) = nullptr;   // null: no differentiable input
  void (*backward_weight)(Tape&, const Node&) = nullptr;  // null: no weight, or done by the other half
  Cost (*cost)(const Tape&, const Node&) = nullptr;       // null: not counted
  GradientExample (*example)() = nullptr;
};

}  // namespace aurora::autograd
