#include "aurora/format/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <type_traits>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/format/gguf_bytes.h"

namespace aurora::format {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr const char* kRemedy = "copy or convert the file again";
constexpr const char* kAlignmentKey = "general.alignment";
constexpr uint32_t kRankMax = 4;  // ggml's GGML_MAX_DIMS
constexpr int kNestingMax = 8;    // arrays of arrays; nobody writes more than two
constexpr uint64_t kAlignmentMax = 1 << 20;

template <typename T>
constexpr bool kIsArray = std::is_same_v<T, GgufArray>;

uint64_t align(uint64_t offset, uint64_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

// --- reading ---------------------------------------------------------------------------------------------

// The head of the file, from front to back; never reads beyond its end.
class Cursor {
 public:
  Cursor(std::span<const std::byte> bytes, std::string where) : bytes_(bytes), where_(std::move(where)) {}

  uint64_t offset() const { return offset_; }
  uint64_t left() const { return bytes_.size() - offset_; }
  void reading(std::string what) { what_ = std::move(what); }

  [[noreturn]] void refuse(const std::string& what) const { refuse(what, kRemedy); }
  [[noreturn]] void refuse(const std::string& what, const char* remedy) const {
    throw Error(what_.empty() ? what : what_ + ": " + what, fmt::format("{}@{}", where_, offset_), remedy);
  }

  template <typename T>
  T number() {
    if (left() < sizeof(T)) refuse("the file ends here");
    T value;
    std::memcpy(&value, bytes_.data() + offset_, sizeof value);
    offset_ += sizeof value;
    return value;
  }
  bool flag() {
    const uint8_t value = number<uint8_t>();
    if (value > 1) refuse(fmt::format("{} is neither true nor false", value));
    return value == 1;
  }
  std::string text() {
    const uint64_t size = number<uint64_t>();
    if (size > left()) refuse(fmt::format("a text of {} bytes, the file has {} left", size, left()));
    std::string value(reinterpret_cast<const char*>(bytes_.data()) + offset_, size);
    offset_ += size;
    return value;
  }
  // `count` things of at least `bytes` each must fit into the file.
  void expect(uint64_t count, uint64_t bytes, const char* things) const {
    if (count > left() / bytes)
      refuse(fmt::format("{} {} do not fit into the {} bytes left", count, things, left()));
  }

 private:
  std::span<const std::byte> bytes_;
  std::string where_;
  uint64_t offset_ = 0;
  std::string what_;  // "key general.name", "tensor x"
};

GgufArray read_array(Cursor& cursor, int depth);

template <typename T>
T read_item(Cursor& cursor, int depth) {
  if constexpr (kIsArray<T>)
    return read_array(cursor, depth + 1);
  else if constexpr (std::is_same_v<T, std::string>)
    return cursor.text();
  else if constexpr (std::is_same_v<T, bool>)
    return cursor.flag();
  else
    return cursor.number<T>();
}

// Calls read with a null pointer to the alternative of Variant that `type` numbers; false: there is none.
template <typename Variant, typename Read, size_t... I>
bool with_type(uint32_t type, const Read& read, std::index_sequence<I...>) {
  return ((type == I && (read(static_cast<std::variant_alternative_t<I, Variant>*>(nullptr)), true)) || ...);
}
template <typename Variant, typename Read>
void with_type(Cursor& cursor, uint32_t type, const Read& read) {
  if (!with_type<Variant>(type, read, std::make_index_sequence<std::variant_size_v<Variant>>()))
    cursor.refuse(fmt::format("type {} of a value is unknown", type));
}

// Of an item in the file; texts and arrays at least.
template <typename T>
constexpr uint64_t kItemBytes = std::is_same_v<T, std::string> ? 8
                                : kIsArray<T>                  ? 12
                                                               : sizeof(T);

GgufArray read_array(Cursor& cursor, int depth) {
  if (depth > kNestingMax) cursor.refuse("arrays nest too deep");
  const uint32_t type = cursor.number<uint32_t>();
  const uint64_t size = cursor.number<uint64_t>();
  GgufArray array;
  with_type<decltype(array.items)>(cursor, type, [&]<typename T>(std::vector<T>*) {
    cursor.expect(size, kItemBytes<T>, "elements");
    std::vector<T> items;
    items.reserve(size);
    for (uint64_t i = 0; i < size; ++i) items.push_back(read_item<T>(cursor, depth));
    array.items = std::move(items);
  });
  return array;
}

GgufValue read_value(Cursor& cursor) {
  const uint32_t type = cursor.number<uint32_t>();
  GgufValue value;
  with_type<GgufValue>(cursor, type, [&]<typename T>(T*) { value = read_item<T>(cursor, 0); });
  return value;
}

GgufMetadata read_metadata(Cursor& cursor, uint64_t count, const std::string& where) {
  cursor.expect(count, 13, "settings");
  GgufMetadata metadata(where);
  for (uint64_t i = 0; i < count; ++i) {
    cursor.reading(fmt::format("key {} of {}", i + 1, count));
    std::string key = cursor.text();
    if (key.empty()) cursor.refuse("it has no name");
    if (metadata.find(key)) cursor.refuse(fmt::format("\"{}\" stands twice", key));
    cursor.reading("key " + key);
    metadata.set(std::move(key), read_value(cursor));
  }
  return metadata;
}

// A tensor's entry: its spec, and where its bytes begin in the data.
struct Entry {
  GgufTensorSpec spec;
  uint64_t offset = 0;
};

Entry read_entry(Cursor& cursor) {
  Entry entry;
  GgufTensorSpec& spec = entry.spec;
  spec.name = cursor.text();
  cursor.reading("tensor " + spec.name);
  const uint32_t rank = cursor.number<uint32_t>();
  if (rank > kRankMax) cursor.refuse(fmt::format("{} dimensions, at most {}", rank, kRankMax));
  uint64_t elements = 1;
  for (uint32_t i = 0; i < rank; ++i) {
    const uint64_t size = cursor.number<uint64_t>();
    // 5 bytes an element at most, and the sum stays below 2^63.
    if (__builtin_mul_overflow(elements, size, &elements) || elements > uint64_t{1} << 56)
      cursor.refuse("its shape is too large");
    spec.shape.insert(spec.shape.begin(), static_cast<int64_t>(size));
  }
  const uint32_t code = cursor.number<uint32_t>();
  const BlockFormat* format = find_block_format(code);
  if (!format) {
    const std::string_view name = ggml_type_name(code);
    cursor.refuse(name.empty() ? fmt::format("its type {} is unknown", code)
                               : fmt::format("its type {} is not supported", name),
                  "use a file of F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K");
  }
  spec.type = format->type;
  const int64_t row = spec.shape.empty() ? 1 : spec.shape.back();
  if (row % format->block_elements != 0)
    cursor.refuse(fmt::format("rows of {} elements are no whole blocks of {}", row, format->name));
  entry.offset = cursor.number<uint64_t>();
  return entry;
}

uint64_t alignment_of(const GgufMetadata& metadata) {
  const std::optional<int64_t> alignment = metadata.integer(kAlignmentKey);
  if (!alignment) return 32;
  if (*alignment < 1 || static_cast<uint64_t>(*alignment) > kAlignmentMax ||
      (*alignment & (*alignment - 1)) != 0)
    metadata.refuse(kAlignmentKey, fmt::format("{} is no power of two up to {}", *alignment, kAlignmentMax));
  return static_cast<uint64_t>(*alignment);
}

// Inside the data, aligned, none over another.
void check_places(const std::vector<Entry>& entries, uint64_t data_size, uint64_t alignment,
                  const std::string& where) {
  std::vector<const Entry*> sorted;
  for (const Entry& entry : entries) sorted.push_back(&entry);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Entry* a, const Entry* b) { return a->offset < b->offset; });
  uint64_t end = 0;
  for (const Entry* entry : sorted) {
    const auto refuse = [&](const std::string& what) {
      throw Error(what, where + ", tensor " + entry->spec.name, kRemedy);
    };
    const uint64_t bytes = entry->spec.bytes();
    if (entry->offset % alignment != 0)
      refuse(fmt::format("begins at {}, which is no multiple of {}", entry->offset, alignment));
    if (entry->offset > data_size || bytes > data_size - entry->offset)
      refuse(fmt::format("{} bytes at {} of {} bytes of data", bytes, entry->offset, data_size));
    if (entry->offset < end) refuse("overlaps the tensor before it");
    end = entry->offset + bytes;
  }
}

}  // namespace

size_t GgufArray::size() const {
  return std::visit([](const auto& array) { return array.size(); }, items);
}

uint64_t GgufTensorSpec::elements() const {
  return std::accumulate(shape.begin(), shape.end(), uint64_t{1}, [](uint64_t product, int64_t size) {
    return product * static_cast<uint64_t>(size);
  });
}

uint64_t GgufTensorSpec::bytes() const {
  return static_cast<uint64_t>(block_format(type).bytes(static_cast<int64_t>(elements())));
}

GgufFile::GgufFile(const Path& path) : file_(path) {
  const std::string where = path.string();
  const std::span<const std::byte> bytes = file_.bytes();
  Cursor cursor(bytes, where);
  if (bytes.size() < 4 || std::memcmp(bytes.data(), kGgufMagic, 4) != 0)
    cursor.refuse("not a GGUF file: it does not begin with \"GGUF\"", "name a GGUF file");
  cursor.number<uint32_t>();
  version_ = cursor.number<uint32_t>();
  if (version_ != 2 && version_ != 3) {
    if (version_ != 0 && (version_ & 0xffff) == 0)
      cursor.refuse("the file is big-endian", "use a little-endian file");
    cursor.refuse(fmt::format("version {} of GGUF; 2 and 3 are read", version_), "convert the model again");
  }
  const uint64_t tensors = cursor.number<uint64_t>();
  const uint64_t settings = cursor.number<uint64_t>();
  metadata_ = read_metadata(cursor, settings, where);
  alignment_ = alignment_of(metadata_);
  cursor.reading("the list of tensors");
  cursor.expect(tensors, 24, "tensors");
  std::vector<Entry> entries;
  for (uint64_t i = 0; i < tensors; ++i) {
    cursor.reading(fmt::format("tensor {} of {}", i + 1, tensors));
    Entry entry = read_entry(cursor);
    if (!by_name_.emplace(entry.spec.name, i).second) cursor.refuse("it stands twice");
    entries.push_back(std::move(entry));
  }
  const uint64_t begin = std::min<uint64_t>(align(cursor.offset(), alignment_), bytes.size());
  const std::span<const std::byte> data = bytes.subspan(begin);
  check_places(entries, data.size(), alignment_, where);
  for (Entry& entry : entries) {
    const uint64_t size = entry.spec.bytes();
    tensors_.push_back({std::move(entry.spec), data.subspan(entry.offset, size)});
  }
}

const GgufTensor* GgufFile::find(const std::string& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &tensors_[found->second];
}

bool is_gguf(const Path& path) {
  if (!std::filesystem::is_regular_file(path)) return false;
  const MappedFile file(path);
  return file.bytes().size() >= 4 && std::memcmp(file.bytes().data(), kGgufMagic, 4) == 0;
}

// --- writing ---------------------------------------------------------------------------------------------

GgufWriter::GgufWriter(const Path& path, const GgufMetadata& metadata, std::vector<GgufTensorSpec> tensors)
    : file_(path), tensors_(std::move(tensors)), alignment_(alignment_of(metadata)) {
  GgufBytes head;
  head.raw({kGgufMagic, 4});
  head.number(uint32_t{3});
  head.number(static_cast<uint64_t>(tensors_.size()));
  head.number(static_cast<uint64_t>(metadata.entries().size()));
  for (const auto& [key, value] : metadata.entries()) {
    head.text(key);
    head.value(value);
  }
  uint64_t offset = 0;
  for (const GgufTensorSpec& spec : tensors_) {
    AURORA_CHECK(!spec.shape.empty() && spec.shape.back() % block_format(spec.type).block_elements == 0,
                 "rows of {} are no whole blocks", spec.name);
    head.text(spec.name);
    head.number(static_cast<uint32_t>(spec.shape.size()));
    for (auto size = spec.shape.rbegin(); size != spec.shape.rend(); ++size)
      head.number(static_cast<uint64_t>(*size));
    head.number(block_format(spec.type).code);
    head.number(offset);
    offset = align(offset + spec.bytes(), alignment_);
  }
  file_.write(head.bytes());
  pad();
  left_ = tensors_.empty() ? 0 : tensors_.front().bytes();
}

void GgufWriter::pad() {
  static constexpr char kZeros[64] = {};
  for (uint64_t left = align(file_.size(), alignment_) - file_.size(); left > 0;) {
    const uint64_t piece = std::min<uint64_t>(left, sizeof kZeros);
    file_.write(kZeros, piece);
    left -= piece;
  }
}

void GgufWriter::write(const void* data, size_t size) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    AURORA_CHECK_LT(current_, tensors_.size());
    const uint64_t piece = std::min<uint64_t>(size, left_);
    file_.write(bytes, piece);
    bytes += piece;
    size -= piece;
    left_ -= piece;
    while (left_ == 0 && current_ < tensors_.size()) {
      pad();
      if (++current_ < tensors_.size()) left_ = tensors_[current_].bytes();
    }
  }
}

void GgufWriter::commit() {
  while (current_ < tensors_.size() && left_ == 0)  // tensors without elements
    if (++current_ < tensors_.size()) left_ = tensors_[current_].bytes();
  AURORA_CHECK_EQ(current_, tensors_.size());
  file_.commit();
}

}  // namespace aurora::format
