#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <fmt/format.h>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/fault.h"
#include "aurora/base/file.h"

namespace aurora {

namespace {

constexpr size_t kBuffer = size_t{1} << 20;
constexpr std::string_view kPartialMark = ".partial-";

std::atomic<uint64_t> partial_number{0};

Path folder_of(const Path& path) {
  const Path folder = path.parent_path();
  return folder.empty() ? Path(".") : folder;
}

void sync_folder(const Path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) throw system_error("sync the folder", folder.string(), errno);
  const int result = ::fsync(fd);
  const int reason = errno;
  ::close(fd);
  // Some file systems cannot sync a folder and say so; there is nothing more to do there.
  if (result != 0 && reason != EINVAL && reason != ENOTSUP) {
    throw system_error("sync the folder", folder.string(), reason);
  }
}

bool is_partial_name(const std::string& name) {
  const size_t mark = name.rfind(kPartialMark);
  if (mark == std::string::npos) return false;
  const std::string_view tail = std::string_view(name).substr(mark + kPartialMark.size());
  const size_t dash = tail.find('-');
  const auto all_digits = [](std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  return dash != std::string_view::npos && all_digits(tail.substr(0, dash)) &&
         all_digits(tail.substr(dash + 1));
}

}  // namespace

AtomicFile::AtomicFile(Path path) : path_(std::move(path)) {
  const Path folder = folder_of(path_);
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure) throw system_error("make the folder", folder.string(), failure.value());
  do {  // O_EXCL: another machine's process may have our number
    partial_ = path_;
    partial_ += fmt::format("{}{}-{}", kPartialMark, ::getpid(), partial_number.fetch_add(1));
    fd_ = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (fd_ < 0 && errno == EEXIST);
  if (fd_ < 0) throw system_error("write", path_.string(), errno);
  ::flock(fd_, LOCK_EX | LOCK_NB);  // tells remove_partials() that a writer lives
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      partial_(std::move(other.partial_)),
      fd_(std::exchange(other.fd_, -1)),
      size_(other.size_),
      buffer_(std::move(other.buffer_)) {}

AtomicFile::~AtomicFile() {
  give_up();
}

void AtomicFile::give_up() noexcept {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(partial_.c_str());
  fd_ = -1;
}

void AtomicFile::write(const void* data, size_t size) {
  AURORA_CHECK(fd_ >= 0, "write to {} after its end", path_.string());
  const char* bytes = static_cast<const char*>(data);
  size_ += size;
  while (size > 0) {
    const size_t part = std::min(size, kBuffer - buffer_.size());
    buffer_.append(bytes, part);
    bytes += part;
    size -= part;
    if (buffer_.size() == kBuffer) flush();
  }
}

void AtomicFile::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int reason = errno;
      give_up();
      throw system_error("write", path_.string(), reason);
    }
    rest.remove_prefix(static_cast<size_t>(written));
  }
  buffer_.clear();
}

void AtomicFile::commit() {
  AURORA_CHECK(fd_ >= 0, "commit of {} after its end", path_.string());
  flush();
  if (::fsync(fd_) != 0) {
    const int reason = errno;
    give_up();
    throw system_error("write", path_.string(), reason);
  }
  fault_point("file.rename");
  if (::rename(partial_.c_str(), path_.c_str()) != 0) {
    const int reason = errno;
    give_up();
    throw system_error("write", path_.string(), reason);
  }
  const int closed = ::close(std::exchange(fd_, -1));
  if (closed != 0 && errno != EINTR) throw system_error("write", path_.string(), errno);
  fault_point("file.renamed");
  sync_folder(folder_of(path_));
}

void write_file_atomic(const Path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void remove_partials(const Path& folder) {
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failure)) {
    if (!is_partial_name(entry.path().filename().string()) || !entry.is_regular_file(failure)) continue;
    const int fd = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    const bool alive = ::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!alive) ::unlink(entry.path().c_str());
    ::close(fd);
  }
}

}  // namespace aurora
