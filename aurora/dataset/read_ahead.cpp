#include "aurora/dataset/read_ahead.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "aurora/base/error.h"

namespace aurora::dataset {
namespace {

constexpr size_t kPiece = size_t{1} << 18;      // stays in a core's second cache between read and use
constexpr size_t kRingPiece = size_t{1} << 20;  // rarer waiting for each other outweighs that
constexpr size_t kSlots = 4;
constexpr uint64_t kWorthAThread = uint64_t{32} << 20;

// A ring of pieces between the thread that reads and the one that uses.
class PieceRing {
 public:
  explicit PieceRing(const OpenFile& file) : file_(file), bytes_(kRingPiece * kSlots) {}

  void fill() {
    try {
      for (uint64_t offset = 0;;) {
        if (!wait([&] { return filled_ - used_ < kSlots; })) return;
        const size_t slot = filled_ % kSlots;
        sizes_[slot] = file_.read(offset, &bytes_[slot * kRingPiece], kRingPiece);
        offset += sizes_[slot];
        advance(filled_);
        if (sizes_[slot] == 0) return;  // an empty piece is the end
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      failure_ = std::current_exception();
      changed_.notify_all();
    }
  }

  void drain(const UsePiece& use) {
    for (;;) {
      bool ready = false;
      wait([&] { return (ready = used_ < filled_) || failure_; });
      if (!ready) std::rethrow_exception(failure_);
      const size_t slot = used_ % kSlots;
      if (sizes_[slot] == 0) return;
      use({&bytes_[slot * kRingPiece], sizes_[slot]});
      advance(used_);
    }
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

 private:
  template <typename Condition>
  bool wait(const Condition& condition) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || condition(); });
    return !stopped_;
  }

  void advance(uint64_t& counter) {
    const std::lock_guard lock(mutex_);
    ++counter;
    changed_.notify_all();
  }

  const OpenFile& file_;
  std::vector<char> bytes_;
  size_t sizes_[kSlots] = {};
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t filled_ = 0, used_ = 0;  // pieces; only the filling thread changes filled_, the other used_
  std::exception_ptr failure_;
  bool stopped_ = false;
};

}  // namespace

OpenFile::OpenFile(const Path& path) : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (fd_ < 0) throw system_error("open", path.string(), errno);
  try {
    stamp_ = stamp_open_file(fd_, path);
  } catch (...) {
    ::close(fd_);
    throw;
  }
  ::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);  // a hint: nothing depends on it
}

OpenFile::~OpenFile() {
  ::close(fd_);
}

size_t OpenFile::read(uint64_t offset, char* out, size_t size) const {
  size = std::min<uint64_t>(size, stamp_.bytes - offset);
  for (size_t filled = 0; filled < size;) {
    const ssize_t got = ::pread(fd_, out + filled, size - filled, static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_error("read", path_.string(), errno);
    if (got == 0) {
      throw Error(fmt::format("the file was cut short while it was read: {} bytes of {}", offset + filled,
                              stamp_.bytes),
                  path_.string(), "wait until nobody writes it, then try again");
    }
    filled += static_cast<size_t>(got);
  }
  return size;
}

void read_through(const OpenFile& file, const UsePiece& use) {
  std::vector<char> piece(std::min<uint64_t>(kPiece, file.stamp().bytes));
  for (uint64_t offset = 0; offset < file.stamp().bytes;) {
    const size_t got = file.read(offset, piece.data(), piece.size());
    use({piece.data(), got});
    offset += got;
  }
}

void read_ahead(const OpenFile& file, const UsePiece& use) {
  if (file.stamp().bytes < kWorthAThread) return read_through(file, use);
  PieceRing ring(file);
  std::thread reader([&ring] { ring.fill(); });
  try {
    ring.drain(use);
  } catch (...) {
    ring.stop();
    reader.join();
    throw;
  }
  reader.join();
}

}  // namespace aurora::dataset
