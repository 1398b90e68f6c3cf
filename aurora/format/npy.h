// NumPy's .npy files (docs/formats/npy.md; source: numpy/lib/_format_impl.py): numbers in C order, one or two
// dimensions, little endian. What NpyWriter writes is byte for byte what numpy.save (2.x) writes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/base/range_file.h"

namespace aurora::format {

enum class NpyType : uint8_t { kU8, kI8, kI16, kU16, kI32, kU32, kI64, kU64, kF32, kF64 };
size_t npy_type_bytes(NpyType type);
const char* npy_type_name(NpyType type);  // "u8", "i16" ..

// The NpyType of a C++ type.
template <typename T>
constexpr NpyType npy_type_of() {
  static_assert(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>);
  if constexpr (std::is_floating_point_v<T>) {
    static_assert(sizeof(T) == 4 || sizeof(T) == 8);
    return sizeof(T) == 4 ? NpyType::kF32 : NpyType::kF64;
  } else {
    constexpr bool kSigned = std::is_signed_v<T>;
    if constexpr (sizeof(T) == 1) return kSigned ? NpyType::kI8 : NpyType::kU8;
    if constexpr (sizeof(T) == 2) return kSigned ? NpyType::kI16 : NpyType::kU16;
    if constexpr (sizeof(T) == 4) return kSigned ? NpyType::kI32 : NpyType::kU32;
    if constexpr (sizeof(T) == 8) return kSigned ? NpyType::kI64 : NpyType::kU64;
  }
}

// What stands before the numbers.
struct NpyHeader {
  NpyType type = NpyType::kU8;
  std::vector<uint64_t> shape;  // one or two entries
  uint64_t elements = 0;        // their product
  uint64_t data_at = 0;         // offset of the first number
};

// Error naming file@offset: not .npy, another version than 1.0 or 2.0, a type or byte order that is not in
// NpyType, Fortran order in two dimensions, another number of dimensions, another size than the shape wants.
NpyHeader read_npy_header(const RangeFile& file);

// Writes one array front to back; it appears under its name at commit() (AtomicFile). Not thread-safe.
class NpyWriter {
 public:
  NpyWriter(const Path& path, NpyType type, std::vector<uint64_t> shape);  // one or two dimensions
  // The next bytes of the array, in C order; any number at a time.
  void write(const void* data, size_t bytes);
  template <typename T>
  void write(std::span<const T> numbers) {
    check_type(npy_type_of<T>());
    write(numbers.data(), numbers.size_bytes());
  }
  // All bytes that the shape wants must have been written (checked).
  void commit();

 private:
  void check_type(NpyType type) const;

  AtomicFile file_;
  NpyType type_;
  uint64_t left_ = 0;  // bytes of the array still to come
};

// A whole array through a memory map. Immutable, safe to use from many threads. Errors: those of
// read_npy_header().
class NpyFile {
 public:
  explicit NpyFile(const Path& path);

  NpyType type() const { return header_.type; }
  const std::vector<uint64_t>& shape() const { return header_.shape; }
  uint64_t elements() const { return header_.elements; }
  std::span<const std::byte> bytes() const { return map_.bytes().subspan(header_.data_at); }
  // The numbers in C order; good while this lives. Error: the file holds another type, or numbers at odd
  // addresses (numpy aligns them to 64 bytes).
  template <typename T>
  std::span<const T> as() const {
    check_readable(npy_type_of<T>());
    return {reinterpret_cast<const T*>(bytes().data()), elements()};
  }

 private:
  void check_readable(NpyType type) const;

  NpyHeader header_;
  MappedFile map_;
};

}  // namespace aurora::format
