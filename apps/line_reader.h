// Lines from a person: on a terminal with editing and history (libedit), otherwise as they come.
#pragma once

#include <memory>
#include <optional>
#include <string>

namespace aurora::apps {

class LineReader {
 public:
  enum class End { kLine, kInterrupted, kClosed };
  struct Line {
    End end = End::kLine;
    std::string text;  // UTF-8, without its line end
  };

  LineReader();
  ~LineReader();

  bool is_terminal() const { return is_terminal_; }
  // draft: stands in the line to be edited (terminals only). kInterrupted: Ctrl-C; kClosed: Ctrl-D, or the
  // end.
  Line read(const std::string& prompt, const std::string& draft = "");
  void remember(const std::string& line);  // for the arrow keys

 private:
  struct Editor;
  bool is_terminal_;
  std::unique_ptr<Editor> editor_;  // null: no terminal
};

}  // namespace aurora::apps
