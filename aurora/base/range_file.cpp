#include "aurora/base/range_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "aurora/base/error.h"

namespace aurora {
namespace {

// Linux moves at most this much per call (and pread takes no more than SSIZE_MAX anywhere).
constexpr size_t kMostPerCall = size_t{1} << 30;

class LocalFile : public RangeFile {
 public:
  explicit LocalFile(const Path& path)
      : name_(path.string()), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) throw system_error("open", name_, errno);
    struct stat status;
    const int failure = ::fstat(fd_, &status) != 0 ? errno
                        : S_ISDIR(status.st_mode)  ? EISDIR
                        : S_ISREG(status.st_mode)  ? 0
                                                   : EINVAL;
    if (failure != 0) {
      ::close(fd_);
      throw system_error("open", name_, failure);
    }
    size_ = static_cast<uint64_t>(status.st_size);
  }
  ~LocalFile() override { ::close(fd_); }
  LocalFile(const LocalFile&) = delete;

  uint64_t size() const override { return size_; }
  const std::string& name() const override { return name_; }

  void read(uint64_t offset, void* out, size_t size) const override {
    if (offset > size_ || size > size_ - offset) refuse_short(offset, size, size_);
    char* to = static_cast<char*>(out);
    for (size_t done = 0; done < size;) {
      const uint64_t at = offset + done;
      const ssize_t got =
          ::pread(fd_, to + done, std::min(size - done, kMostPerCall), static_cast<off_t>(at));
      if (got > 0) {
        done += static_cast<size_t>(got);
      } else if (got == 0) {
        refuse_short(offset, size, at);
      } else if (errno != EINTR) {
        throw system_error("read", fmt::format("{}@{}", name_, at), errno);
      }
    }
  }

  void will_need(uint64_t offset, uint64_t size) const override {
    if (offset >= size_ || size == 0) return;
    size = std::min(size, size_ - offset);
    static_cast<void>(
        ::posix_fadvise(fd_, static_cast<off_t>(offset), static_cast<off_t>(size), POSIX_FADV_WILLNEED));
  }

 private:
  [[noreturn]] void refuse_short(uint64_t offset, size_t size, uint64_t end) const {
    throw Error(fmt::format("the file ends at {}, {} bytes from {} were asked for{}", end, size, offset,
                            end < size_ ? fmt::format("; it had {} when it was opened", size_) : ""),
                fmt::format("{}@{}", name_, end), "the file was cut short: copy it anew");
  }

  std::string name_;
  int fd_;
  uint64_t size_ = 0;
};

}  // namespace

std::unique_ptr<RangeFile> open_range_file(const Path& path) {
  return std::make_unique<LocalFile>(path);
}

void allow_many_open_files() {
  rlimit limit;
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace aurora
