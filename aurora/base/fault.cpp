#include "aurora/base/fault.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <string>

namespace aurora {

namespace {
std::atomic<uint64_t> passed{0};
std::atomic<uint64_t> kill_at{0};
std::atomic<int> trace_fd{-1};

void write_line(int fd, const std::string& line) {
  [[maybe_unused]] const ssize_t written = ::write(fd, line.data(), line.size());
}
}  // namespace

void arm_fault(uint64_t count) {
  kill_at.store(count == 0 ? 0 : passed.load() + count);
}

void fault_point(const char* name) {
  const uint64_t now = passed.fetch_add(1, std::memory_order_relaxed) + 1;
  const int fd = trace_fd.load(std::memory_order_relaxed);
  if (fd >= 0) write_line(fd, std::to_string(now) + " " + name + "\n");
  if (now != kill_at.load(std::memory_order_relaxed)) return;
  write_line(STDERR_FILENO, std::string("killed at fault point ") + name + "\n");
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

uint64_t fault_points_passed() {
  return passed.load();
}

void trace_faults(int fd) {
  trace_fd.store(fd);
}

}  // namespace aurora
