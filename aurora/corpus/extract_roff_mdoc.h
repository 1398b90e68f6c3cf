// One line of mdoc macros: a macro's arguments are words and further macros, and punctuation at the line's
// end stays outside of what the macros enclose.
#pragma once

#include <string>
#include <string_view>

#include "aurora/corpus/extract_roff_engine.h"

namespace aurora::corpus::roff {

class MdocLine {
 public:
  // words[0] is the macro that began the line.
  MdocLine(Engine& engine, const Args& words) : engine_(engine), words_(words) {}

  void begin();  // a new input line: continues the paragraph, or is a line of its own when not filling
  void run(size_t at, size_t end, int nesting);
  void end();  // closes an item's head that is not stretched over lines

  static bool is_callable(std::string_view name);

 private:
  void emit(std::string_view text);    // as a word
  void attach(std::string_view text);  // to the last word
  void word(const std::string& raw);   // one argument
  size_t end_before_punctuation(size_t begin, size_t end) const;
  size_t macro(size_t at, size_t end, int nesting);
  size_t flags(size_t at, size_t end);
  size_t style(const std::string& name, size_t at, size_t end);
  size_t special(const std::string& name, size_t at, size_t end, int nesting);
  size_t function(size_t at, size_t end);
  size_t link(size_t at, size_t end);
  size_t system_version(const std::string& system, bool version_first, size_t at, size_t end);

  Engine& engine_;
  const Args& words_;
};

// Macros that stand alone on their line and shape it: .Sh, .Bl, .It, .Bd ...
MacroHandler find_mdoc_block(std::string_view name);

}  // namespace aurora::corpus::roff
