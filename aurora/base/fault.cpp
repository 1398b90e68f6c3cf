#include "aurora/base/fault.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <string>

namespace aurora {

namespace {
std::atomic<uint64_t> passed{0};
std::atomic<uint64_t> kill_at{0};
}  // namespace

void arm_fault(uint64_t count) {
  kill_at.store(count == 0 ? 0 : passed.load() + count);
}

void fault_point(const char* name) {
  const uint64_t now = passed.fetch_add(1, std::memory_order_relaxed) + 1;
  if (now != kill_at.load(std::memory_order_relaxed)) return;
  const std::string line = std::string("killed at fault point ") + name + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

uint64_t fault_points_passed() {
  return passed.load();
}

}  // namespace aurora
