#include "aurora/chat/evaluate.h"

namespace aurora::chat {

Value Evaluator::evaluate_call(const Expression& expression, const ScopePtr& scope, const Value* caller) {
  const Value callee = evaluate(*expression.parts[0], scope);
  Arguments arguments = evaluate_arguments(expression, scope);
  at_ = expression.at;
  if (caller != nullptr) {
    for (const auto& [name, value] : arguments.named) {
      if (name == "caller") fail("keyword argument repeated: caller");
    }
    arguments.named.emplace_back("caller", *caller);
  }
  return call(callee, std::move(arguments));
}

Arguments Evaluator::evaluate_arguments(const Expression& expression, const ScopePtr& scope) {
  Arguments arguments;
  arguments.positional = evaluate_parts(expression, scope, 1);
  for (const auto& [name, value] : expression.named)
    arguments.named.emplace_back(name, evaluate(*value, scope));
  if (expression.star != nullptr) {
    for (Value& item : to_values(runtime_, evaluate(*expression.star, scope))) {
      arguments.positional.push_back(std::move(item));
    }
  }
  if (expression.double_star == nullptr) return arguments;
  const Value mapping = evaluate(*expression.double_star, scope);
  if (!mapping.is(Kind::kDict)) fail("argument after ** must be a mapping, not " + type_name(mapping));
  for (const auto& [key, value] : mapping.dict().entries()) {
    if (!key.is(Kind::kText)) fail("keywords must be strings");
    for (const auto& [name, given] : arguments.named) {
      if (name == key.bytes()) fail("got multiple values for keyword argument '" + name + "'");
    }
    meter_.spend(1 + arguments.named.size());
    arguments.named.emplace_back(key.bytes(), value);
  }
  return arguments;
}

Value Evaluator::call(const Value& callee, Arguments arguments) {
  switch (callee.kind()) {
    case Kind::kMacro:
      return call_macro(callee.object<Macro>(), std::move(arguments));
    case Kind::kFunction:
      return invoke(callee.object<Function>().entry, runtime_, {}, std::move(arguments));
    case Kind::kMethod: {
      const Method& method = callee.object<Method>();
      return invoke_on(method.entry, runtime_, method.receiver, std::move(arguments));
    }
    case Kind::kLoop:
      return call_loop(callee.object<Loop>(), arguments);
    case Kind::kJoiner: {
      if (!arguments.positional.empty() || !arguments.named.empty()) fail("a joiner takes no arguments");
      Joiner& joiner = callee.object<Joiner>();
      if (joiner.used) return joiner.separator;
      joiner.used = true;
      return Value::text("");
    }
    case Kind::kUndefined:
      fail(callee.message());
    default:
      fail("'" + type_name(callee) + "' object is not callable");
  }
}

Value Evaluator::call_macro(const Macro& macro, Arguments arguments) {
  const CallDepth depth(meter_);
  const Callable& callable = macro.callable;
  const ScopePtr scope = enter(callable.frame, macro.scope);
  bind(macro, arguments, *scope);
  for (const Parameter& parameter : callable.parameters) {
    Value& slot = scope->slots[parameter.slot];
    if (!slot.is(Kind::kMissing)) continue;
    Value value = parameter.otherwise != nullptr
                      ? evaluate(*parameter.otherwise, scope)
                      : Value::undefined("parameter '" + parameter.name + "' was not provided");
    scope->slots[parameter.slot] = std::move(value);
  }
  std::string out;
  execute(callable.body, scope, out);
  return Value::text(std::move(out));
}

// As Jinja's Macro.__call__ does it.
void Evaluator::bind(const Macro& macro, Arguments& arguments, Scope& scope) {
  const Callable& callable = macro.callable;
  const std::string name = "macro '" + callable.name + "'";
  const auto take_named = [&](const std::string& wanted) {
    for (size_t i = 0; i < arguments.named.size(); ++i) {
      if (arguments.named[i].first != wanted) continue;
      Value value = std::move(arguments.named[i].second);
      arguments.named.erase(arguments.named.begin() + static_cast<std::ptrdiff_t>(i));
      return value;
    }
    return Value::missing();
  };
  const size_t given = std::min(arguments.positional.size(), callable.parameters.size());
  for (size_t i = 0; i < callable.parameters.size(); ++i) {
    const Parameter& parameter = callable.parameters[i];
    scope.slots[parameter.slot] = i < given ? arguments.positional[i] : take_named(parameter.name);
  }
  if (callable.caller != Callable::kUnused) {
    const Value caller = take_named("caller");
    scope.slots[callable.caller] = caller.is(Kind::kMissing) ? Value::undefined("No caller defined") : caller;
  }
  if (callable.kwargs != Callable::kUnused) {
    std::vector<std::pair<Value, Value>> entries;
    for (auto& [key, value] : arguments.named) entries.emplace_back(Value::text(key), std::move(value));
    scope.slots[callable.kwargs] = Value::dict(std::move(entries), meter_);
  } else if (!arguments.named.empty()) {
    fail(name + " takes no keyword argument '" + arguments.named[0].first + "'");
  }
  Values rest(arguments.positional.begin() + static_cast<std::ptrdiff_t>(given), arguments.positional.end());
  if (callable.varargs != Callable::kUnused) {
    scope.slots[callable.varargs] = Value::tuple(std::move(rest));
  } else if (!rest.empty()) {
    fail(name + " takes not more than " + std::to_string(callable.parameters.size()) + " argument(s)");
  }
}

Value Evaluator::call_loop(Loop& loop, const Arguments& arguments) {
  if (loop.recursive == nullptr) fail("the loop must have the 'recursive' marker to be called recursively");
  if (arguments.positional.size() != 1 || !arguments.named.empty())
    fail("a recursive loop is called with what to iterate");
  const CallDepth depth(meter_);
  const ScopePtr scope = loop.scope;
  const auto inner = make_loop(*loop.recursive, arguments.positional[0], scope);
  inner->depth0 = loop.depth0 + 1;
  std::string out;
  run_loop(*inner, *loop.recursive, scope, out);
  return Value::text(std::move(out));
}

}  // namespace aurora::chat
