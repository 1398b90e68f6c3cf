#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "aurora/base/error.h"
#include "aurora/base/stream.h"

namespace aurora {

namespace {

constexpr size_t kInput = size_t{1} << 17;

// The raw bytes of a file, a buffer at a time.
class Source {
 public:
  explicit Source(const Path& path)
      : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), buffer_(kInput, '\0') {
    if (fd_ < 0) throw system_error("open", path.string(), errno);
    ::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
    try {
      refill();
    } catch (...) {
      ::close(fd_);
      throw;
    }
  }
  ~Source() { ::close(fd_); }
  Source(const Source&) = delete;

  std::string_view rest() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void skip(size_t bytes) { begin_ += bytes; }
  uint64_t offset() const { return file_offset_ - (end_ - begin_); }  // of rest() in the file
  const Path& path() const { return path_; }

  // Reads on when rest() is empty; false at the end of the file.
  bool refill() {
    if (begin_ < end_) return true;
    begin_ = 0;
    end_ = 0;
    // As much as the start-of-file check wants may come in pieces from a pipe.
    while (end_ < 4) {
      const ssize_t got = ::read(fd_, buffer_.data() + end_, buffer_.size() - end_);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) throw system_error("read", path_.string(), errno);
      if (got == 0) break;
      end_ += static_cast<size_t>(got);
      file_offset_ += static_cast<uint64_t>(got);
    }
    return end_ > 0;
  }

 private:
  Path path_;
  int fd_;
  std::string buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  uint64_t file_offset_ = 0;
};

class PlainReader : public Reader {
 public:
  explicit PlainReader(std::unique_ptr<Source> source) : source_(std::move(source)) {}
  size_t read(char* out, size_t size) override {
    if (!source_->refill()) return 0;
    const size_t part = std::min(size, source_->rest().size());
    std::memcpy(out, source_->rest().data(), part);
    source_->skip(part);
    return part;
  }

 private:
  std::unique_ptr<Source> source_;
};

// Hands out what was decoded before damage; throws at the call after it.
class DecodingReader : public Reader {
 public:
  explicit DecodingReader(std::unique_ptr<Source> source) : source_(std::move(source)) {}
  size_t read(char* out, size_t size) final {
    size_t made = 0;
    while (made == 0 && failure_.empty() && !end_) made = decode(out, size);
    if (made == 0 && !failure_.empty()) {
      throw Error(failure_, fmt::format("{}@{}", source_->path().string(), source_->offset()),
                  "fetch or make the file again");
    }
    return made;
  }

 protected:
  // Makes up to `size` bytes; may make none and be called again. Sets failure_ or end_.
  virtual size_t decode(char* out, size_t size) = 0;

  std::unique_ptr<Source> source_;
  std::string failure_;
  bool end_ = false;
};

class GzipReader final : public DecodingReader {
 public:
  explicit GzipReader(std::unique_ptr<Source> source) : DecodingReader(std::move(source)) {
    if (::inflateInit2(&stream_, 15 + 16) != Z_OK) throw std::bad_alloc();
  }
  ~GzipReader() override { ::inflateEnd(&stream_); }

 protected:
  size_t decode(char* out, size_t size) override {
    if (!source_->refill()) {
      if (inside_member_) failure_ = "gzip stream is cut short";
      end_ = true;
      return 0;
    }
    if (!inside_member_ && !begin_member()) return 0;
    const std::string_view input = source_->rest();
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min<size_t>(size, size_t{1} << 30));
    const uInt room = stream_.avail_out;
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    source_->skip(input.size() - stream_.avail_in);
    if (result == Z_STREAM_END) {
      inside_member_ = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      failure_ = fmt::format("gzip stream is damaged ({})", stream_.msg ? stream_.msg : "bad data");
    }
    return room - stream_.avail_out;
  }

 private:
  // At the start of a member, or of the zero padding that tapes leave behind the last one.
  bool begin_member() {
    const std::string_view rest = source_->rest();
    if (members_ > 0 && rest[0] == '\0') {
      source_->skip(std::min(rest.find_first_not_of('\0'), rest.size()));
      return false;
    }
    if (members_ > 0 && rest[0] != '\x1f') {
      failure_ = "other bytes follow the end of the gzip stream";
      return false;
    }
    ++members_;
    inside_member_ = true;
    ::inflateReset(&stream_);
    return true;
  }

  z_stream stream_{};
  bool inside_member_ = false;
  uint64_t members_ = 0;
};

class ZstdReader final : public DecodingReader {
 public:
  explicit ZstdReader(std::unique_ptr<Source> source)
      : DecodingReader(std::move(source)), stream_(ZSTD_createDCtx(), &ZSTD_freeDCtx) {
    if (stream_ == nullptr) throw std::bad_alloc();
  }

 protected:
  size_t decode(char* out, size_t size) override {
    // A frame may still hold decoded bytes when the file is at its end: then it is called with no input.
    const bool more = source_->refill();
    if (!more && !output_pending_) {
      if (inside_frame_) failure_ = "zstd stream is cut short";
      end_ = true;
      return 0;
    }
    const std::string_view rest = source_->rest();
    ZSTD_inBuffer input{rest.data(), rest.size(), 0};
    ZSTD_outBuffer output{out, size, 0};
    const size_t result = ZSTD_decompressStream(stream_.get(), &output, &input);
    source_->skip(input.pos);
    if (ZSTD_isError(result)) {
      failure_ = fmt::format("zstd stream is damaged ({})", ZSTD_getErrorName(result));
    }
    inside_frame_ = result != 0;
    output_pending_ = inside_frame_ && output.pos == output.size;
    return output.pos;
  }

 private:
  std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> stream_;
  bool inside_frame_ = false;
  bool output_pending_ = false;
};

bool is_zstd(std::string_view head) {
  if (head.size() < 4) return false;
  uint32_t magic = 0;
  for (int i = 3; i >= 0; --i) magic = magic << 8 | static_cast<unsigned char>(head[static_cast<size_t>(i)]);
  return magic == 0xFD2FB528u || (magic & 0xFFFFFFF0u) == 0x184D2A50u;  // a frame, or one to skip
}

}  // namespace

std::unique_ptr<Reader> open_reader(const Path& path) {
  auto source = std::make_unique<Source>(path);
  const std::string_view head = source->rest();
  if (head.size() >= 2 && head[0] == '\x1f' && head[1] == '\x8b') {
    return std::make_unique<GzipReader>(std::move(source));
  }
  if (is_zstd(head)) return std::make_unique<ZstdReader>(std::move(source));
  return std::make_unique<PlainReader>(std::move(source));
}

std::string read_compressed(const Path& path, uint64_t max_bytes) {
  const auto reader = open_reader(path);
  std::string bytes;
  size_t filled = 0;
  for (;;) {
    if (bytes.size() - filled < kInput / 2) bytes.resize(std::max(2 * bytes.size(), kInput));
    const size_t got = reader->read(bytes.data() + filled, bytes.size() - filled);
    if (got == 0) break;
    filled += got;
    if (filled > max_bytes) {
      throw Error(fmt::format("holds more than the {} bytes allowed here", max_bytes), path.string(),
                  "leave the file out or raise the bound");
    }
  }
  bytes.resize(filled);
  return bytes;
}

LineReader::LineReader(const Path& path, size_t max_line)
    : path_(path), reader_(open_reader(path)), max_line_(max_line) {}
LineReader::~LineReader() = default;

bool LineReader::fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const size_t old = buffer_.size();
  buffer_.resize(old + kInput);
  size_t got = 0;
  try {
    got = end_ ? 0 : reader_->read(buffer_.data() + old, kInput);
  } catch (...) {
    buffer_.clear();  // a line that damage cut through is no line
    end_ = true;
    throw;
  }
  buffer_.resize(old + got);
  end_ = got == 0;
  return got > 0;
}

bool LineReader::next(std::string& line) {
  size_t searched = 0;  // bytes of the unread part that hold no newline
  uint64_t dropped = 0;
  for (;;) {
    const size_t newline = buffer_.find('\n', begin_ + searched);
    const bool found = newline != std::string::npos;
    const size_t length = (found ? newline : buffer_.size()) - begin_;
    if (length > max_line_ || dropped > 0) {  // too long: forget it while looking for its end
      dropped += length;
      begin_ += length;
    }
    if (found || (end_ && (length > 0 || dropped > 0))) {
      ++line_number_;
      if (dropped == 0) line.assign(buffer_, begin_, length);
      begin_ += (dropped == 0 ? length : 0) + (found ? 1 : 0);
      if (dropped == 0) return true;
      throw Error(fmt::format("a line of {} bytes is longer than the {} allowed", dropped, max_line_),
                  fmt::format("{}:{}", path_.string(), line_number_), "the line is left out");
    }
    if (end_) return false;
    searched = buffer_.size() - begin_;
    fill();
  }
}

}  // namespace aurora
