// Safetensors: named arrays in one file (https://github.com/huggingface/safetensors), and Hugging Face's way
// to spread them over several (`model-00001-of-00003.safetensors` + `model.safetensors.index.json`).
//
// A file is: u64 little-endian header length, JSON header padded with spaces so that the data begins at a
// multiple of 8, then the arrays back to back, little-endian, row-major.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "aurora/base/file.h"

namespace aurora::format {

enum class StoredType : uint8_t {
  kBool,
  kU8,
  kI8,
  kF8E4M3,
  kF8E5M2,
  kI16,
  kU16,
  kF16,
  kBf16,
  kI32,
  kU32,
  kF32,
  kI64,
  kU64,
  kF64,
};
size_t stored_type_bytes(StoredType type);
const char* stored_type_name(StoredType type);  // as in the header: "BF16", "F32" ...

struct TensorSpec {
  std::string name;
  StoredType type = StoredType::kF32;
  std::vector<int64_t> shape;  // empty: a scalar
  uint64_t elements() const;
  uint64_t bytes() const;
};

using Metadata = std::vector<std::pair<std::string, std::string>>;

// Writes one file as a stream: the specs first, then exactly their bytes in that order. Atomic. The header's
// bytes follow the order of `tensors` and `metadata`.
class SafetensorsWriter {
 public:
  SafetensorsWriter(const Path& path, std::vector<TensorSpec> tensors, const Metadata& metadata = {});
  // The next bytes of the arrays, in pieces of any size. More than the specs hold is a failed check.
  void write(const void* data, size_t size);
  void commit();  // checked: all bytes were written

 private:
  AtomicFile file_;
  uint64_t left_ = 0;
};

struct StoredTensor {
  TensorSpec spec;
  std::span<const std::byte> data;  // row-major, little-endian; lives as long as the file object
};

// Maps one file and validates its whole header: length, JSON, types, shapes, bounds, no overlap, no hole.
// Errors name the file and the tensor. Immutable, thread-safe.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const Path& path);
  const Path& path() const { return file_.path(); }
  const std::vector<StoredTensor>& tensors() const { return tensors_; }  // in order of their bytes
  const Metadata& metadata() const { return metadata_; }                 // sorted by key
  const StoredTensor* find(const std::string& name) const;               // nullptr when absent
  const StoredTensor& tensor(const std::string& name) const;             // Error when absent

 private:
  MappedFile file_;
  std::vector<StoredTensor> tensors_;
  std::map<std::string, size_t> by_name_;
  Metadata metadata_;
};

// --- several files ---------------------------------------------------------------------------------------

struct Shard {
  std::string file;  // name inside the folder
  std::vector<TensorSpec> tensors;
};
// Fills shards in order, each up to shard_bytes (a larger tensor gets one alone). One shard is called
// model.safetensors.
std::vector<Shard> plan_shards(const std::vector<TensorSpec>& tensors, uint64_t shard_bytes);

using Sink = std::function<void(const void* data, size_t size)>;
using FillTensor = std::function<void(const TensorSpec& spec, const Sink& sink)>;
// Writes all shards and, when there are several, the index. fill is called once per tensor in order and
// passes the tensor's bytes to the sink. Returns the names of the files written.
std::vector<std::string> write_safetensors_folder(const Path& folder, const std::vector<TensorSpec>& tensors,
                                                  uint64_t shard_bytes, const Metadata& metadata,
                                                  const FillTensor& fill);

// Opens model.safetensors, or the shards that the index names (each name must be in the shard it is said to
// be in).
class SafetensorsFolder {
 public:
  explicit SafetensorsFolder(const Path& folder);
  std::vector<std::string> names() const;  // sorted
  const StoredTensor* find(const std::string& name) const;
  const StoredTensor& tensor(const std::string& name) const;

 private:
  Path folder_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, const StoredTensor*> by_name_;
};

}  // namespace aurora::format
