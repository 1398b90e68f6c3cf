#include "aurora/chat/operators.h"

#include <algorithm>
#include <cmath>

#include "aurora/base/utf8.h"
#include "aurora/chat/find.h"
#include "aurora/chat/python_format.h"
#include "aurora/chat/python_text.h"

namespace aurora::chat {
namespace {

[[noreturn]] void fail_operands(const char* sign, const Value& left, const Value& right) {
  for (const Value* side : {&left, &right}) {
    if (side->is(Kind::kUndefined)) fail(side->message());
  }
  fail(std::string("unsupported operand type(s) for ") + sign + ": '" + type_name(left) + "' and '" +
       type_name(right) + "'");
}

[[noreturn]] void fail_large() {
  fail("the integer does not fit 64 bits");
}

int64_t floor_divide(int64_t left, int64_t right) {
  if (right == 0) fail("integer division or modulo by zero");
  if (right == -1) {
    if (left == INT64_MIN) fail_large();
    return -left;
  }
  const int64_t quotient = left / right;
  return left % right != 0 && (left < 0) != (right < 0) ? quotient - 1 : quotient;
}

int64_t modulo(int64_t left, int64_t right) {
  if (right == 0) fail("integer modulo by zero");
  if (right == -1) return 0;
  const int64_t rest = left % right;
  return rest != 0 && (rest < 0) != (right < 0) ? rest + right : rest;
}

double modulo(double left, double right) {
  if (right == 0) fail("float modulo");
  double rest = std::fmod(left, right);
  if (rest == 0) return std::copysign(0.0, right);
  return (rest < 0) != (right < 0) ? rest + right : rest;
}

double floor_divide(double left, double right) {
  if (right == 0) fail("float floor division by zero");
  // As CPython: from the remainder, so that it is exact.
  const double rest = std::fmod(left, right);
  double quotient = (left - rest) / right;
  if (rest != 0 && (right < 0) != (rest < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0, left / right);
  const double floored = std::floor(quotient);
  return quotient - floored > 0.5 ? floored + 1 : floored;
}

int64_t power(int64_t base, int64_t exponent) {
  int64_t result = 1;
  while (exponent > 0) {
    if ((exponent & 1) && __builtin_mul_overflow(result, base, &result)) fail_large();
    exponent >>= 1;
    if (exponent > 0 && __builtin_mul_overflow(base, base, &base)) fail_large();
  }
  return result;
}

Value power(const Value& left, const Value& right) {
  if (left.is_integral() && right.is_integral() && right.whole() >= 0) {
    if (left.whole() == 0 || left.whole() == 1) return Value::integer(right.whole() == 0 ? 1 : left.whole());
    if (left.whole() == -1) return Value::integer(right.whole() % 2 == 0 ? 1 : -1);
    return Value::integer(power(left.whole(), right.whole()));
  }
  const double base = left.number(), exponent = right.number();
  if (base == 0 && exponent < 0) fail("0.0 cannot be raised to a negative power");
  if (base < 0 && std::isfinite(base) && std::isfinite(exponent) && exponent != std::floor(exponent)) {
    fail("a complex number is not in the subset of Jinja that is known here");
  }
  const double result = std::pow(base, exponent);
  if (std::isinf(result) && std::isfinite(base) && std::isfinite(exponent)) fail("the float is too large");
  return Value::real(result);
}

Value integer_arithmetic(Operator op, int64_t left, int64_t right) {
  int64_t result = 0;
  switch (op) {
    case Operator::kAdd:
      if (__builtin_add_overflow(left, right, &result)) fail_large();
      return Value::integer(result);
    case Operator::kSubtract:
      if (__builtin_sub_overflow(left, right, &result)) fail_large();
      return Value::integer(result);
    case Operator::kMultiply:
      if (__builtin_mul_overflow(left, right, &result)) fail_large();
      return Value::integer(result);
    case Operator::kFloorDivide:
      return Value::integer(floor_divide(left, right));
    case Operator::kModulo:
      return Value::integer(modulo(left, right));
    default:  // kDivide; kPower has its own
      if (right == 0) fail("division by zero");
      return Value::real(
          static_cast<double>(static_cast<long double>(left) / static_cast<long double>(right)));
  }
}

Value number_arithmetic(Operator op, const Value& left, const Value& right) {
  if (op == Operator::kPower) return power(left, right);
  if (left.is_integral() && right.is_integral()) return integer_arithmetic(op, left.whole(), right.whole());
  const double a = left.number(), b = right.number();
  switch (op) {
    case Operator::kAdd:
      return Value::real(a + b);
    case Operator::kSubtract:
      return Value::real(a - b);
    case Operator::kMultiply:
      return Value::real(a * b);
    case Operator::kFloorDivide:
      return Value::real(floor_divide(a, b));
    case Operator::kModulo:
      return Value::real(modulo(a, b));
    default:
      if (b == 0) fail("float division by zero");
      return Value::real(a / b);
  }
}

Value repeat(const Value& value, int64_t times, Meter& meter) {
  const auto count = static_cast<uint64_t>(std::max<int64_t>(times, 0));
  if (value.is(Kind::kText)) {
    meter.spend_product(value.bytes().size(), count);
    std::string out;
    out.reserve(value.bytes().size() * count);
    for (uint64_t i = 0; i < count && !value.bytes().empty(); ++i) out += value.bytes();
    return Value::text(std::move(out), value.text().markup);
  }
  const Values& items = value.items();
  meter.spend_product(items.size() * sizeof(Value), count);
  Values out;
  for (uint64_t i = 0; i < count && !items.empty(); ++i) out.insert(out.end(), items.begin(), items.end());
  return value.is(Kind::kList) ? Value::list(std::move(out)) : Value::tuple(std::move(out));
}

Value add_sequences(const Value& left, const Value& right, Meter& meter) {
  meter.spend(left.items().size() + right.items().size());
  Values items = left.items();
  items.insert(items.end(), right.items().begin(), right.items().end());
  return left.is(Kind::kList) ? Value::list(std::move(items)) : Value::tuple(std::move(items));
}

bool is_repeatable(const Value& value) {
  return value.is(Kind::kText) || value.is_sequence();
}

bool range_contains(const Range& range, const Value& item) {
  double number = item.number();
  if (range.length == 0 || number != std::floor(number) || std::abs(number) >= 0x1p63) return false;
  const int64_t whole = item.is_integral() ? item.whole() : static_cast<int64_t>(number);
  const int64_t last = range.at(range.length - 1);
  if (whole < std::min(range.start, last) || whole > std::max(range.start, last)) return false;
  return (__int128{whole} - range.start) % range.step == 0;
}

bool contains(const Value& container, const Value& item, Runtime& runtime) {
  switch (container.kind()) {
    case Kind::kText:
      if (!item.is(Kind::kText)) {
        fail("'in <string>' requires string as left operand, not " + type_name(item));
      }
      runtime.meter.spend_bytes(container.bytes().size());
      return find_bytes(container.bytes(), item.bytes(), 0) != std::string::npos;
    case Kind::kDict:
      return container.dict().find(item, runtime.meter) != nullptr;
    case Kind::kView:
      if (container.object<View>().part == View::Part::kKeys) {
        return container.object<View>().dict.dict().find(item, runtime.meter) != nullptr;
      }
      break;
    case Kind::kRange:
      if (item.is_number()) return range_contains(container.object<Range>(), item);
      return false;
    default:
      break;
  }
  if (!is_iterable(container)) fail("argument of type '" + type_name(container) + "' is not iterable");
  const Next next = iterate(runtime, container);
  for (Value other; next(other);) {
    if (equal(other, item, runtime.meter)) return true;
  }
  return false;
}

struct Bounds {
  int64_t start, stop, step;
};

// The bounds of a slice as Python clips them.
Bounds clip(const Value& start, const Value& stop, const Value& step, int64_t length) {
  const auto given = [](const Value& value) { return !value.is(Kind::kMissing) && !value.is(Kind::kNone); };
  const auto whole = [](const Value& value) {
    if (!value.is_integral()) fail("slice indices must be integers or None");
    return value.whole();
  };
  Bounds bounds{0, 0, given(step) ? whole(step) : 1};
  if (bounds.step == 0) fail("slice step cannot be zero");
  bounds.step = std::max(bounds.step, -INT64_MAX);
  const bool backward = bounds.step < 0;
  const int64_t lowest = backward ? -1 : 0, highest = backward ? length - 1 : length;
  const auto clipped = [&](const Value& value, int64_t otherwise) {
    if (!given(value)) return otherwise;
    int64_t index = whole(value);
    if (index < 0) index += length;
    return std::clamp(index, lowest, highest);
  };
  bounds.start = clipped(start, backward ? highest : lowest);
  bounds.stop = clipped(stop, backward ? lowest : highest);
  return bounds;
}

Value slice_text(const Value& value, const Bounds& bounds, Meter& meter) {
  const Text& text = value.text();
  meter.spend_bytes(text.bytes.size());
  if (bounds.step == 1) {
    return Value::text(std::string(characters(text, bounds.start, std::max(bounds.start, bounds.stop))),
                       text.markup);
  }
  std::string out;
  const Range range(bounds.start, bounds.stop, bounds.step);
  if (text.is_ascii()) {
    for (int64_t i = 0; i < range.length; ++i) out += text.bytes[static_cast<size_t>(range.at(i))];
    return Value::text(std::move(out), text.markup);
  }
  std::vector<size_t> starts;
  for (size_t at = 0; at < text.bytes.size(); at += decode_utf8(text.bytes, at).bytes) starts.push_back(at);
  starts.push_back(text.bytes.size());
  for (int64_t i = 0; i < range.length; ++i) {
    const auto at = static_cast<size_t>(range.at(i));
    out.append(text.bytes, starts[at], starts[at + 1] - starts[at]);
  }
  return Value::text(std::move(out), text.markup);
}

}  // namespace

std::string_view characters(const Text& text, int64_t begin, int64_t end) {
  std::string_view bytes = text.bytes;
  if (text.is_ascii()) return bytes.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin));
  size_t first = 0;
  int64_t count = 0;
  for (; count < begin; ++count) first += decode_utf8(bytes, first).bytes;
  size_t last = first;
  for (; count < end; ++count) last += decode_utf8(bytes, last).bytes;
  return bytes.substr(first, last - first);
}

Value add_texts(const Value& left, const Value& right, Meter& meter) {
  const bool markup = left.text().markup || right.text().markup;
  const Value a = markup ? escaped(left, meter) : left, b = markup ? escaped(right, meter) : right;
  meter.spend_bytes(a.bytes().size() + b.bytes().size());
  return Value::text(a.bytes() + b.bytes(), markup);
}

Value arithmetic(Operator op, const Value& left, const Value& right, Runtime& runtime) {
  Meter& meter = runtime.meter;
  if (left.is_number() && right.is_number()) return number_arithmetic(op, left, right);
  if (op == Operator::kAdd) {
    if (left.is(Kind::kText) && right.is(Kind::kText)) return add_texts(left, right, meter);
    if (left.is_sequence() && left.kind() == right.kind()) return add_sequences(left, right, meter);
  } else if (op == Operator::kMultiply) {
    if (is_repeatable(left) && right.is_integral()) return repeat(left, right.whole(), meter);
    if (left.is_integral() && is_repeatable(right)) return repeat(right, left.whole(), meter);
  } else if (op == Operator::kModulo && left.is(Kind::kText)) {
    return percent_format(left, right, runtime);
  }
  static constexpr const char* kSigns[] = {"+", "-", "*", "/", "//", "%", "** or pow()"};
  fail_operands(kSigns[static_cast<size_t>(op)], left, right);
}

bool compare(Operator op, const Value& left, const Value& right, Runtime& runtime) {
  Meter& meter = runtime.meter;
  switch (op) {
    case Operator::kEqual:
      return equal(left, right, meter);
    case Operator::kNotEqual:
      return !equal(left, right, meter);
    case Operator::kIn:
      return contains(right, left, runtime);
    case Operator::kNotIn:
      return !contains(right, left, runtime);
    default:
      break;
  }
  if (left.is(Kind::kUndefined)) fail(left.message());
  const bool swaps = op == Operator::kGreater || op == Operator::kGreaterEqual;
  const Value &a = swaps ? right : left, &b = swaps ? left : right;
  if (less(a, b, meter)) return true;
  if (op == Operator::kLess || op == Operator::kGreater) return false;
  return equal(a, b, meter);
}

Value negative(const Value& value) {
  if (value.is(Kind::kFloat)) return Value::real(-value.real());
  if (value.is(Kind::kUndefined)) fail(value.message());
  if (!value.is_integral()) fail("bad operand type for unary -: '" + type_name(value) + "'");
  if (value.whole() == INT64_MIN) fail_large();
  return Value::integer(-value.whole());
}

Value positive(const Value& value) {
  if (value.is(Kind::kFloat)) return value;
  if (value.is(Kind::kUndefined)) fail(value.message());
  if (!value.is_integral()) fail("bad operand type for unary +: '" + type_name(value) + "'");
  return Value::integer(value.whole());
}

Value slice(const Value& value, const Value& start, const Value& stop, const Value& step, Meter& meter) {
  if (value.is(Kind::kUndefined)) fail(value.message());
  const bool is_range = value.is(Kind::kRange);
  if (!value.is(Kind::kText) && !value.is_sequence() && !is_range)
    fail("'" + type_name(value) + "' object cannot be sliced");
  const Bounds bounds = clip(start, stop, step, *length_of(value));
  if (value.is(Kind::kText)) return slice_text(value, bounds, meter);
  const Range places(bounds.start, bounds.stop, bounds.step);
  if (is_range) {
    const Range& range = value.object<Range>();
    const auto at = [&](int64_t index) {
      return integer_arithmetic(Operator::kAdd, range.start,
                                integer_arithmetic(Operator::kMultiply, index, range.step).whole())
          .whole();
    };
    return Value::object(
        Kind::kRange,
        std::make_shared<Range>(at(bounds.start), at(bounds.stop),
                                integer_arithmetic(Operator::kMultiply, range.step, bounds.step).whole()));
  }
  meter.spend(static_cast<uint64_t>(places.length));
  Values out;
  for (int64_t i = 0; i < places.length; ++i) out.push_back(value.items()[static_cast<size_t>(places.at(i))]);
  return value.is(Kind::kList) ? Value::list(std::move(out)) : Value::tuple(std::move(out));
}

}  // namespace aurora::chat
