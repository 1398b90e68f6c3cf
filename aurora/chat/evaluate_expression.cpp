#include "aurora/chat/evaluate.h"
#include "aurora/chat/operators.h"
#include "aurora/chat/python_text.h"

namespace aurora::chat {

Value Evaluator::evaluate(const Expression& expression, const ScopePtr& scope) {
  const Nesting nesting(meter_);
  meter_.spend();
  at_ = expression.at;
  const auto part = [&](size_t i) { return evaluate(*expression.parts[i], scope); };
  switch (expression.kind) {
    case Expression::Kind::kConstant:
      return expression.constant;
    case Expression::Kind::kName:
      return evaluate_name(expression, scope);
    case Expression::Kind::kNamespaceRef:
      fail("a target is no value");  // the parser makes none as a value
    case Expression::Kind::kList:
      return Value::list(evaluate_parts(expression, scope));
    case Expression::Kind::kTuple:
      return Value::tuple(evaluate_parts(expression, scope));
    case Expression::Kind::kDict:
      return evaluate_dict(expression, scope);
    case Expression::Kind::kAttribute: {
      const Value value = part(0);
      at_ = expression.at;
      return get_attribute(runtime_, value, expression.name);
    }
    case Expression::Kind::kItem: {
      const Value value = part(0), key = part(1);
      at_ = expression.at;
      return get_item(runtime_, value, key);
    }
    case Expression::Kind::kSlice:
      return evaluate_slice(expression, scope);
    case Expression::Kind::kCall:
      return evaluate_call(expression, scope, nullptr);
    case Expression::Kind::kFilter:
    case Expression::Kind::kTest:
      return evaluate_entry(expression, scope, nullptr);
    case Expression::Kind::kNot:
      return Value::boolean(!is_true(part(0)));
    case Expression::Kind::kNegative:
      return negative(part(0));
    case Expression::Kind::kPositive:
      return positive(part(0));
    case Expression::Kind::kArithmetic:
      return evaluate_arithmetic(expression, scope);
    case Expression::Kind::kCompare:
      return evaluate_compare(expression, scope);
    case Expression::Kind::kConcatenate:
      return evaluate_concatenate(expression, scope);
    case Expression::Kind::kAnd:
    case Expression::Kind::kOr:
      return evaluate_junction(expression, scope);
    case Expression::Kind::kConditional:
      return evaluate_conditional(expression, scope);
  }
  return {};
}

Value Evaluator::evaluate_name(const Expression& expression, const ScopePtr& scope) const {
  const Value& value = variable(expression, scope);
  if (value.is(Kind::kMissing)) return Value::undefined("'" + expression.name + "' is undefined");
  return value;
}

Values Evaluator::evaluate_parts(const Expression& expression, const ScopePtr& scope, size_t first) {
  Values values;
  for (size_t i = first; i < expression.parts.size(); ++i)
    values.push_back(evaluate(*expression.parts[i], scope));
  return values;
}

Value Evaluator::evaluate_dict(const Expression& expression, const ScopePtr& scope) {
  std::vector<std::pair<Value, Value>> entries;
  for (size_t i = 0; i < expression.parts.size(); i += 2) {
    Value key = evaluate(*expression.parts[i], scope);
    entries.emplace_back(std::move(key), evaluate(*expression.parts[i + 1], scope));
  }
  return Value::dict(std::move(entries), meter_);
}

Value Evaluator::evaluate_slice(const Expression& expression, const ScopePtr& scope) {
  const Value value = evaluate(*expression.parts[0], scope);
  Value bounds[3] = {Value::missing(), Value::missing(), Value::missing()};
  for (size_t i = 0; i < 3; ++i) {
    if (expression.parts[i + 1] != nullptr) bounds[i] = evaluate(*expression.parts[i + 1], scope);
  }
  at_ = expression.at;
  return slice(value, bounds[0], bounds[1], bounds[2], meter_);
}

Value Evaluator::evaluate_arithmetic(const Expression& expression, const ScopePtr& scope) {
  Value value = evaluate(*expression.parts[0], scope);
  for (size_t i = 0; i < expression.operators.size(); ++i) {
    const Value right = evaluate(*expression.parts[i + 1], scope);
    at_ = expression.at;
    value = arithmetic(expression.operators[i], value, right, runtime_);
  }
  return value;
}

Value Evaluator::evaluate_compare(const Expression& expression, const ScopePtr& scope) {
  Value left = evaluate(*expression.parts[0], scope);
  for (size_t i = 0; i < expression.operators.size(); ++i) {
    Value right = evaluate(*expression.parts[i + 1], scope);
    at_ = expression.at;
    if (!compare(expression.operators[i], left, right, runtime_)) return Value::boolean(false);
    left = std::move(right);
  }
  return Value::boolean(true);
}

Value Evaluator::evaluate_concatenate(const Expression& expression, const ScopePtr& scope) {
  Values values = evaluate_parts(expression, scope);
  std::string joined;
  for (const Value& value : values) {
    joined += to_text(value, meter_);
    meter_.check_bytes(joined.size());
  }
  return Value::text(std::move(joined));
}

Value Evaluator::evaluate_junction(const Expression& expression, const ScopePtr& scope) {
  const bool decides = expression.kind == Expression::Kind::kOr;
  Value value;
  for (const ExpressionPtr& part : expression.parts) {
    value = evaluate(*part, scope);
    if (is_true(value) == decides) break;
  }
  return value;
}

Value Evaluator::evaluate_conditional(const Expression& expression, const ScopePtr& scope) {
  if (is_true(evaluate(*expression.parts[1], scope))) return evaluate(*expression.parts[0], scope);
  if (expression.parts[2] != nullptr) return evaluate(*expression.parts[2], scope);
  return Value::undefined("the inline if-expression on line " + std::to_string(expression.at.line) +
                          " evaluated to false and no else section was defined.");
}

Value Evaluator::evaluate_entry(const Expression& expression, const ScopePtr& scope, const Value* subject) {
  const bool is_filter = expression.kind == Expression::Kind::kFilter;
  Value value;
  if (expression.parts[0] != nullptr &&
      !(expression.parts[0]->kind == Expression::Kind::kFilter && subject != nullptr)) {
    value = evaluate(*expression.parts[0], scope);
  } else if (expression.parts[0] != nullptr) {
    value = evaluate_entry(*expression.parts[0], scope, subject);  // the filter before it in a block's chain
  } else {
    value = *subject;
  }
  Arguments arguments = evaluate_arguments(expression, scope);
  at_ = expression.at;
  if (expression.entry == nullptr) {
    fail(std::string("there is no ") + (is_filter ? "filter" : "test") + " named '" + expression.name + "'");
  }
  const auto run = is_filter ? invoke_on : invoke;
  return run(*expression.entry, runtime_, std::move(value), std::move(arguments));
}

}  // namespace aurora::chat
