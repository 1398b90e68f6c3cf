// The requests of the roff language that matter to text.
#include <algorithm>

#include "aurora/base/utf8.h"
#include "aurora/corpus/extract_roff_engine.h"

namespace aurora::corpus::roff {
namespace {

std::string_view trim_left(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return text;
}

// Takes a name and the blanks behind it.
std::string take_word(Engine& engine, std::string_view& rest) {
  rest = trim_left(rest);
  const size_t end = std::min(rest.find_first_of(" \t"), rest.size());
  const std::string word = engine.interpolate(rest.substr(0, end));
  rest = trim_left(rest.substr(end));
  return word;
}

void define(Engine& engine, std::string_view rest) {
  const std::string name = take_word(engine, rest);
  const std::string end = take_word(engine, rest);
  engine.define_macro(name, end.empty() ? "." : end, false, true);
}
void append_macro(Engine& engine, std::string_view rest) {
  const std::string name = take_word(engine, rest);
  const std::string end = take_word(engine, rest);
  engine.define_macro(name, end.empty() ? "." : end, true, true);
}
void ignore_input(Engine& engine, std::string_view rest) {
  const std::string end = take_word(engine, rest);
  engine.define_macro("", end.empty() ? "." : end, false, false);
}

// Strings keep leading blanks behind a quote: .ds XX "  text
std::string string_value(Engine& engine, std::string_view rest) {
  if (rest.starts_with('"')) rest.remove_prefix(1);
  return engine.interpolate(rest, true);
}
void define_string(Engine& engine, std::string_view rest) {
  const std::string name = take_word(engine, rest);
  engine.strings[name] = string_value(engine, rest);
}
void append_string(Engine& engine, std::string_view rest) {
  const std::string name = take_word(engine, rest);
  std::string& value = engine.strings[name];
  if (value.size() < (64 << 10)) value += string_value(engine, rest);
}

void set_register(Engine& engine, std::string_view rest) {
  const std::string name = take_word(engine, rest);
  const std::string text = engine.interpolate(rest);
  std::string_view expression = text;
  const bool relative = expression.starts_with('+') || expression.starts_with('-');
  const double value = engine.evaluate(expression);
  double& stored = engine.registers[name];
  stored = relative ? stored + value : value;
}
void remove_registers(Engine& engine, std::string_view rest) {
  while (!(rest = trim_left(rest)).empty()) engine.registers.erase(take_word(engine, rest));
}
void remove_names(Engine& engine, std::string_view rest) {
  while (!(rest = trim_left(rest)).empty()) {
    const std::string name = take_word(engine, rest);
    engine.macros.erase(name);
    engine.strings.erase(name);
  }
}

// .als new old and .rn old new. A built-in macro gets its new name by a macro that calls it.
void name_macro(Engine& engine, const std::string& name, const std::string& old) {
  if (const auto found = engine.macros.find(old); found != engine.macros.end()) {
    engine.macros[name] = found->second;
  } else if (const auto text = engine.strings.find(old); text != engine.strings.end()) {
    engine.strings[name] = text->second;
  } else if (name != old) {
    engine.macros[name] = std::make_shared<const std::string>("." + old + " \\$@\n");
  }
}
void alias(Engine& engine, std::string_view rest) {
  const std::string name = take_word(engine, rest);
  name_macro(engine, name, take_word(engine, rest));
}
void rename(Engine& engine, std::string_view rest) {
  const std::string old = take_word(engine, rest);
  name_macro(engine, take_word(engine, rest), old);
  engine.macros.erase(old);
  engine.strings.erase(old);
}

void translate(Engine& engine, std::string_view rest) {
  const std::string pairs = engine.interpolate(trim_left(rest));
  // Each item is one character or one escape.
  Args items;
  for (size_t at = 0; at < pairs.size();) {
    const size_t begin = at;
    if (pairs[at] == '\\' && at + 1 < pairs.size()) {
      ++at;
      take_name(pairs, &at);
    } else {
      at += std::max<uint32_t>(1, decode_utf8(pairs, at).bytes);
    }
    items.push_back(render_escapes(std::string_view(pairs).substr(begin, at - begin), {}).text);
  }
  for (size_t i = 0; i + 1 < items.size(); i += 2)
    if (!items[i].empty()) engine.translations[items[i]] = items[i + 1];
}

void break_line(Engine& engine, std::string_view) {
  engine.out.line_break();
}
void space(Engine& engine, std::string_view rest) {
  const std::string distance = engine.interpolate(trim_left(rest));
  if (distance.starts_with('-') || distance == "0")
    engine.out.line_break();
  else
    engine.out.paragraph();
}
void no_fill(Engine& engine, std::string_view) {
  engine.out.line_break();
  engine.fill = false;
}
void fill(Engine& engine, std::string_view) {
  engine.out.line_break();
  engine.fill = true;
}
void keep_lines(Engine& engine, std::string_view rest) {
  const std::string text = engine.interpolate(trim_left(rest));
  std::string_view expression = text;
  engine.out.line_break();
  engine.own_lines = text.empty() ? 1 : static_cast<int>(std::clamp(engine.evaluate(expression), 0.0, 1e6));
}

void source_file(Engine& engine, std::string_view rest) {
  if (engine.page.alias_target.empty()) engine.page.alias_target = take_word(engine, rest);
}
void stop(Engine& engine, std::string_view) {
  engine.stop();
}
void escapes_off(Engine& engine, std::string_view) {
  engine.has_escapes = false;
}
void escapes_on(Engine& engine, std::string_view rest) {
  engine.has_escapes = trim_left(rest).substr(0, 1) != "0";
}

// Lines up to the request that ends the block are dropped (pictures) or kept as they are (equations).
void skip_to(Engine& engine, std::string_view end) {
  std::string_view line;
  while (engine.next_line(line) && !line.starts_with(end)) {
  }
}
void picture(Engine& engine, std::string_view) {
  skip_to(engine, ".PE");
}
void equation(Engine& engine, std::string_view) {
  std::string lines;
  std::string_view line;
  while (engine.next_line(line) && !line.starts_with(".EN")) {
    if (line.starts_with("delim") || line.starts_with("define") || line.starts_with("gsize")) continue;
    lines += line;
    lines += '\n';
  }
  engine.out.verbatim(lines);
}
void table(Engine& engine, std::string_view) {
  read_table(engine);
}

const NameMap<RequestHandler>& requests() {
  static const NameMap<RequestHandler> kRequests = {
      {"de", define},        {"de1", define},        {"dei", define},       {"am", append_macro},
      {"am1", append_macro}, {"ig", ignore_input},   {"ds", define_string}, {"ds1", define_string},
      {"as", append_string}, {"as1", append_string}, {"nr", set_register},  {"rr", remove_registers},
      {"rm", remove_names},  {"als", alias},         {"rn", rename},        {"tr", translate},
      {"br", break_line},    {"ti", break_line},     {"in", break_line},    {"sp", space},
      {"bp", break_line},    {"nf", no_fill},        {"fi", fill},          {"ce", keep_lines},
      {"rj", keep_lines},    {"so", source_file},    {"ex", stop},          {"ab", stop},
      {"nx", stop},          {"eo", escapes_off},    {"ec", escapes_on},    {"PS", picture},
      {"EQ", equation},      {"TS", table}};

  return kRequests;
}

}  // namespace

RequestHandler find_request(std::string_view name) {
  const auto found = requests().find(name);
  return found == requests().end() ? nullptr : found->second;
}

}  // namespace aurora::corpus::roff
