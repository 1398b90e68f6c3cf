#include "aurora/corpus/extract_latex_input.h"

#include <algorithm>

namespace aurora::corpus {
namespace {

constexpr size_t kMaxFrames = 60;
constexpr uint64_t kExpansionBase = 1 << 20;  // bytes that any file may expand to beyond its size
constexpr uint64_t kExpansionFactor = 8;
constexpr size_t kMaxGroup = 4 << 20;  // bytes of one argument

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '@';
}
bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

LatexInput::LatexInput(std::string source) : LatexInput(std::move(source), 0) {
  budget_ = kExpansionBase + kExpansionFactor * frames_[0].text.size();
}

LatexInput::LatexInput(std::string source, uint64_t budget) : budget_(budget) {
  frames_.push_back({std::move(source), 0});
}

bool LatexInput::at_end() {
  while (frames_.size() > 1 && frames_.back().at >= frames_.back().text.size()) frames_.pop_back();
  return frames_.back().at >= frames_.back().text.size();
}

char LatexInput::peek() {
  return at_end() ? '\0' : frames_.back().text[frames_.back().at];
}

char LatexInput::next() {
  return at_end() ? '\0' : frames_.back().text[frames_.back().at++];
}

bool LatexInput::push(std::string text) {
  if (frames_.size() >= kMaxFrames || text.size() + 16 > budget_) return false;
  budget_ -= text.size() + 16;
  at_end();  // a finished frame need not wait: tail calls do not nest
  if (frames_.back().at >= frames_.back().text.size() && frames_.size() > 1) frames_.pop_back();
  frames_.push_back({std::move(text), 0});
  return true;
}

std::string LatexInput::take_command() {
  std::string name;
  if (at_end()) return name;
  name += next();
  if (!is_letter(name[0])) return name;
  // A name ends where its text ends: the letters behind a macro's body are not part of it.
  Frame& top = frames_.back();
  while (top.at < top.text.size() && is_letter(top.text[top.at])) name += top.text[top.at++];
  if (top.at < top.text.size()) skip_blanks();
  return name;
}

void LatexInput::skip_blanks() {
  bool line_end = false;
  while (is_blank(peek()) || (peek() == '\n' && !line_end)) {
    // A blank line ends the paragraph: it is not ours.
    if (peek() == '\n') {
      const Frame& frame = frames_.back();
      size_t after = frame.at + 1;
      while (after < frame.text.size() && is_blank(frame.text[after])) ++after;
      if (after < frame.text.size() && frame.text[after] == '\n') return;
      line_end = true;
    }
    next();
  }
}

void LatexInput::skip_comment() {
  while (!at_end() && peek() != '\n') next();
  next();
  while (is_blank(peek())) next();
}

bool LatexInput::skip_star() {
  if (peek() != '*') return false;
  next();
  return true;
}

// Behind an opening brace, up to its closing one, which is taken.
void LatexInput::take_braced(std::string* group) {
  int depth = 1;
  while (!at_end() && group->size() < kMaxGroup) {
    const char c = next();
    if (c == '\\') {
      *group += c;
      if (!at_end()) *group += next();
      continue;
    }
    if (c == '%') {
      // A comment may hold a brace that nobody counts.
      skip_comment();
      continue;
    }
    depth += (c == '{') - (c == '}');
    if (depth == 0) return;
    *group += c;
  }
}

std::string LatexInput::take_argument() {
  while (true) {
    skip_blanks();
    if (peek() != '%') break;
    skip_comment();
  }
  std::string argument;
  if (peek() == '{') {
    next();
    take_braced(&argument);
  } else if (peek() == '\\') {
    next();
    argument = "\\" + take_command();
  } else if (!at_end() && peek() != '\n') {
    argument += next();
    while (!at_end() && (static_cast<unsigned char>(peek()) & 0xc0) == 0x80) argument += next();
  }
  return argument;
}

std::optional<std::string> LatexInput::take_optional() {
  skip_blanks();
  if (peek() != '[') return std::nullopt;
  next();
  std::string argument;
  int depth = 0;
  while (!at_end() && argument.size() < kMaxGroup) {
    const char c = next();
    if (c == ']' && depth <= 0) break;
    depth += (c == '{') - (c == '}');
    argument += c;
  }
  return argument;
}

std::string LatexInput::take_until(std::string_view end) {
  std::string text;
  while (!at_end()) {
    text += next();
    if (text.size() >= end.size() && text.back() == end.back() && text.ends_with(end)) {
      text.resize(text.size() - end.size());
      break;
    }
  }
  return text;
}

bool LatexMacros::define(const std::string& command, LatexInput& input) {
  const auto name_of = [](std::string argument) {
    argument.erase(
        std::remove_if(argument.begin(), argument.end(), [](char c) { return c == ' ' || c == '\n'; }),
        argument.end());
    return argument.starts_with('\\') ? argument.substr(1) : argument;
  };
  LatexMacro macro;
  if (command == "newcommand" || command == "renewcommand" || command == "providecommand" ||
      command == "DeclareRobustCommand") {
    input.skip_star();
    const std::string name = name_of(input.take_argument());
    if (const auto count = input.take_optional())
      macro.arguments = std::clamp(std::atoi(count->c_str()), 0, 9);
    if (macro.arguments > 0) macro.default_first = input.take_optional();
    macro.body = input.take_argument();
    if (!name.empty()) macros_[name] = std::move(macro);
    return true;
  }
  if (command == "def" || command == "gdef" || command == "edef" || command == "xdef") {
    if (input.peek() != '\\') return true;
    input.next();
    const std::string name = input.take_command();
    bool plain = true;  // no delimiters between the parameters
    while (!input.at_end() && input.peek() != '{') {
      const char c = input.next();
      if (c == '#') {
        input.next();
        ++macro.arguments;
      } else if (c != ' ' && c != '\n') {
        plain = false;
      }
    }
    macro.body = input.take_argument();
    if (plain && macro.arguments <= 9) macros_[name] = std::move(macro);
    return true;
  }
  if (command == "DeclareMathOperator") {
    const std::string star = input.skip_star() ? "*" : "";
    const std::string name = name_of(input.take_argument());
    macro.body = "\\operatorname" + star + "{" + input.take_argument() + "}";
    if (!name.empty()) macros_[name] = std::move(macro);
    return true;
  }
  if (command == "newtheorem") {
    input.skip_star();
    const std::string name = input.take_argument();
    input.take_optional();
    theorems_[name] = input.take_argument();
    input.take_optional();
    return true;
  }
  if (command == "newenvironment" || command == "renewenvironment") {
    input.skip_star();
    input.take_argument();
    while (input.take_optional()) {
    }
    input.take_argument();
    input.take_argument();
    return true;
  }
  return false;
}

bool LatexMacros::expand(const std::string& command, LatexInput& input) const {
  const auto found = macros_.find(command);
  if (found == macros_.end()) return false;
  const LatexMacro& macro = found->second;
  std::vector<std::string> arguments;
  if (macro.default_first) arguments.push_back(input.take_optional().value_or(*macro.default_first));
  while (static_cast<int>(arguments.size()) < macro.arguments) arguments.push_back(input.take_argument());
  std::string expansion;
  for (size_t i = 0; i < macro.body.size(); ++i) {
    const char digit = macro.body[i] == '#' && i + 1 < macro.body.size() ? macro.body[i + 1] : '\0';
    if (digit < '1' || digit > '9') {
      expansion += macro.body[i];
      continue;
    }
    const auto index = static_cast<size_t>(digit - '1');
    if (index < arguments.size()) expansion += arguments[index];
    ++i;
    if (expansion.size() > kMaxGroup) return true;
  }
  input.push(std::move(expansion));
  return true;
}

const std::string* LatexMacros::theorem(const std::string& environment) const {
  const auto found = theorems_.find(environment);
  return found == theorems_.end() ? nullptr : &found->second;
}

}  // namespace aurora::corpus
