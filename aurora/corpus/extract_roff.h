// Man pages (man and mdoc macros, tbl tables) as text, by an interpreter of the roff language: macros,
// strings, registers and conditionals work as in troff, page layout does not exist.
// Source: the man(7), mdoc(7), roff(7), groff_char(7) and tbl(1) manuals.
#pragma once

#include <string>
#include <string_view>

namespace aurora::corpus {

struct ManPage {
  std::string text;
  std::string title;         // "ls"
  std::string section;       // "1", "3p"
  std::string alias_target;  // not empty: the page holds nothing but ".so alias_target"
  bool truncated = false;    // its macros expanded beyond every measure and were cut off
};

// source: UTF-8 with LF line ends.
ManPage roff_to_text(std::string_view source);

}  // namespace aurora::corpus
