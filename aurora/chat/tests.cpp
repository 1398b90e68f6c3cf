// What may follow `is`.
#include "aurora/chat/operators.h"
#include "aurora/chat/python_text.h"
#include "aurora/chat/tables.h"

namespace aurora::chat {
namespace {

template <bool (*holds)(const Value&)>
Value test(Call& call) {
  return Value::boolean(holds(call.subject));
}

template <Operator op>
Value comparison(Call& call) {
  return Value::boolean(compare(op, call.subject, call.args[0], call.runtime));
}

bool has_rest(Call& call, const Value& divisor, int64_t rest) {
  const Value value = arithmetic(Operator::kModulo, call.subject, divisor, call.runtime);
  return equal(value, Value::integer(rest), call.meter);
}
Value odd(Call& call) {
  return Value::boolean(has_rest(call, Value::integer(2), 1));
}
Value even(Call& call) {
  return Value::boolean(has_rest(call, Value::integer(2), 0));
}
Value divisible_by(Call& call) {
  return Value::boolean(has_rest(call, call.args[0], 0));
}

bool is_defined(const Value& value) {
  return !value.is(Kind::kUndefined);
}
bool is_undefined(const Value& value) {
  return value.is(Kind::kUndefined);
}
bool is_none(const Value& value) {
  return value.is(Kind::kNone);
}
bool is_boolean(const Value& value) {
  return value.is(Kind::kBool);
}
bool is_exactly_true(const Value& value) {
  return value.is(Kind::kBool) && value.truth_bit();
}
bool is_exactly_false(const Value& value) {
  return value.is(Kind::kBool) && !value.truth_bit();
}
bool is_integer(const Value& value) {
  return value.is(Kind::kInt);
}
bool is_float(const Value& value) {
  return value.is(Kind::kFloat);
}
bool is_number(const Value& value) {
  return value.is_number();
}
bool is_string(const Value& value) {
  return value.is(Kind::kText);
}
bool is_mapping(const Value& value) {
  return value.is(Kind::kDict);
}
bool is_escaped(const Value& value) {
  return value.is(Kind::kText) && value.text().markup;
}

// What has a length and items.
bool is_sequence(const Value& value) {
  return value.is(Kind::kUndefined) || value.is(Kind::kText) || value.is_sequence() ||
         value.is(Kind::kDict) || value.is(Kind::kRange);
}

bool is_callable(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:  // it has a __call__, which fails
    case Kind::kMacro:
    case Kind::kFunction:
    case Kind::kMethod:
    case Kind::kLoop:
    case Kind::kJoiner:
      return true;
    default:
      return false;
  }
}

// Python's `is`. Texts and numbers that are equal count as the same.
Value same_as(Call& call) {
  const Value &left = call.subject, &right = call.args[0];
  if (left.kind() != right.kind()) return Value::boolean(false);
  if (left.kind() <= Kind::kText) return Value::boolean(equal(left, right, call.meter));
  return Value::boolean(left.address() == right.address());
}

Value has_case(Call& call, std::string_view method) {
  const Value text = Value::text(to_text(call.subject, call.meter));
  return invoke_on(*find_method(text, method), call.runtime, text, {});
}
Value is_lower(Call& call) {
  return has_case(call, "islower");
}
Value is_upper(Call& call) {
  return has_case(call, "isupper");
}

// Is it the name of an entry?
Value is_named(Call& call, const Entry* (*find)(std::string_view)) {
  hash_of(call.subject, call.meter);  // fails for what Python cannot look up
  return Value::boolean(call.subject.is(Kind::kText) && find(call.subject.bytes()) != nullptr);
}
Value is_filter(Call& call) {
  return is_named(call, find_filter);
}
Value is_test(Call& call) {
  return is_named(call, find_test);
}

constexpr Entry kTests[] = {
    {"odd", "", odd},
    {"even", "", even},
    {"divisibleby", "num", divisible_by},
    {"defined", "", test<is_defined>},
    {"undefined", "", test<is_undefined>},
    {"filter", "", is_filter},
    {"test", "", is_test},
    {"none", "", test<is_none>},
    {"boolean", "", test<is_boolean>},
    {"false", "", test<is_exactly_false>},
    {"true", "", test<is_exactly_true>},
    {"integer", "", test<is_integer>},
    {"float", "", test<is_float>},
    {"lower", "", is_lower},
    {"upper", "", is_upper},
    {"string", "", test<is_string>},
    {"mapping", "", test<is_mapping>},
    {"number", "", test<is_number>},
    {"sequence", "", test<is_sequence>},
    {"iterable", "", test<is_iterable>},
    {"callable", "/", test<is_callable>},
    {"sameas", "other", same_as},
    {"escaped", "", test<is_escaped>},
    {"in", "seq", comparison<Operator::kIn>},
    {"==", "/ b", comparison<Operator::kEqual>},
    {"eq", "/ b", comparison<Operator::kEqual>},
    {"equalto", "/ b", comparison<Operator::kEqual>},
    {"!=", "/ b", comparison<Operator::kNotEqual>},
    {"ne", "/ b", comparison<Operator::kNotEqual>},
    {">", "/ b", comparison<Operator::kGreater>},
    {"gt", "/ b", comparison<Operator::kGreater>},
    {"greaterthan", "/ b", comparison<Operator::kGreater>},
    {"ge", "/ b", comparison<Operator::kGreaterEqual>},
    {">=", "/ b", comparison<Operator::kGreaterEqual>},
    {"<", "/ b", comparison<Operator::kLess>},
    {"lt", "/ b", comparison<Operator::kLess>},
    {"lessthan", "/ b", comparison<Operator::kLess>},
    {"<=", "/ b", comparison<Operator::kLessEqual>},
    {"le", "/ b", comparison<Operator::kLessEqual>},
};

}  // namespace

const Entry* find_test(std::string_view name) {
  for (const Entry& entry : kTests) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace aurora::chat
