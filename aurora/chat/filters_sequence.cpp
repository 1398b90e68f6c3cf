// Filters that take or make sequences and mappings.
#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "aurora/base/utf8.h"
#include "aurora/chat/character.h"
#include "aurora/chat/evaluate.h"
#include "aurora/chat/operators.h"
#include "aurora/chat/python_text.h"
#include "aurora/chat/tables.h"

namespace aurora::chat {
namespace {

bool given(const Call& call, size_t i) {
  return call.has(i) && !call.args[i].is(Kind::kNone);
}

Value without_case(const Value& value, Meter& meter) {
  if (!value.is(Kind::kText)) return value;
  meter.spend_bytes(value.bytes().size());
  return Value::text(to_lower(value.bytes()));
}

Value length(Call& call) {
  if (call.subject.is(Kind::kLoop)) return Value::integer(call.subject.object<Loop>().length(call.runtime));
  const std::optional<int64_t> length = length_of(call.subject);
  if (!length) fail("object of type '" + type_name(call.subject) + "' has no len()");
  return Value::integer(*length);
}

Value first(Call& call) {
  const Next next = iterate(call.runtime, call.subject);
  Value item;
  return next(item) ? item : Value::undefined("No first item, sequence was empty.");
}

Value last(Call& call) {
  const Value& subject = call.subject;
  if (!length_of(subject)) fail("'" + type_name(subject) + "' object is not reversible");
  if (*length_of(subject) == 0) return Value::undefined("No last item, sequence was empty.");
  if (!subject.is(Kind::kText)) return to_values(call.runtime, subject).back();
  const int64_t length = subject.text().length;
  return Value::text(std::string(characters(subject.text(), length - 1, length)), subject.text().markup);
}

Value list(Call& call) {
  return Value::list(to_values(call.runtime, call.subject));
}

// Makes an iterator from a function that is asked for all items at the first one.
Value later(Runtime& runtime, std::function<Values()> make) {
  return runtime.generator(
      [make = std::move(make), items = Values(), at = size_t{0}, made = false](Value& out) mutable {
        if (!made) {
          items = make();
          made = true;
        }
        if (at == items.size()) return false;
        out = items[at++];
        return true;
      });
}

Value reverse(Call& call) {
  const Value& subject = call.subject;
  if (subject.is(Kind::kText))
    return slice(subject, Value::missing(), Value::missing(), Value::integer(-1), call.meter);
  if (!is_iterable(subject)) fail("argument must be iterable");
  if (subject.is(Kind::kGenerator)) {
    Values items = to_values(call.runtime, subject);
    std::reverse(items.begin(), items.end());
    return Value::list(std::move(items));
  }
  return later(call.runtime, [&runtime = call.runtime, subject] {
    Values items = to_values(runtime, subject);
    std::reverse(items.begin(), items.end());
    return items;
  });
}

Value join(Call& call) {
  const std::string separator = call.has(0) ? to_text(call.args[0], call.meter) : "";
  const Value path = given(call, 1) ? call.args[1] : Value::missing();
  const Getter get = attribute_getter(call.runtime, path, Value::missing(), false);
  std::string out;
  bool is_first = true;
  const Next next = iterate(call.runtime, call.subject);
  for (Value item; next(item);) {
    if (!is_first) out += separator;
    is_first = false;
    out += to_text(get(item), call.meter);
    call.meter.spend_bytes(separator.size());
    call.meter.check_bytes(out.size());
  }
  return Value::text(std::move(out));
}

Value items(Call& call) {
  return later(call.runtime, [&runtime = call.runtime, subject = call.subject]() -> Values {
    if (subject.is(Kind::kUndefined)) return {};
    if (!subject.is(Kind::kDict)) fail("can only get item pairs from a mapping");
    return to_values(runtime,
                     Value::object(Kind::kView, std::make_shared<View>(subject, View::Part::kItems)));
  });
}

Value dict_sort(Call& call) {
  if (!call.subject.is(Kind::kDict)) {
    fail(call.subject.is(Kind::kUndefined) ? call.subject.message() : "dictsort takes a mapping");
  }
  const std::string by = call.has(1) ? to_text(call.args[1], call.meter) : "key";
  if (by != "key" && by != "value") fail("you can only sort by either \"key\" or \"value\"");
  const bool case_sensitive = call.flag(0);
  call.meter.spend(call.subject.dict().entries().size());
  Values pairs;
  for (const auto& [key, value] : call.subject.dict().entries()) pairs.push_back(Value::tuple({key, value}));
  const Getter get = [&](const Value& pair) {
    const Value& key = pair.items()[by == "key" ? 0 : 1];
    return case_sensitive ? key : without_case(key, call.meter);
  };
  return sorted(call.runtime, std::move(pairs), get, call.flag(2));
}

// Several paths with commas between them: a list of what is found, to sort by.
Getter multiple_getter(Runtime& runtime, const Value& path, bool ignore_case) {
  std::vector<Getter> getters;
  std::string_view rest = path.is(Kind::kText) ? std::string_view(path.bytes()) : std::string_view();
  size_t comma = 0;
  while (path.is(Kind::kText) && (comma = rest.find(',')) != std::string_view::npos) {
    getters.push_back(attribute_getter(runtime, Value::text(std::string(rest.substr(0, comma))),
                                       Value::missing(), ignore_case));
    rest.remove_prefix(comma + 1);
  }
  const Value last_path = path.is(Kind::kText) ? Value::text(std::string(rest)) : path;
  getters.push_back(attribute_getter(runtime, last_path, Value::missing(), ignore_case));
  return [getters = std::move(getters)](const Value& item) {
    Values keys;
    for (const Getter& getter : getters) keys.push_back(getter(item));
    return Value::list(std::move(keys));
  };
}

Value sort(Call& call) {
  const Value path = given(call, 2) ? call.args[2] : Value::missing();
  const Getter get = multiple_getter(call.runtime, path, !call.flag(1));
  return sorted(call.runtime, to_values(call.runtime, call.subject), get, call.flag(0));
}

Value unique(Call& call) {
  const Value path = given(call, 1) ? call.args[1] : Value::missing();
  const Getter get = attribute_getter(call.runtime, path, Value::missing(), !call.flag(0));
  using Seen = std::unordered_multimap<size_t, Value>;
  return call.runtime.generator([&runtime = call.runtime, subject = call.subject, get, source = Next(),
                                 seen = Seen()](Value& out) mutable {
    if (source == nullptr) source = iterate(runtime, subject);
    for (Value item; source(item);) {
      const Value key = get(item);
      const size_t hash = hash_of(key, runtime.meter);
      const auto [begin, end] = seen.equal_range(hash);
      if (std::any_of(begin, end, [&](const auto& other) { return equal(other.second, key, runtime.meter); }))
        continue;
      seen.emplace(hash, key);
      out = item;
      return true;
    }
    return false;
  });
}

Value extreme(Call& call, bool greatest) {
  const Value path = given(call, 1) ? call.args[1] : Value::missing();
  const Getter get = attribute_getter(call.runtime, path, Value::missing(), !call.flag(0));
  const Next next = iterate(call.runtime, call.subject);
  Value best;
  if (!next(best)) return Value::undefined("No aggregated item, sequence was empty.");
  Value best_key = get(best);
  for (Value item; next(item);) {
    const Value key = get(item);
    if (!(greatest ? less(best_key, key, call.meter) : less(key, best_key, call.meter))) continue;
    best = item;
    best_key = key;
  }
  return best;
}
Value min(Call& call) {
  return extreme(call, false);
}
Value max(Call& call) {
  return extreme(call, true);
}

Value group_by(Call& call) {
  const Value otherwise = given(call, 1) ? call.args[1] : Value::missing();
  const bool case_sensitive = call.flag(2);
  const Getter key_of = attribute_getter(call.runtime, call.args[0], otherwise, !case_sensitive);
  const Getter shown = attribute_getter(call.runtime, call.args[0], otherwise, false);
  const Value ordered = sorted(call.runtime, to_values(call.runtime, call.subject), key_of, false);
  Values groups, members;
  Value key;
  const auto close = [&] {
    if (members.empty()) return;
    const Value name = case_sensitive ? key : shown(members[0]);
    groups.push_back(Value::tuple({name, Value::list(std::move(members))}, true));
    members.clear();
  };
  for (const Value& item : ordered.items()) {
    const Value next_key = key_of(item);
    if (members.empty() || !equal(next_key, key, call.meter)) {
      close();
      key = next_key;
    }
    members.push_back(item);
  }
  close();
  return Value::list(std::move(groups));
}

Value batch(Call& call) {
  struct State {
    Value subject, size, fill;
    bool fills = false;
    Next source = {};
    Values items = {};
    bool ended = false;
  };
  const State start{call.subject, call.args[0], call.arg(1, Value::none()), given(call, 1)};
  return call.runtime.generator([&runtime = call.runtime, state = start](Value& out) mutable {
    if (state.source == nullptr) state.source = iterate(runtime, state.subject);
    for (Value item; !state.ended && state.source(item);) {
      Values full;
      if (equal(Value::integer(static_cast<int64_t>(state.items.size())), state.size, runtime.meter))
        full.swap(state.items);
      const bool gives = !full.empty() || equal(state.size, Value::integer(0), runtime.meter);
      state.items.push_back(item);
      if (!gives) continue;
      out = Value::list(std::move(full));
      return true;
    }
    state.ended = true;
    if (state.items.empty()) return false;
    if (state.fills &&
        less(Value::integer(static_cast<int64_t>(state.items.size())), state.size, runtime.meter)) {
      const auto size = static_cast<uint64_t>(to_index(state.size));
      runtime.meter.spend_product(sizeof(Value), size);
      state.items.resize(size, state.fill);
    }
    out = Value::list(std::move(state.items));
    state.items.clear();
    return true;
  });
}

Value slice_filter(Call& call) {
  return later(call.runtime,
               [&runtime = call.runtime, subject = call.subject, slices = to_index(call.args[0]),
                fills = given(call, 1), fill = call.arg(1, Value::none())] {
                 const Values all = to_values(runtime, subject);
                 if (slices == 0) fail("integer division or modulo by zero");
                 Values out;
                 if (slices < 0) return out;
                 runtime.meter.spend_product(sizeof(Value), static_cast<uint64_t>(slices));
                 const auto count = static_cast<size_t>(slices);
                 const size_t each = all.size() / count, extra = all.size() % count;
                 size_t at = 0;
                 for (size_t i = 0; i < count; ++i) {
                   const size_t size = each + (i < extra ? 1 : 0);
                   Values part(all.begin() + static_cast<std::ptrdiff_t>(at),
                               all.begin() + static_cast<std::ptrdiff_t>(at + size));
                   at += size;
                   if (fills && i >= extra) part.push_back(fill);
                   out.push_back(Value::list(std::move(part)));
                 }
                 return out;
               });
}

Value sum(Call& call) {
  const Value path = given(call, 0) ? call.args[0] : Value::missing();
  const Getter get = attribute_getter(call.runtime, path, Value::missing(), false);
  Value total = call.arg(1, Value::integer(0));
  if (total.is(Kind::kText)) fail("sum() can't sum strings [use ''.join(seq) instead]");
  const Next next = iterate(call.runtime, call.subject);
  for (Value item; next(item);) total = arithmetic(Operator::kAdd, total, get(item), call.runtime);
  return total;
}

constexpr Entry kFilters[] = {
    {"batch", "linecount fill_with?", batch},
    {"count", "/", length},
    {"dictsort", "case_sensitive? by? reverse?", dict_sort},
    {"first", "", first},
    {"groupby", "attribute default? case_sensitive?", group_by},
    {"items", "", items},
    {"join", "d? attribute?", join},
    {"last", "", last},
    {"length", "/", length},
    {"list", "", list},
    {"max", "case_sensitive? attribute?", max},
    {"min", "case_sensitive? attribute?", min},
    {"reverse", "", reverse},
    {"slice", "slices fill_with?", slice_filter},
    {"sort", "reverse? case_sensitive? attribute?", sort},
    {"sum", "attribute? start?", sum},
    {"unique", "case_sensitive? attribute?", unique},
};

}  // namespace

Getter attribute_getter(Runtime& runtime, const Value& path, const Value& otherwise, bool ignore_case) {
  Values parts;
  if (path.is(Kind::kText)) {
    std::string_view rest = path.bytes();
    for (bool more = true; more;) {
      const size_t dot = rest.find('.');
      const std::string_view part = rest.substr(0, dot);
      int64_t number = 0;
      const bool digits = !part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos;
      if (digits && std::from_chars(part.data(), part.data() + part.size(), number).ec != std::errc()) {
        fail("the integer does not fit 64 bits");
      }
      parts.push_back(digits ? Value::integer(number) : Value::text(std::string(part)));
      more = dot != std::string_view::npos;
      if (more) rest.remove_prefix(dot + 1);
    }
  } else if (!path.is(Kind::kMissing) && !path.is(Kind::kNone)) {
    parts.push_back(path);
  }
  return [&runtime, parts = std::move(parts), otherwise, ignore_case](const Value& item) {
    Value value = item;
    for (const Value& part : parts) {
      value = get_item(runtime, value, part);
      if (!otherwise.is(Kind::kMissing) && value.is(Kind::kUndefined)) value = otherwise;
    }
    return ignore_case ? without_case(value, runtime.meter) : value;
  };
}

Value sorted(Runtime& runtime, Values items, const Getter& key, bool reverse) {
  std::vector<std::pair<Value, size_t>> keys;
  for (const Value& item : items) keys.emplace_back(key(item), keys.size());
  std::stable_sort(keys.begin(), keys.end(), [&](const auto& a, const auto& b) {
    return reverse ? less(b.first, a.first, runtime.meter) : less(a.first, b.first, runtime.meter);
  });
  Values out;
  for (const auto& [_, at] : keys) out.push_back(std::move(items[at]));
  return Value::list(std::move(out));
}

std::span<const Entry> sequence_filters() {
  return kFilters;
}

}  // namespace aurora::chat
