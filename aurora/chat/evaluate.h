// Runs a resolved tree.
#pragma once

#include "aurora/chat/ast.h"

namespace aurora::chat {

// The variables of one run of a frame.
struct Scope {
  std::shared_ptr<Scope> parent;
  Values slots;
};
using ScopePtr = std::shared_ptr<Scope>;

struct Macro : Object {
  const Callable& callable;
  ScopePtr scope;  // where it was defined
  Macro(const Callable& callable, ScopePtr scope) : callable(callable), scope(std::move(scope)) {}
  void clear() override { scope.reset(); }
};

// The variable `loop`.
struct Loop : Object, std::enable_shared_from_this<Loop> {
  Value iterable;
  Next source;
  int64_t index0 = -1;
  std::optional<int64_t> known_length;
  Value after = Value::missing(), current = Value::missing(), before = Value::missing();
  Value last_changed = Value::missing();
  int64_t depth0 = 0;
  const Statement* recursive = nullptr;  // the loop to run again, if it may be called
  ScopePtr scope;                        // around the loop

  bool advance();  // to the next item, which is then `current`
  // Looks ahead; missing at the end.
  const Value& peek();
  // Uses a generator up to count it.
  int64_t length(Runtime& runtime);
  void clear() override;
};

class Evaluator {
 public:
  // context: a dict. All three must outlive it.
  Evaluator(const Tree& tree, const Value& context, Runtime& runtime)
      : tree_(tree), context_(context), runtime_(runtime), meter_(runtime.meter) {}
  std::string run();
  // The place of the last expression or statement begun: where a Trouble came from.
  Position at() const { return at_; }

 private:
  enum class Flow : uint8_t { kNext, kBreak, kContinue };

  ScopePtr enter(const Frame& frame, const ScopePtr& parent);
  void load(const Frame& frame, Scope& scope) const;
  Value from_context(const std::string& name) const;
  static Scope& scope_of(const ScopePtr& scope, uint32_t hops);

  Flow execute(const Block& block, const ScopePtr& scope, std::string& out);
  Flow execute(const Statement& statement, const ScopePtr& scope, std::string& out);
  Flow execute_if(const Statement& statement, const ScopePtr& scope, std::string& out);
  Flow execute_for(const Statement& statement, const ScopePtr& scope, std::string& out);
  Flow execute_set_block(const Statement& statement, const ScopePtr& scope);
  Flow execute_filter_block(const Statement& statement, const ScopePtr& scope, std::string& out);
  Flow execute_with(const Statement& statement, const ScopePtr& scope, std::string& out);
  void execute_call_block(const Statement& statement, const ScopePtr& scope, std::string& out);
  Flow run_loop(Loop& loop, const Statement& statement, const ScopePtr& scope, std::string& out);
  std::shared_ptr<Loop> make_loop(const Statement& statement, Value iterable, const ScopePtr& scope);
  Next tested(const Statement& statement, Value iterable, const ScopePtr& scope);
  void append(std::string& out, const std::string& text) const;

  void assign(const Expression& target, const Value& value, const ScopePtr& scope);
  void check_namespaces(const Expression& target, const ScopePtr& scope) const;
  static Value& variable(const Expression& name, const ScopePtr& scope);

  Value evaluate(const Expression& expression, const ScopePtr& scope);
  Value evaluate_name(const Expression& expression, const ScopePtr& scope) const;
  Values evaluate_parts(const Expression& expression, const ScopePtr& scope, size_t first = 0);
  Value evaluate_dict(const Expression& expression, const ScopePtr& scope);
  Value evaluate_slice(const Expression& expression, const ScopePtr& scope);
  Value evaluate_arithmetic(const Expression& expression, const ScopePtr& scope);
  Value evaluate_compare(const Expression& expression, const ScopePtr& scope);
  Value evaluate_concatenate(const Expression& expression, const ScopePtr& scope);
  Value evaluate_junction(const Expression& expression, const ScopePtr& scope);
  Value evaluate_conditional(const Expression& expression, const ScopePtr& scope);
  // subject: null for that of the expression itself.
  Value evaluate_entry(const Expression& expression, const ScopePtr& scope, const Value* subject);
  Value evaluate_call(const Expression& expression, const ScopePtr& scope, const Value* caller);
  Arguments evaluate_arguments(const Expression& expression, const ScopePtr& scope);
  Value call(const Value& callee, Arguments arguments);
  Value call_macro(const Macro& macro, Arguments arguments);
  void bind(const Macro& macro, Arguments& arguments, Scope& scope);
  Value call_loop(Loop& loop, const Arguments& arguments);

  const Tree& tree_;
  const Value& context_;
  Runtime& runtime_;
  Meter& meter_;
  Position at_;
};

}  // namespace aurora::chat
