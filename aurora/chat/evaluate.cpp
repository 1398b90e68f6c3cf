#include "aurora/chat/evaluate.h"

#include <algorithm>

#include "aurora/chat/python_text.h"

namespace aurora::chat {

std::string Evaluator::run() {
  std::string out;
  execute(tree_.body, enter(tree_.frame, nullptr), out);
  return out;
}

ScopePtr Evaluator::enter(const Frame& frame, const ScopePtr& parent) {
  meter_.spend(1 + frame.slots / 4);
  auto scope = std::make_shared<Scope>(Scope{parent, Values(frame.slots, Value::missing())});
  load(frame, *scope);
  return scope;
}

void Evaluator::load(const Frame& frame, Scope& scope) const {
  for (const Load& load : frame.loads) {
    Value& slot = scope.slots[load.slot];
    switch (load.from) {
      case Load::From::kContext:
        slot = from_context(load.name);
        break;
      case Load::From::kOuter:
        slot = scope_of(scope.parent, load.outer.hops).slots[load.outer.slot];
        break;
      case Load::From::kNowhere:
        slot = Value::missing();
        break;
      case Load::From::kParameter:
        break;
    }
  }
}

Value Evaluator::from_context(const std::string& name) const {
  if (const Value* found = context_.dict().find(name)) return *found;
  if (const Entry* entry = find_function(name)) {
    return Value::object(Kind::kFunction, std::make_shared<Function>(*entry));
  }
  return Value::missing();
}

Scope& Evaluator::scope_of(const ScopePtr& scope, uint32_t hops) {
  Scope* found = scope.get();
  for (; hops > 0; --hops) found = found->parent.get();
  return *found;
}

Value& Evaluator::variable(const Expression& name, const ScopePtr& scope) {
  return scope_of(scope, name.reference.hops).slots[name.reference.slot];
}

void Evaluator::append(std::string& out, const std::string& text) const {
  meter_.spend_bytes(text.size());
  out += text;
  meter_.check_bytes(out.size());
}

Evaluator::Flow Evaluator::execute(const Block& block, const ScopePtr& scope, std::string& out) {
  const Nesting nesting(meter_);
  for (const auto& statement : block) {
    if (const Flow flow = execute(*statement, scope, out); flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Evaluator::Flow Evaluator::execute(const Statement& statement, const ScopePtr& scope, std::string& out) {
  meter_.spend();
  at_ = statement.at;
  switch (statement.kind) {
    case Statement::Kind::kText:
      append(out, statement.text);
      break;
    case Statement::Kind::kOutput:
      append(out, to_text(evaluate(*statement.expression, scope), meter_));
      break;
    case Statement::Kind::kIf:
      return execute_if(statement, scope, out);
    case Statement::Kind::kFor:
      return execute_for(statement, scope, out);
    case Statement::Kind::kSet:
      check_namespaces(*statement.target, scope);
      assign(*statement.target, evaluate(*statement.expression, scope), scope);
      break;
    case Statement::Kind::kSetBlock:
      return execute_set_block(statement, scope);
    case Statement::Kind::kMacro:
      variable(*statement.target, scope) =
          runtime_.keep(Kind::kMacro, std::make_shared<Macro>(*statement.callable, scope));
      break;
    case Statement::Kind::kCallBlock:
      execute_call_block(statement, scope, out);
      break;
    case Statement::Kind::kFilterBlock:
      return execute_filter_block(statement, scope, out);
    case Statement::Kind::kWith:
      return execute_with(statement, scope, out);
    case Statement::Kind::kBreak:
      return Flow::kBreak;
    case Statement::Kind::kContinue:
      return Flow::kContinue;
  }
  return Flow::kNext;
}

Evaluator::Flow Evaluator::execute_if(const Statement& statement, const ScopePtr& scope, std::string& out) {
  if (is_true(evaluate(*statement.expression, scope))) return execute(statement.body, scope, out);
  for (const auto& branch : statement.branches) {
    if (is_true(evaluate(*branch->expression, scope))) return execute(branch->body, scope, out);
  }
  return execute(statement.otherwise, scope, out);
}

Evaluator::Flow Evaluator::execute_for(const Statement& statement, const ScopePtr& scope, std::string& out) {
  const auto loop = make_loop(statement, evaluate(*statement.expression, scope), scope);
  if (!statement.recursive) return run_loop(*loop, statement, scope, out);
  std::string rendered;
  run_loop(*loop, statement, scope, rendered);
  append(out, rendered);
  return Flow::kNext;
}

std::shared_ptr<Loop> Evaluator::make_loop(const Statement& statement, Value iterable,
                                           const ScopePtr& scope) {
  auto loop = std::make_shared<Loop>();
  loop->iterable = statement.test == nullptr
                       ? std::move(iterable)
                       : runtime_.generator(tested(statement, std::move(iterable), scope));
  loop->source = iterate(runtime_, loop->iterable);
  if (statement.recursive) loop->recursive = &statement;
  loop->scope = scope;
  return loop;
}

// The items for which the loop's test holds; each is tested when the loop comes to it.
Next Evaluator::tested(const Statement& statement, Value iterable, const ScopePtr& scope) {
  return [this, &statement, source = iterate(runtime_, iterable), scope,
          inner = ScopePtr()](Value& out) mutable {
    if (inner == nullptr) inner = enter(statement.test_frame, scope);
    for (Value item; source(item);) {
      assign(*statement.test_target, item, inner);
      if (!is_true(evaluate(*statement.test, inner))) continue;
      out = evaluate(*statement.test_target, inner);
      return true;
    }
    return false;
  };
}

Evaluator::Flow Evaluator::run_loop(Loop& loop, const Statement& statement, const ScopePtr& scope,
                                    std::string& out) {
  const ScopePtr inner =
      std::make_shared<Scope>(Scope{scope, Values(statement.frame.slots, Value::missing())});
  if (statement.loop_slot != Callable::kUnused) {
    inner->slots[statement.loop_slot] = runtime_.keep(Kind::kLoop, loop.shared_from_this());
  }
  const Value loop_value =
      statement.loop_slot != Callable::kUnused ? inner->slots[statement.loop_slot] : Value();
  bool finished_one = false;
  while (loop.advance()) {
    meter_.spend(1 + statement.frame.slots / 4);
    assign(*statement.target, loop.current, inner);
    load(statement.frame, *inner);
    const Flow flow = execute(statement.body, inner, out);
    if (flow == Flow::kBreak) break;
    // As in Jinja, an iteration that `continue` ends does not keep `else` from running.
    finished_one = finished_one || flow == Flow::kNext;
    if (statement.loop_slot != Callable::kUnused) inner->slots[statement.loop_slot] = loop_value;
  }
  std::fill(inner->slots.begin(), inner->slots.end(), Value::missing());
  if (finished_one || statement.otherwise.empty()) return Flow::kNext;
  return execute(statement.otherwise, enter(statement.otherwise_frame, scope), out);
}

Evaluator::Flow Evaluator::execute_set_block(const Statement& statement, const ScopePtr& scope) {
  const ScopePtr inner = enter(statement.frame, scope);
  std::string body;
  if (const Flow flow = execute(statement.body, inner, body); flow != Flow::kNext) return flow;
  Value value = Value::text(std::move(body));
  if (statement.expression != nullptr) value = evaluate_entry(*statement.expression, inner, &value);
  check_namespaces(*statement.target, scope);
  assign(*statement.target, value, scope);
  return Flow::kNext;
}

Evaluator::Flow Evaluator::execute_filter_block(const Statement& statement, const ScopePtr& scope,
                                                std::string& out) {
  const ScopePtr inner = enter(statement.frame, scope);
  std::string body;
  if (const Flow flow = execute(statement.body, inner, body); flow != Flow::kNext) return flow;
  const Value text = Value::text(std::move(body));
  const Value filtered = evaluate_entry(*statement.expression, inner, &text);
  if (!filtered.is(Kind::kText)) fail("the filter block gives a " + type_name(filtered) + ", not a text");
  append(out, filtered.bytes());
  return Flow::kNext;
}

Evaluator::Flow Evaluator::execute_with(const Statement& statement, const ScopePtr& scope, std::string& out) {
  const ScopePtr inner = enter(statement.frame, scope);
  for (size_t i = 0; i < statement.targets.size(); ++i) {
    assign(*statement.targets[i], evaluate(*statement.values[i], scope), inner);
  }
  return execute(statement.body, inner, out);
}

void Evaluator::execute_call_block(const Statement& statement, const ScopePtr& scope, std::string& out) {
  const Value caller = runtime_.keep(Kind::kMacro, std::make_shared<Macro>(*statement.callable, scope));
  const Value result = statement.expression == nullptr ? call(caller, {})
                                                       : evaluate_call(*statement.expression, scope, &caller);
  if (!result.is(Kind::kText)) fail("the call block gives a " + type_name(result) + ", not a text");
  append(out, result.bytes());
}

void Evaluator::check_namespaces(const Expression& target, const ScopePtr& scope) const {
  if (target.kind == Expression::Kind::kNamespaceRef && !variable(target, scope).is(Kind::kNamespace)) {
    fail("cannot assign attribute on non-namespace object");
  }
  for (const ExpressionPtr& part : target.parts) check_namespaces(*part, scope);
}

void Evaluator::assign(const Expression& target, const Value& value, const ScopePtr& scope) {
  if (target.kind == Expression::Kind::kName) {
    variable(target, scope) = value;
  } else if (target.kind == Expression::Kind::kNamespaceRef) {
    if (!variable(target, scope).is(Kind::kNamespace))
      fail("cannot assign attribute on non-namespace object");
    variable(target, scope).object<Namespace>().set(target.attribute, value, meter_);
  } else {
    if (!is_iterable(value)) fail("cannot unpack non-iterable " + type_name(value) + " object");
    const Values items = to_values(runtime_, value);
    if (items.size() != target.parts.size()) {
      fail("expected " + std::to_string(target.parts.size()) + " values to unpack, got " +
           std::to_string(items.size()));
    }
    for (size_t i = 0; i < items.size(); ++i) assign(*target.parts[i], items[i], scope);
  }
}

}  // namespace aurora::chat
