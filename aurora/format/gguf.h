// GGUF: one file with a model's settings, tokenizer and weights (docs/formats/gguf.md; ggml's
// docs/gguf.md). Versions 2 and 3 are read, 3 is written; little-endian files only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/format/quant_blocks.h"

namespace aurora::format {

struct GgufArray;
// A metadata value. index() is the number of its type in the file.
using GgufValue = std::variant<uint8_t, int8_t, uint16_t, int16_t, uint32_t, int32_t, float, bool,
                               std::string, GgufArray, uint64_t, int64_t, double>;
// index() is the number of the elements' type.
struct GgufArray {
  std::variant<std::vector<uint8_t>, std::vector<int8_t>, std::vector<uint16_t>, std::vector<int16_t>,
               std::vector<uint32_t>, std::vector<int32_t>, std::vector<float>, std::vector<bool>,
               std::vector<std::string>, std::vector<GgufArray>, std::vector<uint64_t>, std::vector<int64_t>,
               std::vector<double>>
      items;
  size_t size() const;
  bool operator==(const GgufArray&) const = default;
};

// Settings by key, in the order of the file, with look-ups that say what is wrong. A key stands once.
class GgufMetadata {
 public:
  GgufMetadata() = default;
  explicit GgufMetadata(std::string where) : where_(std::move(where)) {}  // the file, for errors

  // Checked: the key is new.
  void set(std::string key, GgufValue value);
  const std::vector<std::pair<std::string, GgufValue>>& entries() const { return entries_; }
  const GgufValue* find(const std::string& key) const;  // nullptr when absent
  const std::string& where() const { return where_; }

  // nullopt or nullptr when absent. Error (file and key): another type; integers of any width are one type.
  std::optional<int64_t> integer(const std::string& key) const;
  std::optional<double> real(const std::string& key) const;  // f32, f64 or an integer
  std::optional<bool> flag(const std::string& key) const;
  const std::string* text(const std::string& key) const;
  const std::vector<std::string>* texts(const std::string& key) const;
  const std::vector<float>* reals(const std::string& key) const;  // an array of f32
  std::optional<std::vector<int64_t>> integers(const std::string& key) const;
  // Error when absent, too.
  int64_t required_integer(const std::string& key) const;
  double required_real(const std::string& key) const;
  const std::string& required_text(const std::string& key) const;
  // Error with file and key.
  [[noreturn]] void refuse(const std::string& key, const std::string& what) const;

 private:
  std::string where_;
  std::vector<std::pair<std::string, GgufValue>> entries_;
  std::map<std::string, size_t> by_key_;
};

struct GgufTensorSpec {
  std::string name;
  BlockType type = BlockType::kF32;
  std::vector<int64_t> shape;  // row-major as everywhere in this house: the file's dimensions reversed
  uint64_t elements() const;
  uint64_t bytes() const;
};
struct GgufTensor {
  GgufTensorSpec spec;
  std::span<const std::byte> data;  // in the mapped file
};

// A mapped file. The whole structure is checked when it is opened: every length against the file's, names
// unique, types known, shapes whole blocks, tensors aligned, inside and apart. Error: file, offset, and the
// key or tensor; a type that we do not read by its name. Immutable, thread-safe.
class GgufFile {
 public:
  explicit GgufFile(const Path& path);
  const Path& path() const { return file_.path(); }
  uint32_t version() const { return version_; }
  uint64_t alignment() const { return alignment_; }  // bytes
  const GgufMetadata& metadata() const { return metadata_; }
  const std::vector<GgufTensor>& tensors() const { return tensors_; }  // in the order of the file
  const GgufTensor* find(const std::string& name) const;               // nullptr when absent

 private:
  MappedFile file_;
  uint32_t version_ = 0;
  uint64_t alignment_ = 32;
  GgufMetadata metadata_;
  std::vector<GgufTensor> tensors_;
  std::map<std::string, size_t> by_name_;
};

// Whether the file begins as a GGUF file does.
bool is_gguf(const Path& path);

// Writes one file as a stream: settings and specs first, then exactly the tensors' bytes in that order (the
// writer pads between them). Atomic. general.alignment among the settings is obeyed, else 32.
class GgufWriter {
 public:
  GgufWriter(const Path& path, const GgufMetadata& metadata, std::vector<GgufTensorSpec> tensors);
  // The next bytes of the tensors, in pieces of any size. More than the specs hold is a failed check.
  void write(const void* data, size_t size);
  void commit();  // checked: all bytes were written

 private:
  void pad();
  AtomicFile file_;
  std::vector<GgufTensorSpec> tensors_;
  uint64_t alignment_ = 32;
  size_t current_ = 0;  // tensor
  uint64_t left_ = 0;   // of its bytes
};

}  // namespace aurora::format
