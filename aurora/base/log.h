// Progress and diagnostics for people, on stderr; results go to stdout elsewhere. A Log is passed to the
// stage that speaks through it; nothing below apps/ makes one of its own, except tests (Log::silent()).
// Thread-safe: one line is written whole.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace aurora {

class Log {
 public:
  // fd: where lines go (2 = stderr). quiet: only warnings and errors. A rank other than 0 is usually quiet.
  explicit Log(int fd = 2, bool quiet = false);
  static Log& silent();  // swallows everything

  template <typename... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) {
    if (!quiet_) line("", fmt::format(format, std::forward<Args>(args)...));
  }
  template <typename... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) {
    line("warning: ", fmt::format(format, std::forward<Args>(args)...));
  }

  bool is_terminal() const { return is_terminal_; }
  bool quiet() const { return quiet_; }
  int fd() const { return fd_; }

 private:
  friend class Progress;
  void line(std::string_view prefix, std::string_view text);  // clears a progress line first
  void raw(std::string_view text);                            // as it is, in one write

  int fd_;
  bool quiet_;
  bool is_terminal_;
};

}  // namespace aurora
