// The text that every extraction writes: paragraphs of one line each, blank lines between blocks, two spaces
// of indentation per level, "- " before list items, verbatim blocks with their own line ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aurora::corpus {

// Characters written without spaces between words (Han, kana, full-width forms): where a source line ends
// between two of them, joining the lines needs no space.
bool is_wide(uint32_t code_point);
// The same for the last and the first character of a text.
bool ends_wide(std::string_view text);
bool ends_in_wide_punctuation(std::string_view text);
bool starts_wide(std::string_view text);

class TextWriter {
 public:
  // joins_wide: also a space between two wide characters goes. Some sources wrap Japanese that way.
  explicit TextWriter(bool joins_wide = false) : joins_wide_(joins_wide) {}

  // Running text: runs of white space become one space; nothing where a line end stands between two wide
  // characters, or a space behind full-width punctuation. Text given in two calls is one word unless space()
  // or line_end() stands between.
  void text(std::string_view words);
  // As text(), but spaces inside are kept (and at the start of a line, too).
  void exact(std::string_view words);
  void space();     // the next text is a new word
  void line_end();  // as space(), the source line ended here
  void glue();      // the next text follows without a space after all

  void line_break();  // the next text starts a new line
  void paragraph();   // the next text starts a new paragraph
  void no_blank();    // what is to come follows without a blank line, whatever paragraph() asks until then
  // One block with its own line ends, at the current indentation. Ends the line before and after.
  void verbatim(std::string_view lines);
  void title(std::string_view words);  // a paragraph of its own

  // Indentation of the lines begun from now on. Levels beyond 12 look like 12.
  void set_level(int level);
  int level() const { return level_; }
  // Put before the next line, at the current level: "- ", "3. ".
  void marker(std::string_view marker);

  bool at_line_start() const { return line_.empty(); }
  bool empty() const { return out_.empty() && line_.empty(); }
  // Bytes written so far.
  size_t size() const { return out_.size() + line_.size(); }
  // The text without trailing white space; the writer is as new.
  std::string finish();

 private:
  enum class Gap { kNone, kSpace, kLineEnd };
  void append_word(std::string_view word);
  void begin_line();

  std::string out_;
  std::string line_;
  std::string marker_;
  int level_ = 0;
  int line_level_ = 0;
  int marker_level_ = 0;
  Gap gap_ = Gap::kNone;
  bool blank_line_ = false;
  bool tight_ = false;
  bool joins_wide_;
};

}  // namespace aurora::corpus
