#include "aurora/dataset/collection_stamps.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/format/token_file.h"

namespace aurora::dataset {
namespace {

constexpr std::string_view kHead = "aurora-collection-stamps 1 ";
constexpr int64_t kTickNs = 2'000'000'000;
constexpr int kNumbers = 8;

int64_t nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileStamp stamp_status(const struct stat& status, const Path& path) {
  if (!S_ISREG(status.st_mode)) {
    throw Error("not a regular file", path.string(), "name the prefix of a pair PREFIX.bin, PREFIX.idx");
  }
  return {static_cast<uint64_t>(status.st_size), nanoseconds(status.st_mtim), nanoseconds(status.st_ctim),
          status.st_ino};
}

// The text up to the newline; takes it away from `text`. Nothing when there is no newline.
std::optional<std::string_view> take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  if (end == text.npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

FileStamp stamp_file(const Path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) throw system_error("read", path.string(), errno);
  return stamp_status(status, path);
}

FileStamp stamp_open_file(int fd, const Path& path) {
  struct stat status;
  if (::fstat(fd, &status) != 0) throw system_error("read", path.string(), errno);
  return stamp_status(status, path);
}

PairStamp stamp_pair(const Path& prefix) {
  return {stamp_file(format::token_bin_path(prefix)), stamp_file(format::token_idx_path(prefix))};
}

int64_t now_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

bool settled(const PairStamp& stamp, int64_t read_ns) {
  return stamp.bin.modified_ns <= read_ns - kTickNs && stamp.idx.modified_ns <= read_ns - kTickNs;
}

std::string print_stamp(const PairStamp& stamp) {
  const FileStamp &bin = stamp.bin, &idx = stamp.idx;
  // Inodes may use all 64 bits; as signed numbers they come back the same.
  return fmt::format("{} {} {} {} {} {} {} {}", bin.bytes, bin.modified_ns, bin.status_changed_ns,
                     static_cast<int64_t>(bin.inode), idx.bytes, idx.modified_ns, idx.status_changed_ns,
                     static_cast<int64_t>(idx.inode));
}

std::optional<PairStamp> parse_stamp(std::string_view line) {
  int64_t numbers[kNumbers];
  const char* at = line.data();
  const char* const end = at + line.size();
  for (int i = 0; i < kNumbers; ++i) {
    if (i > 0 && (at == end || *at++ != ' ')) return std::nullopt;
    const auto [next, failure] = std::from_chars(at, end, numbers[i]);
    if (failure != std::errc()) return std::nullopt;
    at = next;
  }
  if (at != end || numbers[0] < 0 || numbers[4] < 0) return std::nullopt;
  const auto unsigned_number = [&](int i) { return static_cast<uint64_t>(numbers[i]); };
  return PairStamp{{unsigned_number(0), numbers[1], numbers[2], unsigned_number(3)},
                   {unsigned_number(4), numbers[5], numbers[6], unsigned_number(7)}};
}

Path stamps_path(const Path& manifest) {
  return manifest.string() + ".stamps";
}

std::string print_stamps(const PairStamps& stamps, std::string_view manifest) {
  std::string text(kHead);
  text += xxh3_128(manifest).hex() + "\n";
  for (const auto& stamp : stamps) text += (stamp ? print_stamp(*stamp) : "-") + "\n";
  return text;
}

std::optional<PairStamps> parse_stamps(std::string_view text, std::string_view manifest) {
  const std::optional<std::string_view> head = take_line(text);
  if (!head || *head != std::string(kHead) + xxh3_128(manifest).hex()) return std::nullopt;
  PairStamps stamps;
  while (!text.empty()) {
    const std::optional<std::string_view> line = take_line(text);
    if (!line) return std::nullopt;
    stamps.push_back(parse_stamp(*line));
    if (!stamps.back() && *line != "-") return std::nullopt;
  }
  return stamps;
}

}  // namespace aurora::dataset
