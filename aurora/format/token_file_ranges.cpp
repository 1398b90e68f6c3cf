// A pair of files written in ranges.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/format/token_file.h"
#include "aurora/format/token_index.h"

namespace aurora::format {
namespace {

using namespace token_index;

uint64_t pointers_at(const TokenFileRanges::Totals& totals) {
  return kHeaderBytes + 4 * totals.documents;
}
uint64_t boundaries_at(const TokenFileRanges::Totals& totals) {
  return kHeaderBytes + 12 * totals.documents;
}

void write_at(int fd, const Path& path, uint64_t offset, const void* data, size_t size) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::pwrite(fd, bytes, size, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw system_error("write", path.string(), errno);
    bytes += written;
    offset += static_cast<uint64_t>(written);
    size -= static_cast<size_t>(written);
  }
}

int open_file(const Path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  if (fd < 0) throw system_error("write", path.string(), errno);
  return fd;
}

void make_file(const Path& path, uint64_t size, std::string_view head, std::string_view tail) {
  const int fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC);
  try {
    if (::ftruncate(fd, static_cast<off_t>(size)) != 0) throw system_error("write", path.string(), errno);
    write_at(fd, path, 0, head.data(), head.size());
    write_at(fd, path, size - tail.size(), tail.data(), tail.size());
  } catch (...) {
    ::close(fd);
    throw;
  }
  ::close(fd);
}

}  // namespace

void TokenFileRanges::create(const Path& prefix, const Totals& totals) {
  const uint64_t boundaries = totals.documents + 1;
  std::string head(kHeaderBytes, '\0');
  std::memcpy(head.data(), kMagic, sizeof kMagic);
  std::memcpy(head.data() + kVersionAt, &kVersion, sizeof kVersion);
  std::memcpy(head.data() + kTypeAt, &totals.type, 1);
  std::memcpy(head.data() + kSequencesAt, &totals.documents, sizeof totals.documents);
  std::memcpy(head.data() + kBoundariesAt, &boundaries, sizeof boundaries);
  const std::string_view last_boundary(reinterpret_cast<const char*>(&totals.documents), 8);
  make_file(token_bin_path(prefix), totals.tokens * token_type_bytes(totals.type), {}, {});
  make_file(token_idx_path(prefix), boundaries_at(totals) + 8 * boundaries, head, last_boundary);
}

TokenFileRanges::TokenFileRanges(const Path& prefix, const Totals& totals)
    : prefix_(prefix), totals_(totals), bin_(open_file(token_bin_path(prefix), O_WRONLY)) {
  try {
    idx_ = open_file(token_idx_path(prefix), O_WRONLY);
  } catch (...) {
    ::close(bin_);
    throw;
  }
}

TokenFileRanges::~TokenFileRanges() {
  ::close(bin_);
  ::close(idx_);
}

void TokenFileRanges::write_lengths(uint64_t first_document, uint64_t first_token,
                                    std::span<const int32_t> lengths) {
  AURORA_CHECK(first_document + lengths.size() <= totals_.documents);
  const uint64_t width = token_type_bytes(totals_.type);
  std::vector<uint64_t> pointers(lengths.size());
  std::vector<uint64_t> boundaries(lengths.size());
  uint64_t token = first_token;
  for (size_t i = 0; i < lengths.size(); ++i) {
    pointers[i] = token * width;
    boundaries[i] = first_document + i;
    token += static_cast<uint64_t>(lengths[i]);
  }
  AURORA_CHECK(token <= totals_.tokens);
  const Path path = token_idx_path(prefix_);
  write_at(idx_, path, kHeaderBytes + 4 * first_document, lengths.data(), lengths.size_bytes());
  write_at(idx_, path, pointers_at(totals_) + 8 * first_document, pointers.data(), 8 * pointers.size());
  write_at(idx_, path, boundaries_at(totals_) + 8 * first_document, boundaries.data(), 8 * boundaries.size());
}

void TokenFileRanges::write_tokens(uint64_t first_token, const void* numbers, uint64_t count) {
  AURORA_CHECK(first_token + count <= totals_.tokens);
  const uint64_t width = token_type_bytes(totals_.type);
  write_at(bin_, token_bin_path(prefix_), first_token * width, numbers, count * width);
}

void TokenFileRanges::sync() {
  if (::fsync(bin_) != 0) throw system_error("write", token_bin_path(prefix_).string(), errno);
  if (::fsync(idx_) != 0) throw system_error("write", token_idx_path(prefix_).string(), errno);
}

}  // namespace aurora::format
