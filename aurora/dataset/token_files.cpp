#include "aurora/dataset/token_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/dataset/vocabulary.h"

namespace aurora::dataset {
namespace {

void check_counts(const TokenFileSource& source, const format::TokenFile& file) {
  if (file.tokens() == source.tokens && file.documents() == source.documents) return;
  throw Error(fmt::format("{} tokens in {} documents, but {} in {} were expected", file.tokens(),
                          file.documents(), source.tokens, source.documents),
              format::token_idx_path(source.prefix).string(),
              "the file is not the one that the order was made for: put that one back, or make the list of "
              "token files anew");
}

// Which file lies under a name, and in which state.
struct FileStamp {
  bool there = false;
  dev_t device = 0;
  ino_t number = 0;
  off_t size = 0;
  time_t changed_s = 0;
  long changed_ns = 0;
  bool operator==(const FileStamp&) const = default;
};

FileStamp stamp_of(const Path& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) != 0) return {};
  return {true, status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

}  // namespace

struct OpenTokenFile::Stamp {
  FileStamp bin, idx;
  explicit Stamp(const Path& prefix)
      : bin(stamp_of(format::token_bin_path(prefix))), idx(stamp_of(format::token_idx_path(prefix))) {}
};

OpenTokenFile::OpenTokenFile(const Path& prefix, format::TokenCheck check, bool map)
    : stamp_(std::make_unique<const Stamp>(prefix)),
      file_(prefix, check),
      width_(format::token_type_bytes(file_.type())) {
  if (!map) return;
  auto bytes = std::make_unique<const MappedBytes>(format::token_bin_path(prefix));
  // Another file may have come under the name meanwhile; ranges still read the one that was checked.
  if (bytes->size() == file_.tokens() * width_ && unchanged()) bytes_ = std::move(bytes);
}

OpenTokenFile::~OpenTokenFile() = default;

void OpenTokenFile::read_raw(uint64_t begin, uint64_t count, void* out) const {
  if (count == 0) return;
  if (!bytes_ || !bytes_->copy(begin * width_, out, count * width_)) return file_.read_raw(begin, count, out);
  check_end(begin, count, out);
}

// A file cut short inside a page reads as zeros there.
void OpenTokenFile::check_end(uint64_t begin, uint64_t count, void* out) const {
  std::byte* last = static_cast<std::byte*>(out) + (count - 1) * width_;
  if (last[width_ - 1] == std::byte{0}) file_.read_raw(begin + count - 1, 1, last);
}

template <typename T>
uint64_t OpenTokenFile::read_inside(uint64_t begin, uint64_t count, int64_t vocab_size, T* out) const {
  AURORA_CHECK_EQ(sizeof(T), width_);
  if (count == 0) return 0;
  struct Copy {
    size_t count;
    int64_t vocab_size;
    T* out;
    bool inside;
  } copy{count, vocab_size, out, false};
  const MappedBytes::Use use = [](const std::byte* bytes, void* context) {
    Copy* copy = static_cast<Copy*>(context);
    copy->inside = copy_inside(bytes, copy->count, copy->vocab_size, copy->out);
  };
  if (bytes_ && bytes_->guarded(begin * width_, count * width_, use, &copy)) {
    check_end(begin, count, out);
    if (copy.inside) return count;
  } else {
    file_.read_raw(begin, count, out);
  }
  return first_outside(out, count, vocab_size);
}
template uint64_t OpenTokenFile::read_inside(uint64_t, uint64_t, int64_t, uint16_t*) const;
template uint64_t OpenTokenFile::read_inside(uint64_t, uint64_t, int64_t, int32_t*) const;

void OpenTokenFile::prefetch(uint64_t begin, uint64_t count) const {
  if (bytes_) bytes_->prefetch(begin * width_, count * width_);
}

bool OpenTokenFile::unchanged() const {
  const Stamp now(file_.prefix());
  return now.bin == stamp_->bin && now.idx == stamp_->idx;
}

struct TokenFiles::State {
  // Files are opened under one of a few locks, so that opening several at once does not queue up.
  static constexpr size_t kLocks = 16;
  static constexpr uint64_t kMappedAtMost = uint64_t{64} << 30;

  std::vector<TokenFileSource> sources;
  format::TokenCheck check;
  std::vector<std::atomic<const OpenTokenFile*>> current;
  std::array<std::mutex, kLocks> opening;
  std::atomic<uint64_t> mapped = 0;
  std::mutex owning;
  std::vector<std::unique_ptr<const OpenTokenFile>> owned;  // current ones and those that were replaced

  const OpenTokenFile& open(size_t file) {
    const TokenFileSource& source = sources[file];
    const uint64_t most_bytes = source.tokens * sizeof(uint64_t);
    const bool map = most_bytes <= kMappedAtMost - std::min(kMappedAtMost, mapped.load());
    auto opened = std::make_unique<const OpenTokenFile>(source.prefix, check, map);
    check_counts(source, opened->file());
    if (map) mapped += source.tokens * format::token_type_bytes(opened->file().type());
    std::lock_guard lock(owning);
    owned.push_back(std::move(opened));
    current[file].store(owned.back().get(), std::memory_order_release);
    return *owned.back();
  }
};

TokenFiles::TokenFiles(std::vector<TokenFileSource> sources, format::TokenCheck check)
    : state_(std::make_unique<State>()) {
  state_->current = std::vector<std::atomic<const OpenTokenFile*>>(sources.size());
  state_->sources = std::move(sources);
  state_->check = check;
}

TokenFiles::~TokenFiles() = default;

size_t TokenFiles::size() const {
  return state_->sources.size();
}

const TokenFileSource& TokenFiles::source(size_t file) const {
  AURORA_CHECK_LT(file, size());
  return state_->sources[file];
}

const OpenTokenFile& TokenFiles::opened(size_t file) const {
  AURORA_CHECK_LT(file, size());
  if (const OpenTokenFile* opened = state_->current[file].load(std::memory_order_acquire)) return *opened;
  std::lock_guard lock(state_->opening[file % State::kLocks]);
  if (const OpenTokenFile* opened = state_->current[file].load(std::memory_order_acquire)) return *opened;
  return state_->open(file);
}

const OpenTokenFile& TokenFiles::reopen(size_t file, const OpenTokenFile& damaged) const {
  AURORA_CHECK_LT(file, size());
  std::lock_guard lock(state_->opening[file % State::kLocks]);
  const OpenTokenFile* opened = state_->current[file].load(std::memory_order_acquire);
  if (opened != nullptr && (opened != &damaged || opened->unchanged())) return *opened;
  return state_->open(file);
}

}  // namespace aurora::dataset
