// Interpolation (\*, \n, \$, \w), numeric expressions and conditions.
#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "aurora/base/utf8.h"
#include "aurora/corpus/extract_roff_engine.h"

namespace aurora::corpus::roff {
namespace {

constexpr int kMaxStringDepth = 20;
constexpr size_t kMaxLine = 1 << 20;  // bytes of one interpolated line
constexpr double kUnitsPerCharacter = 24;

// Basic units of troff's nroff devices: 240 to the inch, 24 to the character, 40 to the line.
double scale_of(char unit) {
  switch (unit) {
    case 'i':
      return 240;
    case 'c':
      return 94.5;
    case 'p':
      return 10.0 / 3;
    case 'P':
      return 40;
    case 'm':
    case 'n':
      return kUnitsPerCharacter;
    case 'v':
      return 40;
    case 'M':
      return 0.24;
    case 'u':
    case 's':
    case 'z':
    case 'f':
      return 1;
    default:
      return 0;
  }
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

size_t characters(std::string_view text) {
  size_t count = 0;
  for (const unsigned char c : text) count += (c & 0xc0) != 0x80;
  return count;
}

// An expression in a condition reaches to the first blank outside of parentheses and quoted arguments.
size_t expression_end(std::string_view text) {
  int open = 0;
  for (size_t end = 0; end < text.size(); ++end) {
    const char c = text[end];
    if (c == '\\' && end + 1 < text.size() && text[end + 1] == '{') return end;
    if (c == '\\' && end + 2 < text.size() && text[end + 1] == 'w') {
      size_t at = end + 2;
      take_delimited(text, &at);
      end = at - 1;
      continue;
    }
    // The parenthesis of \n(xx and \*(xx has no partner.
    const bool names = end > 0 && (text[end - 1] == 'n' || text[end - 1] == '*');
    open += (c == '(' && !names) - (c == ')');
    if ((c == ' ' || c == '\t') && open <= 0) return end;
  }
  return text.size();
}

std::string number_text(double value) {
  return std::to_string(static_cast<int64_t>(std::clamp(value, -1e15, 1e15)));
}

}  // namespace

std::string_view take_name(std::string_view text, size_t* at) {
  if (*at >= text.size()) return {};
  size_t begin = *at, size = 1;
  if (text[begin] == '(') {
    ++begin;
    size = std::min<size_t>(2, text.size() - begin);
    *at = begin + size;
  } else if (text[begin] == '[') {
    ++begin;
    size = std::min(text.find(']', begin), text.size()) - begin;
    *at = std::min(text.size(), begin + size + 1);
  } else {
    *at = begin + 1;
  }
  return text.substr(begin, size);
}

std::string_view take_delimited(std::string_view text, size_t* at) {
  if (*at >= text.size()) return {};
  const char delimiter = text[*at];
  const size_t begin = *at + 1;
  size_t end = begin;
  while (end < text.size() && text[end] != delimiter) end += text[end] == '\\' ? 2 : 1;
  end = std::min(end, text.size());
  *at = std::min(text.size(), end + 1);
  return text.substr(begin, end - begin);
}

std::string Engine::interpolate(std::string_view text, bool copy_mode) {
  std::string result;
  interpolate_into(result, text, copy_mode, 0);
  return result;
}

void Engine::interpolate_into(std::string& result, std::string_view text, bool copy_mode, int depth) {
  if (!has_escapes) {
    result += text;
    return;
  }
  size_t at = 0;
  while (at < text.size() && result.size() < kMaxLine) {
    const size_t escape = std::min(text.find('\\', at), text.size());
    result.append(text, at, escape - at);
    at = escape;
    if (at + 1 < text.size()) {
      at = interpolate_escape(result, text, at, copy_mode, depth);
    } else if (at < text.size()) {
      ++at;  // a lone backslash at the end of the input
    }
  }
}

// text[at] is a backslash and not the last character. Returns where to go on.
size_t Engine::interpolate_escape(std::string& result, std::string_view text, size_t at, bool copy_mode,
                                  int depth) {
  const char kind = text[at + 1];
  size_t next = at + 2;
  switch (kind) {
    case '"':
    case '#':
      // Blanks before a comment belong to the text in roff, but nobody means them.
      return text.size();
    case '*':
      append_string(result, take_name(text, &next), copy_mode, depth);
      return next;
    case 'n': {
      const char sign = next < text.size() && (text[next] == '+' || text[next] == '-') ? text[next++] : ' ';
      append_register(result, take_name(text, &next), sign);
      return next;
    }
    case '$':
      append_argument(result, take_name(text, &next));
      return next;
    case 'w':
      if (!copy_mode) {
        const std::string_view measured = take_delimited(text, &next);
        std::string inner;
        if (depth < kMaxStringDepth) interpolate_into(inner, measured, false, depth + 1);
        result += number_text(kUnitsPerCharacter * characters(render_escapes(inner, translations).text));
        return next;
      }
      break;
    case '\\':
      result += copy_mode ? "\\" : "\\\\";
      return next;
    case '.':
      if (copy_mode) {
        result += '.';
        return next;
      }
      break;
    default:
      break;
  }
  result.append(text, at, 2);
  return next;
}

void Engine::append_string(std::string& result, std::string_view name, bool copy_mode, int depth) {
  name = name.substr(0, name.find(' '));
  const auto found = strings.find(name);
  if (found == strings.end()) {
    if (const char* known = package_string(name)) result += known;
    return;
  }
  if (depth >= kMaxStringDepth || !spend(found->second.size() + 1)) return;
  const std::string value = found->second;
  interpolate_into(result, value, copy_mode, depth + 1);
}

void Engine::append_register(std::string& result, std::string_view name, char sign) {
  if (name == ".g") {
    result += '1';
  } else if (name == ".$") {
    const size_t count = sources_.empty() ? 0 : sources_.back().args.size();
    result += std::to_string(count == 0 ? 0 : count - 1);
  } else {
    const auto found = registers.find(name);
    double value = found == registers.end() ? 0 : found->second;
    if (sign != ' ') {
      value += sign == '+' ? 1 : -1;
      registers[std::string(name)] = value;
    }
    result += number_text(value);
  }
}

void Engine::append_argument(std::string& result, std::string_view name) {
  if (sources_.empty() || sources_.back().args.empty()) return;
  const Args& args = sources_.back().args;
  if (name == "*" || name == "@") {
    for (size_t i = 1; i < args.size(); ++i) {
      if (i > 1) result += ' ';
      if (name == "@") result += '"';
      result += args[i];
      if (name == "@") result += '"';
    }
    return;
  }
  size_t index = 0;
  for (const char c : name) {
    if (!is_digit(c) || index > 1000) return;
    index = index * 10 + static_cast<size_t>(c - '0');
  }
  if (index < args.size()) result += args[index];
}

double Engine::evaluate(std::string_view& expression) {
  return evaluate_sum(expression, 0);
}

// Left to right, all operators bind alike, as in roff.
double Engine::evaluate_sum(std::string_view& text, int depth) {
  double value = evaluate_operand(text, depth);
  while (!text.empty()) {
    const char op = text[0];
    const char second = text.size() > 1 ? text[1] : ' ';
    const bool two = (second == '=' && (op == '<' || op == '>' || op == '=')) ||
                     (op == '<' && (second == '>' || second == '?')) || (op == '>' && second == '?');
    if (std::string_view("+-*/%<>=&:").find(op) == std::string_view::npos) break;
    text.remove_prefix(two ? 2 : 1);
    const double right = evaluate_operand(text, depth);
    switch (op) {
      case '+':
        value += right;
        break;
      case '-':
        value -= right;
        break;
      case '*':
        value *= right;
        break;
      case '/':
        value = right == 0 ? 0 : std::trunc(value / right);
        break;
      case '%':
        value = right == 0 ? 0 : std::fmod(value, right);
        break;
      case '<':
        value = second == '='   ? value <= right
                : second == '>' ? value != right
                : second == '?' ? std::min(value, right)
                                : value < right;
        break;
      case '>':
        value = second == '=' ? value >= right : second == '?' ? std::max(value, right) : value > right;
        break;
      case '=':
        value = value == right;
        break;
      case '&':
        value = value > 0 && right > 0;
        break;
      default:
        value = value > 0 || right > 0;
        break;
    }
  }
  return value;
}

double Engine::evaluate_operand(std::string_view& text, int depth) {
  double sign = 1;
  while (!text.empty() && (text[0] == '-' || text[0] == '+' || text[0] == '|')) {
    if (text[0] == '-') sign = -sign;
    text.remove_prefix(1);
  }
  if (text.empty()) return 0;
  if (text[0] == '(') {
    if (depth > 50) {
      text = {};
      return 0;
    }
    text.remove_prefix(1);
    const double value = evaluate_sum(text, depth + 1);
    if (text.starts_with(")")) text.remove_prefix(1);
    return sign * value;
  }
  size_t at = 0;
  double value = 0, place = 1;
  bool fraction = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !fraction)); ++at) {
    if (text[at] == '.') {
      fraction = true;
    } else if (fraction) {
      value += (place /= 10) * (text[at] - '0');
    } else {
      value = value * 10 + (text[at] - '0');
    }
  }
  if (at == 0) {
    // Not a number: the expression ends here.
    return 0;
  }
  text.remove_prefix(at);
  if (!text.empty() && scale_of(text[0]) != 0) {
    value *= scale_of(text[0]);
    text.remove_prefix(1);
  }
  return sign * value;
}

bool Engine::take_condition(std::string_view* rest) {
  bool wanted = true;
  while (!rest->empty() && (*rest)[0] == '!') {
    wanted = !wanted;
    rest->remove_prefix(1);
  }
  if (rest->empty()) return false;
  const char kind = (*rest)[0];
  const auto name_condition = [&](bool (*holds)(Engine&, std::string_view)) {
    rest->remove_prefix(1);
    while (rest->starts_with(" ")) rest->remove_prefix(1);
    const std::string_view name = rest->substr(0, std::min(rest->find_first_of(" \t"), rest->size()));
    rest->remove_prefix(name.size());
    return holds(*this, interpolate(name)) == wanted;
  };
  switch (kind) {
    case 'n':
    case 'o':
      rest->remove_prefix(1);
      return wanted;
    case 't':
    case 'e':
    case 'v':
      rest->remove_prefix(1);
      return !wanted;
    case 'r':
      return name_condition([](Engine& engine, std::string_view name) {
        return engine.registers.contains(name) || name.starts_with(".");
      });
    case 'd':
      return name_condition([](Engine& engine, std::string_view name) {
        return engine.strings.contains(name) || engine.macros.contains(name) ||
               package_string(name) != nullptr || find_request(name) != nullptr ||
               find_man_macro(name) != nullptr;
      });
    case 'c':
      return name_condition(
          [](Engine&, std::string_view name) { return !render_escapes(name, {}).text.empty(); });
    case 'm':
    case 'F':
    case 'S':
      return name_condition([](Engine&, std::string_view) { return true; });
    default:
      break;
  }
  if (is_digit(kind) || std::string_view("\\(-+.").find(kind) != std::string_view::npos) {
    const size_t end = expression_end(*rest);
    const std::string expression = interpolate(rest->substr(0, end));
    rest->remove_prefix(end);
    std::string_view remaining = expression;
    return (evaluate(remaining) > 0) == wanted;
  }
  size_t at = 0;
  const std::string_view left = take_delimited(*rest, &at);
  --at;  // the middle delimiter opens the right side
  const std::string_view right = take_delimited(*rest, &at);
  const bool equal = interpolate(left) == interpolate(right);
  rest->remove_prefix(at);
  return equal == wanted;
}

}  // namespace aurora::corpus::roff
