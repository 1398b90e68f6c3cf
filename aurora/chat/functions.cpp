// What transformers gives every template beside the context.
#include <time.h>

#include <locale.h>

#include "aurora/chat/python_text.h"
#include "aurora/chat/tables.h"

namespace aurora::chat {
namespace {

// As in Jinja's sandbox.
constexpr int64_t kRangeMax = 100'000;

Value range(Call& call) {
  const bool two = call.has(1);
  const int64_t first = to_index(call.args[0]);
  const int64_t start = two ? first : 0, stop = two ? to_index(call.args[1]) : first;
  const int64_t step = call.has(2) ? to_index(call.args[2]) : 1;
  if (step == 0) fail("range() arg 3 must not be zero");
  auto made = std::make_shared<Range>(start, stop, step);
  if (made->length > kRangeMax)
    fail("range too big: the sandbox blocks ranges larger than " + std::to_string(kRangeMax));
  return Value::object(Kind::kRange, std::move(made));
}

// What dict(...) is made of.
Value make_dict(Call& call) {
  if (call.rest.positional.size() > 1) fail("dict expected at most 1 argument");
  std::vector<std::pair<Value, Value>> entries;
  if (!call.rest.positional.empty()) {
    const Value& from = call.rest.positional[0];
    if (from.is(Kind::kDict)) {
      entries = from.dict().entries();
    } else {
      const Next next = iterate(call.runtime, from);
      for (Value pair; next(pair);) {
        Values both = to_values(call.runtime, pair);
        if (both.size() != 2)
          fail("dictionary update sequence element has length " + std::to_string(both.size()) +
               "; 2 is required");
        entries.emplace_back(std::move(both[0]), std::move(both[1]));
      }
    }
  }
  for (const auto& [name, value] : call.rest.named) entries.emplace_back(Value::text(name), value);
  return Value::dict(std::move(entries), call.meter);
}

Value make_namespace(Call& call) {
  const Value attributes = make_dict(call);
  auto made = std::make_shared<Namespace>();
  for (const auto& [name, value] : attributes.dict().entries()) {
    if (!name.is(Kind::kText)) fail("the names of a namespace must be texts");
    made->set(name.bytes(), value, call.meter);
  }
  return call.runtime.keep(Kind::kNamespace, std::move(made));
}

Value make_cycler(Call& call) {
  if (call.rest.positional.empty() || !call.rest.named.empty()) fail("at least one item has to be provided");
  auto made = std::make_shared<Cycler>();
  made->items = call.rest.positional;
  return call.runtime.keep(Kind::kCycler, std::move(made));
}

Value make_joiner(Call& call) {
  auto made = std::make_shared<Joiner>();
  made->separator = call.arg(0, Value::text(", "));
  return call.runtime.keep(Kind::kJoiner, std::move(made));
}

Value raise_exception(Call& call) {
  throw Raised(to_text(call.args[0], call.meter));
}

Value strftime_now(Call& call) {
  if (!call.args[0].is(Kind::kText))
    fail("strftime() argument 1 must be str, not " + type_name(call.args[0]));
  return Value::text(format_time(call.args[0].bytes(), call.runtime.now));
}

constexpr Entry kFunctions[] = {
    {"range", "/ start stop? step?", range},  {"dict", "*", make_dict},
    {"namespace", "*", make_namespace},       {"cycler", "*", make_cycler},
    {"joiner", "sep?", make_joiner},          {"raise_exception", "message", raise_exception},
    {"strftime_now", "format", strftime_now}, {"lipsum", "refused", nullptr},
};

}  // namespace

const Entry* find_function(std::string_view name) {
  for (const Entry& entry : kFunctions) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

// In the C locale, whatever the program's is.
std::string format_time(const std::string& format, int64_t seconds) {
  const time_t clock = seconds;
  tm parts{};
  if (::gmtime_r(&clock, &parts) == nullptr) fail("the time is out of range");
  std::string plain;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      plain += format[i];
    } else if (const char c = format[++i]; c == 'f') {
      plain += "000000";
    } else if (c == 's') {
      plain += std::to_string(seconds);
    } else if (c != 'z' && c != 'Z') {  // empty for a time without zone, as Python's datetime.now() is
      plain += '%';
      plain += c;
    }
  }
  if (plain.empty()) return "";
  if (plain.size() > 4096 || plain.find('\0') != std::string::npos)
    fail("the format of the time is too long or holds a zero");
  const locale_t locale = ::newlocale(LC_ALL_MASK, "C", nullptr);
  std::string out(plain.size() * 32 + 64, '\0');
  out.resize(::strftime_l(out.data(), out.size(), plain.c_str(), &parts, locale));
  ::freelocale(locale);
  return out;
}

}  // namespace aurora::chat
