// The character stream that LaTeX source is read from: a file, and above it the texts that macros and \input
// put in its place, all bounded.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aurora::corpus {

class LatexInput {
 public:
  explicit LatexInput(std::string source);
  // A text of its own that shares the bound of another input.
  LatexInput(std::string source, uint64_t budget);
  uint64_t budget() const { return budget_; }
  void set_budget(uint64_t bytes) { budget_ = bytes; }

  bool at_end();
  char peek();  // '\0' at the end
  char next();
  // Puts `text` before what is left. False, and nothing done, when texts are nested too deep or have already
  // grown beyond the bound.
  bool push(std::string text);

  // Behind a backslash: letters of a command (and the blanks behind it), or one other character.
  std::string take_command();
  void skip_blanks();                          // blanks and one line end at most
  void skip_comment();                         // behind %: to the line end, and the next line's indentation
  bool skip_star();                            // takes a '*'
  std::string take_argument();                 // {group} without its braces, or one token
  std::optional<std::string> take_optional();  // [..], or nothing
  // Everything up to `end`, which is taken, too.
  std::string take_until(std::string_view end);
  bool is_expanded() const { return frames_.size() > 1; }

 private:
  struct Frame {
    std::string text;
    size_t at = 0;
  };
  void take_braced(std::string* group);
  std::vector<Frame> frames_;
  uint64_t budget_;
};

// \newcommand and its kin.
struct LatexMacro {
  int arguments = 0;
  std::optional<std::string> default_first;
  std::string body;
};

class LatexMacros {
 public:
  // `command` has just been read from `input`. True if it defined a macro (or was one of the definitions that
  // are dropped, such as \newenvironment).
  bool define(const std::string& command, LatexInput& input);
  // If `command` is a macro, pushes its expansion. A macro that cannot be expanded any more vanishes.
  bool expand(const std::string& command, LatexInput& input) const;
  // The title of a \newtheorem environment, or nullptr.
  const std::string* theorem(const std::string& environment) const;

 private:
  std::map<std::string, LatexMacro> macros_;
  std::map<std::string, std::string> theorems_;
};

}  // namespace aurora::corpus
