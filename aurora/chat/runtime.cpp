#include "aurora/chat/runtime.h"

#include "aurora/base/utf8.h"

namespace aurora::chat {
namespace {

struct Parameter {
  std::string_view name;
  bool optional = false;
};

std::vector<Parameter> parse_parameters(std::string_view spec) {
  std::vector<Parameter> parameters;
  while (!spec.empty()) {
    const size_t space = std::min(spec.find(' '), spec.size());
    std::string_view name = spec.substr(0, space);
    spec.remove_prefix(std::min(space + 1, spec.size()));
    const bool optional = name.ends_with('?');
    if (optional) name.remove_suffix(1);
    parameters.push_back({name, optional});
  }
  return parameters;
}

Values bind(const Entry& entry, Arguments arguments) {
  std::string_view spec = entry.parameters;
  const bool by_position_only = spec.starts_with('/');
  if (by_position_only) spec.remove_prefix(std::min<size_t>(2, spec.size()));
  const std::vector<Parameter> parameters = parse_parameters(spec);
  const std::string name(entry.name);
  if (arguments.positional.size() > parameters.size()) {
    fail(name + "() takes at most " + std::to_string(parameters.size()) + " arguments (" +
         std::to_string(arguments.positional.size()) + " given)");
  }
  Values bound = std::move(arguments.positional);
  bound.resize(parameters.size(), Value::missing());
  for (auto& [key, value] : arguments.named) {
    size_t at = 0;
    while (at < parameters.size() && parameters[at].name != key) ++at;
    if (by_position_only || at == parameters.size())
      fail(name + "() got an unexpected keyword argument '" + key + "'");
    if (!bound[at].is(Kind::kMissing)) fail(name + "() got multiple values for argument '" + key + "'");
    bound[at] = std::move(value);
  }
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (bound[i].is(Kind::kMissing) && !parameters[i].optional) {
      fail(name + "() missing 1 required argument: '" + std::string(parameters[i].name) + "'");
    }
  }
  return bound;
}

// What reading or making a text may have cost. Who goes through items pays for them there.
void spend_size(Meter& meter, const Value& value) {
  if (value.is(Kind::kText)) meter.spend_bytes(value.bytes().size());
}

Next iterate_text(Meter& meter, const Value& value) {
  return [&meter, value, at = size_t{0}](Value& out) mutable {
    const std::string& bytes = value.bytes();
    if (at == bytes.size()) return false;
    meter.spend();
    const uint32_t size = decode_utf8(bytes, at).bytes;
    out = Value::text(bytes.substr(at, size));
    at += size;
    return true;
  };
}

Next iterate_entries(Meter& meter, const Value& dict, View::Part part) {
  return [&meter, dict, part, at = size_t{0}](Value& out) mutable {
    const auto& entries = dict.dict().entries();
    if (at == entries.size()) return false;
    meter.spend();
    const auto& [key, value] = entries[at++];
    out = part == View::Part::kKeys ? key : part == View::Part::kValues ? value : Value::tuple({key, value});
    return true;
  };
}

}  // namespace

Range::Range(int64_t start, int64_t stop, int64_t step) : start(start), stop(stop), step(step) {
  // In 128 bits, in which no difference overflows.
  const __int128 span = step > 0 ? __int128{stop} - start : __int128{start} - stop;
  const __int128 stride = step > 0 ? __int128{step} : -__int128{step};
  const __int128 count = span > 0 ? (span + stride - 1) / stride : 0;
  length = count > INT64_MAX ? INT64_MAX : static_cast<int64_t>(count);
}

Value invoke(const Entry& entry, Runtime& runtime, Value subject, Arguments arguments) {
  const Nesting nesting(runtime.meter);
  runtime.meter.spend();
  if (entry.run == nullptr)
    fail("'" + std::string(entry.name) + "' is not in the subset of Jinja that is known here");
  Call call{runtime, runtime.meter, std::move(subject), {}, {}};
  if (entry.parameters == "*") {
    call.rest = std::move(arguments);
  } else {
    call.args = bind(entry, std::move(arguments));
  }
  Value result = entry.run(call);
  spend_size(runtime.meter, result);
  return result;
}

Value invoke_on(const Entry& entry, Runtime& runtime, Value subject, Arguments arguments) {
  spend_size(runtime.meter, subject);
  return invoke(entry, runtime, std::move(subject), std::move(arguments));
}

Next iterate(Runtime& runtime, const Value& value) {
  Meter& meter = runtime.meter;
  switch (value.kind()) {
    case Kind::kUndefined:
      return [](Value&) { return false; };
    case Kind::kText:
      return iterate_text(meter, value);
    case Kind::kList:
    case Kind::kTuple:
      return [&meter, value, at = size_t{0}](Value& out) mutable {
        if (at == value.items().size()) return false;
        meter.spend();
        out = value.items()[at++];
        return true;
      };
    case Kind::kDict:
      return iterate_entries(meter, value, View::Part::kKeys);
    case Kind::kView:
      return iterate_entries(meter, value.object<View>().dict, value.object<View>().part);
    case Kind::kRange:
      return [&meter, value, at = int64_t{0}](Value& out) mutable {
        const Range& range = value.object<Range>();
        if (at == range.length) return false;
        meter.spend();
        out = Value::integer(range.at(at++));
        return true;
      };
    case Kind::kGenerator:
      return [&meter, value](Value& out) {
        const Nesting nesting(meter);
        const Next& next = value.object<Generator>().next;
        return next && next(out);
      };
    default:
      fail("'" + type_name(value) + "' object is not iterable");
  }
}

bool is_iterable(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
    case Kind::kText:
    case Kind::kList:
    case Kind::kTuple:
    case Kind::kDict:
    case Kind::kRange:
    case Kind::kView:
    case Kind::kGenerator:
    case Kind::kLoop:
      return true;
    default:
      return false;
  }
}

Values to_values(Runtime& runtime, const Value& value) {
  if (value.is_sequence()) {
    runtime.meter.spend(value.items().size());
    return value.items();
  }
  Values items;
  const Next next = iterate(runtime, value);
  for (Value item; next(item);) {
    runtime.meter.spend();
    items.push_back(item);
  }
  return items;
}

std::optional<int64_t> length_of(const Value& value) {
  switch (value.kind()) {
    case Kind::kUndefined:
      return 0;
    case Kind::kText:
      return value.text().length;
    case Kind::kList:
    case Kind::kTuple:
      return static_cast<int64_t>(value.items().size());
    case Kind::kDict:
      return static_cast<int64_t>(value.dict().entries().size());
    case Kind::kRange:
      return value.object<Range>().length;
    case Kind::kView:
      return length_of(value.object<View>().dict);
    default:
      return std::nullopt;
  }
}

int64_t to_index(const Value& value) {
  if (!value.is_integral()) fail("'" + type_name(value) + "' object cannot be interpreted as an integer");
  return value.whole();
}

}  // namespace aurora::chat
