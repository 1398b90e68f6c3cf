#include "aurora/base/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "aurora/base/error.h"

namespace aurora {

namespace {

// An open file that closes itself.
class Descriptor {
 public:
  Descriptor(const Path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC)) {
    if (fd_ < 0) throw system_error("open", path.string(), errno);
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// 0 at the end; interrupted calls are made again.
size_t read_some(int fd, char* out, size_t size, const Path& path) {
  for (;;) {
    const ssize_t got = ::read(fd, out, size);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) throw system_error("read", path.string(), errno);
  }
}

constexpr size_t kPiece = size_t{1} << 20;

}  // namespace

std::string read_file(const Path& path, uint64_t max_bytes) {
  const Descriptor file(path, O_RDONLY);
  struct stat status;
  if (::fstat(file.get(), &status) != 0) throw system_error("read", path.string(), errno);
  // Pipes and /proc have no size: the loop ends at the end, and a file that grows meanwhile is read whole.
  std::string bytes;
  bytes.reserve(std::min<uint64_t>(static_cast<uint64_t>(status.st_size), max_bytes));
  size_t filled = 0;
  for (;;) {
    const size_t room = std::max<size_t>(static_cast<size_t>(status.st_size) + 1, filled + kPiece / 16);
    bytes.resize(room);
    const size_t got = read_some(file.get(), bytes.data() + filled, room - filled, path);
    filled += got;
    if (filled > max_bytes) {
      throw Error(fmt::format("larger than the {} bytes allowed here", max_bytes), path.string(),
                  "leave the file out or raise the bound");
    }
    if (got == 0) break;
  }
  bytes.resize(filled);
  return bytes;
}

void read_pieces(const Path& path, const std::function<void(std::string_view)>& use) {
  const Descriptor file(path, O_RDONLY);
  std::string piece(kPiece, '\0');
  while (const size_t got = read_some(file.get(), piece.data(), piece.size(), path)) {
    use(std::string_view(piece.data(), got));
  }
}

MappedFile::MappedFile(const Path& path) : path_(path) {
  const Descriptor file(path, O_RDONLY);
  struct stat status;
  if (::fstat(file.get(), &status) != 0) throw system_error("map", path.string(), errno);
  if (!S_ISREG(status.st_mode))
    throw system_error("map", path.string(), S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
  size_ = static_cast<size_t>(status.st_size);
  if (size_ == 0) return;
  void* data = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (data == MAP_FAILED) throw system_error("map", path.string(), errno);
  data_ = data;
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(data_, size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}

void ignore_file_size_signal() {
  ::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace aurora
