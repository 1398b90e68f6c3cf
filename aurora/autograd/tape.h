// A tape holds one leaf: the values of a forward pass and the order of its operations, so that backward can
// walk it in reverse. Several tapes may be alive at once in several threads, each with its own arena.
//
// Backward comes in two halves: for inputs (which the stage before waits for) and for weights (which nobody
// waits for). backward() does both, node by node, and gives gradients back as soon as they are used up.
//
// A tape that does not record is the same forward pass without memory of it: for evaluation and inference.
#pragma once

#include <vector>

#include "aurora/autograd/op.h"

namespace aurora::autograd {

enum class Recording : bool { kOff, kOn };

class Tape {
 public:
  Tape(Exec& exec, Recording recording);
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  // A value from outside. No gradient reaches it unless wants_gradient.
  Variable input(const View& value, bool wants_gradient = false);
  View value(Variable variable) const;
  bool recording() const { return recording_ == Recording::kOn; }
  Exec& exec() const { return exec_; }

  // Marks d loss / d variable; the view must stay as it is until backward is done.
  void seed(Variable variable, const View& gradient);
  // From the seeds, or from the loss op, to all weights (added to their gradients) and inputs.
  void backward();
  // The same in two passes; gradients stay in the arena between them.
  void backward_inputs();
  void backward_weights();
  // After backward: the gradient of an input that wants one.
  View gradient(Variable variable) const;

  Cost cost() const;  // summed over the nodes recorded
  // Forgets everything, and resets the arena.
  void clear();

  // In a tape that does not record: what is allocated during the life of a Scope is forgotten at its end.
  class Scope {
   public:
    explicit Scope(Tape& tape);
    ~Scope();
    Scope(const Scope&) = delete;

   private:
    Tape& tape_;
    tensor::Arena::Mark mark_;
  };

  // --- for the op files ---------------------------------------------------------------------------------

  // Takes the op's result into the tape and, when recording, the node.
  Variable record(Node node, const Tensor& output);
  // As record, for an op that wrote its result over the storage of `overwritten`.
  Variable record_in_place(Node node, Variable overwritten);
  Tensor tensor(Variable variable) const;
  bool wants_gradient(Variable variable) const;
  // Whether backward will visit a node with these (any input or the weight wants a gradient).
  bool needs_backward(const Node& node) const;

  View output_gradient(const Node& node) const;
  // The output's gradient as storage that the op may write over: itself when nobody else holds it, else a
  // copy.
  Tensor take_output_gradient(const Node& node);
  // A contribution to an input's gradient, in storage that the tape now owns; several are summed.
  void give(Variable input, const Tensor& gradient);
  // The output's gradient is the input's gradient too; nothing is copied.
  void pass_output_gradient(const Node& node, Variable input);

 private:
  struct Value {
    Tensor tensor;
    int producer = -1;  // node
    bool wants_gradient = false;
    int gradient = -1;  // index into gradients_
  };
  struct Gradient {
    Tensor tensor;
    int holders = 0;
  };
  void run_backward(bool inputs, bool weights);
  void hold(Variable variable, int gradient);
  void release(Variable variable);

  Exec& exec_;
  Recording recording_;
  bool keep_gradients_ = false;
  std::vector<Value> values_;
  std::vector<Node> nodes_;
  std::vector<Gradient> gradients_;
};

}  // namespace aurora::autograd
