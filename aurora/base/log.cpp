#include "aurora/base/log.h"

#include <unistd.h>

#include <cerrno>

namespace aurora {

namespace {

// A write that fails is dropped: a closed stderr must not stop a run.
void write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace

Log::Log(int fd, bool quiet) : fd_(fd), quiet_(quiet), is_terminal_(fd >= 0 && ::isatty(fd) == 1) {}

Log& Log::silent() {
  static Log log(-1, true);
  return log;
}

void Log::line(std::string_view prefix, std::string_view text) {
  std::string whole = is_terminal_ ? "\r\x1b[K" : "";
  whole.append(prefix).append(text).append("\n");
  raw(whole);
}

void Log::raw(std::string_view text) {
  if (fd_ >= 0) write_whole(fd_, text);
}

}  // namespace aurora
