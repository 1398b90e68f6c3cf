#include "aurora/base/check.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace aurora {

namespace {
std::atomic<AbortHandler> abort_handler{nullptr};
std::atomic<int> check_rank{0};
}  // namespace

void set_abort_handler(AbortHandler handler) {
  abort_handler.store(handler);
}
void set_check_rank(int rank) {
  check_rank.store(rank);
}

void check_failed(const char* file, int line, const std::string& message) {
  const std::string text = fmt::format("rank {}: {}:{}: {}\n", check_rank.load(), file, line, message);
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  if (AbortHandler handler = abort_handler.load()) handler(text.c_str());
  std::abort();
}

}  // namespace aurora
