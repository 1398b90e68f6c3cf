// Files that are whole or not there. Writers write aside (PATH.partial-PID-N in the same folder), sync,
// rename and sync the folder, so that a reader never sees half a file and kill -9 leaves at most a stray
// .partial- file, which remove_partials() clears. Paths in errors are as given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aurora {

using Path = std::filesystem::path;

// Whole file as bytes. Error: missing, unreadable, larger than max_bytes.
std::string read_file(const Path& path, uint64_t max_bytes = uint64_t{1} << 40);
// Calls use(piece) for consecutive pieces of at most 1 MiB until the end. Error: missing, unreadable.
void read_pieces(const Path& path, const std::function<void(std::string_view)>& use);
// Writes aside, syncs, renames, syncs the folder. Creates missing parent folders.
void write_file_atomic(const Path& path, std::string_view bytes);

// A file written piece by piece that appears under its name only at commit(). Destroyed uncommitted: removed.
// Buffered (1 MiB). Error: no space, file-size limit, quota, permission; the partial file is then gone and
// what stood under the name before still stands. One thread at a time.
class AtomicFile {
 public:
  explicit AtomicFile(Path path);
  ~AtomicFile();
  AtomicFile(AtomicFile&&) noexcept;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, size_t size);
  void write(std::string_view bytes) { write(bytes.data(), bytes.size()); }
  uint64_t size() const { return size_; }  // bytes written so far
  void commit();

 private:
  void flush();
  void give_up() noexcept;
  Path path_;
  Path partial_;
  int fd_ = -1;
  uint64_t size_ = 0;
  std::string buffer_;
};

// Read-only mapping of a whole file. An empty file maps to an empty span. Movable.
class MappedFile {
 public:
  explicit MappedFile(const Path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(data_), size_}; }
  const Path& path() const { return path_; }

 private:
  Path path_;
  void* data_ = nullptr;
  size_t size_ = 0;
};

// Removes *.partial-PID-N files left in `folder` (not recursively) by a writer that was killed; those that a
// living writer holds locked stay.
void remove_partials(const Path& folder);
// Regular files below `root` (or `root` itself), sorted by path bytes; follows links but visits each real
// folder once (the first path in byte order wins). Folders that cannot be read are skipped and, if asked for,
// told. Error: `root` is missing.
std::vector<Path> list_files(const Path& root, std::vector<Path>* unreadable = nullptr);
// Regular files that a shell-style glob names (*, ?, [..], ** for any number of folders; * and ? do not match
// a leading dot), or a plain path; a folder stands for all files below it. Sorted by path bytes, each once.
// Error when nothing matches.
std::vector<Path> expand_glob(const std::string& pattern, std::vector<Path>* unreadable = nullptr);

// FOLDER.old-N with the first N from 1 that is free: where work goes that must not be deleted.
Path next_old_folder(const Path& folder);

// Makes a write beyond the file-size limit an Error (EFBIG) instead of a SIGXFSZ that kills. For main().
void ignore_file_size_signal();

}  // namespace aurora
