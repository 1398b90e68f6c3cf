// Compressed streams: plain, gzip or zstd, recognised by their first bytes when read and chosen by the file
// name's ending (.gz, .zst) when written. Output bytes are a pure function of the input bytes and the level.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "aurora/base/file.h"

namespace aurora {

class Reader {
 public:
  virtual ~Reader() = default;
  // Up to `size` bytes into `out`; 0 at the end. Error: damaged or truncated stream, with the offset.
  // All that is sound before the damage is handed out first.
  virtual size_t read(char* out, size_t size) = 0;
};
// Follows several gzip members or zstd frames in one file.
std::unique_ptr<Reader> open_reader(const Path& path);
// The whole decompressed content. max_bytes bounds a decompression bomb: Error beyond it.
std::string read_compressed(const Path& path, uint64_t max_bytes);

// Lines without their newline. A line longer than max_line is an Error from next() once, and reading goes on
// behind it, so that one hostile line costs itself only.
class LineReader {
 public:
  LineReader(const Path& path, size_t max_line);
  ~LineReader();
  // false at the end. After an Error for damage the next call says false.
  bool next(std::string& line);
  uint64_t line_number() const { return line_number_; }  // of the last line, from 1

 private:
  Path path_;
  std::unique_ptr<Reader> reader_;
  size_t max_line_;
  uint64_t line_number_ = 0;
  std::string buffer_;
  size_t begin_ = 0;  // of the unread part of buffer_
  bool end_ = false;
  bool fill();  // false at the end
};

// Writes plain, gzip or zstd by the ending of `path`; appears at commit() (AtomicFile). level: 1..9 for gzip,
// 1..19 for zstd, not used for plain.
class Writer {
 public:
  explicit Writer(const Path& path, int level = 3);
  ~Writer();
  void write(std::string_view bytes);
  uint64_t bytes_in() const { return bytes_in_; }
  void commit();

 private:
  struct Codec;
  AtomicFile file_;
  std::unique_ptr<Codec> codec_;
  uint64_t bytes_in_ = 0;
};

// Sizes for the compression table of evaluate and for tests: whole-buffer, no file.
std::string gzip_compress(std::string_view bytes, int level);
std::string zstd_compress(std::string_view bytes, int level);

}  // namespace aurora
