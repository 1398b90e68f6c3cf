#include "aurora/dataset/mapped_bytes.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "aurora/base/check.h"
#include "aurora/base/error.h"

namespace aurora::dataset {
namespace {

// The range that a thread is at.
struct Guard {
  volatile bool armed = false;
  const std::byte* begin = nullptr;
  const std::byte* end = nullptr;
  sigjmp_buf caller;
};
thread_local Guard guard;

struct sigaction& action_before() {
  static struct sigaction action;
  return action;
}

void on_bus_error(int signal, siginfo_t* info, void* context) {
  const auto* address = static_cast<const std::byte*>(info->si_addr);
  if (guard.armed && address >= guard.begin && address < guard.end) {
    guard.armed = false;
    // As returning would have done it.
    pthread_sigmask(SIG_SETMASK, &static_cast<const ucontext_t*>(context)->uc_sigmask, nullptr);
    siglongjmp(guard.caller, 1);
  }
  const struct sigaction& before = action_before();
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  } else {
    sigaction(signal, &before, nullptr);  // it comes again, and does what it would have done
  }
}

void install_handler() {
  static const bool installed = [] {
    struct sigaction action = {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    return sigaction(SIGBUS, &action, &action_before()) == 0;
  }();
  AURORA_CHECK(installed);
}

}  // namespace

MappedBytes::MappedBytes(const Path& path) {
  install_handler();
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw system_error("open", path.string(), errno);
  struct stat status = {};
  void* mapped = nullptr;
  int failed = ::fstat(file, &status) != 0 ? errno : 0;
  size_ = static_cast<uint64_t>(status.st_size);
  if (failed == 0 && size_ > 0) {
    mapped = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) failed = errno;
  }
  ::close(file);
  if (failed != 0) throw system_error("map", path.string(), failed);
  data_ = static_cast<const std::byte*>(mapped);
}

MappedBytes::~MappedBytes() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

bool MappedBytes::guarded(uint64_t offset, size_t size, Use use, void* context) const {
  AURORA_CHECK(offset <= size_ && size <= size_ - offset, "bytes {} + {} of {}", offset, size, size_);
  const std::byte* bytes = data_ + offset;
  guard.begin = bytes;
  guard.end = bytes + size;
  if (sigsetjmp(guard.caller, 0) != 0) return false;
  guard.armed = true;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  use(bytes, context);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  guard.armed = false;
  return true;
}

bool MappedBytes::copy(uint64_t offset, void* out, size_t size) const {
  if (size == 0) return true;
  struct Copy {
    void* out;
    size_t size;
  } copy{out, size};
  const Use use = [](const std::byte* bytes, void* context) {
    const Copy* copy = static_cast<const Copy*>(context);
    std::memcpy(copy->out, bytes, copy->size);
  };
  return guarded(offset, size, use, &copy);
}

}  // namespace aurora::dataset
