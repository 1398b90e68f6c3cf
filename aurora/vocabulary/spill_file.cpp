#include "aurora/vocabulary/spill_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/vocabulary/word_records.h"

namespace aurora::vocabulary {
namespace {
constexpr size_t kPiece = 1 << 20;
}

SpillFile::SpillFile(const Path& folder) {
  const Path parent = folder.empty() ? std::filesystem::temp_directory_path() : folder;
  name_ = (parent / "aurora-words-XXXXXX").string();
  fd_ = ::mkostemp(name_.data(), O_CLOEXEC);
  if (fd_ < 0) throw system_error("create temporary file", name_, errno);
  ::unlink(name_.c_str());
}

SpillFile::~SpillFile() {
  if (fd_ >= 0) ::close(fd_);
}

void SpillFile::append(std::string_view bytes, uint64_t at) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) throw system_error("write temporary file", name_, errno);
    at += static_cast<uint64_t>(wrote);
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
}

SpillFile::Run SpillFile::write(const WordTable& table) {
  const uint64_t bytes = record_bytes(table.words(), table.word_bytes());
  const Run run = {size_.fetch_add(bytes), bytes};
  uint64_t at = run.begin;
  std::string piece;
  table.visit([&](std::string_view word, uint64_t count) {
    append_record(piece, word, count);
    if (piece.size() < kPiece) return;
    append(piece, at);
    at += piece.size();
    piece.clear();
  });
  append(piece, at);
  AURORA_CHECK_EQ(at + piece.size(), run.begin + run.size);
  return run;
}

void SpillFile::read(Run run, const std::function<void(std::string_view, uint64_t)>& use) const {
  std::string piece;
  uint64_t at = run.begin;
  const uint64_t end = run.begin + run.size;
  while (at < end) {
    const size_t held = piece.size();
    const size_t want = static_cast<size_t>(std::min<uint64_t>(kPiece, end - at));
    piece.resize(held + want);
    const ssize_t got = ::pread(fd_, piece.data() + held, want, static_cast<off_t>(at));
    if (got < 0 && errno != EINTR) throw system_error("read temporary file", name_, errno);
    if (got == 0) throw Error("the temporary file ends early", name_, "was it cut by someone? run again");
    piece.resize(held + (got > 0 ? static_cast<size_t>(got) : 0));
    at += got > 0 ? static_cast<uint64_t>(got) : 0;
    piece.erase(0, read_records(piece, use));
  }
  AURORA_CHECK(piece.empty());
}

}  // namespace aurora::vocabulary
