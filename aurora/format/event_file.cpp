#include "aurora/format/event_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "aurora/base/error.h"

namespace aurora::format {
namespace {

// A record: u64 length, u32 masked CRC of those 8 bytes, the data, u32 masked CRC of the data.
constexpr size_t kHeadBytes = 12;
constexpr size_t kFootBytes = 4;
constexpr const char* kFileVersion = "brain.Event:2";

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
    table[i] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrcTable = make_crc_table();

// --- protobuf: a key is field << 3 | wire type (0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes)
// --

template <typename T>
void put_fixed(std::string& out, T value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void put_bytes(std::string& out, char key, std::string_view bytes) {
  out += key;
  put_varint(out, bytes.size());
  out += bytes;
}

std::string encode(const ScalarEvent& event) {
  std::string summary;
  for (const Scalar& scalar : event.scalars) {
    std::string value;
    put_bytes(value, '\x0a', scalar.tag);  // Value.tag = 1
    value += '\x15';                       // Value.simple_value = 2, float
    put_fixed(value, scalar.value);
    put_bytes(summary, '\x0a', value);  // Summary.value = 1
  }
  std::string out;
  out += '\x09';  // Event.wall_time = 1, double
  put_fixed(out, event.wall_time_s);
  out += '\x10';  // Event.step = 2, int64
  put_varint(out, static_cast<uint64_t>(event.step));
  put_bytes(out, '\x2a', summary);  // Event.summary = 5
  return out;
}

// Walks the fields of one message. Damage ends the walk with ok() false.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : bytes_(bytes) {}
  bool ok() const { return ok_; }
  uint64_t key = 0;         // field << 3 | wire type
  uint64_t number = 0;      // of wire types 0, 1, 5
  std::string_view nested;  // of wire type 2

  bool next() {
    if (at_ == bytes_.size()) return false;
    key = varint();
    switch (key & 7) {
      case 0:
        number = varint();
        break;
      case 1:
        number = fixed(8);
        break;
      case 2:
        nested = take(varint());
        break;
      case 5:
        number = fixed(4);
        break;
      default:
        ok_ = false;
    }
    return ok_;
  }

 private:
  std::string_view take(uint64_t size) {
    if (size > bytes_.size() - at_) {
      ok_ = false;
      return {};
    }
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  uint64_t fixed(size_t size) {
    uint64_t value = 0;
    std::string_view bytes = take(size);
    std::memcpy(&value, bytes.data(), bytes.size());
    return value;
  }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      std::string_view byte = take(1);
      if (byte.empty()) return 0;
      value |= static_cast<uint64_t>(byte[0] & 0x7f) << shift;
      if (!(byte[0] & 0x80)) return value;
    }
    ok_ = false;
    return 0;
  }

  std::string_view bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

template <typename T, typename Bits>
T from_bits(uint64_t number) {
  Bits bits = static_cast<Bits>(number);
  T value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

std::optional<Scalar> decode_value(std::string_view bytes) {
  Scalar scalar;
  FieldReader field(bytes);
  while (field.next()) {
    if (field.key == 0x0a) scalar.tag = field.nested;
    if (field.key == 0x15) scalar.value = from_bits<float, uint32_t>(field.number);
  }
  return field.ok() ? std::optional(scalar) : std::nullopt;
}

std::optional<ScalarEvent> decode(std::string_view bytes) {
  ScalarEvent event;
  FieldReader field(bytes);
  while (field.next()) {
    if (field.key == 0x09) event.wall_time_s = from_bits<double, uint64_t>(field.number);
    if (field.key == 0x10) event.step = static_cast<int64_t>(field.number);
    if (field.key != 0x2a) continue;
    FieldReader value(field.nested);
    while (value.next()) {
      if (value.key != 0x0a) continue;
      std::optional<Scalar> scalar = decode_value(value.nested);
      if (!scalar) return std::nullopt;
      event.scalars.push_back(*scalar);
    }
    if (!value.ok()) return std::nullopt;
  }
  return field.ok() ? std::optional(event) : std::nullopt;
}

// --- records ---------------------------------------------------------------------------------------------

void put_record(std::string& out, std::string_view data) {
  std::string head;
  put_fixed(head, uint64_t{data.size()});
  out += head;
  put_fixed(out, masked_crc32c(head));
  out += data;
  put_fixed(out, masked_crc32c(data));
}

// The record at `at` and the offset behind it; nothing when it is cut short or damaged.
struct Record {
  std::string_view data;
  size_t end = 0;
};
std::optional<Record> record_at(std::string_view file, size_t at) {
  if (file.size() - at < kHeadBytes) return std::nullopt;
  uint64_t size;
  uint32_t crc;
  std::memcpy(&size, &file[at], sizeof size);
  std::memcpy(&crc, &file[at + 8], sizeof crc);
  if (crc != masked_crc32c(file.substr(at, 8))) return std::nullopt;
  size_t room = file.size() - at - kHeadBytes;
  if (room < kFootBytes || size > room - kFootBytes) return std::nullopt;
  std::string_view data = file.substr(at + kHeadBytes, size);
  std::memcpy(&crc, &file[at + kHeadBytes + size], sizeof crc);
  if (crc != masked_crc32c(data)) return std::nullopt;
  return Record{data, at + kHeadBytes + size + kFootBytes};
}

std::string first_record() {
  std::string version;
  version += '\x09';
  put_fixed(version, 0.0);
  put_bytes(version, '\x1a', kFileVersion);  // Event.file_version = 3
  std::string out;
  put_record(out, version);
  return out;
}

// Bytes of the file to keep: whole records up to `last_step`; 0 when it is no event file of ours.
size_t bytes_to_keep(std::string_view file, int64_t last_step) {
  std::string begin = first_record();
  if (last_step < 0 || file.substr(0, begin.size()) != begin) return 0;
  size_t end = begin.size();
  while (std::optional<Record> record = record_at(file, end)) {
    std::optional<ScalarEvent> event = decode(record->data);
    if (!event || event->step > last_step) break;
    end = record->end;
  }
  return end;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = ~uint32_t{0};
  for (char byte : bytes) crc = kCrcTable[(crc ^ static_cast<uint8_t>(byte)) & 0xff] ^ crc >> 8;
  return ~crc;
}

uint32_t masked_crc32c(std::string_view bytes) {
  uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

EventFileWriter::EventFileWriter(const Path& path, int64_t last_step) : path_(path) {
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
  size_t keep = 0;
  if (std::filesystem::exists(path)) keep = bytes_to_keep(read_file(path), last_step);
  fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (fd_ < 0) throw system_error("open", path.string(), errno);
  if (::ftruncate(fd_, static_cast<off_t>(keep)) != 0 || ::lseek(fd_, 0, SEEK_END) < 0) {
    int failure = errno;
    ::close(fd_);
    throw system_error("cut", path.string(), failure);
  }
  if (keep == 0) buffer_ = first_record();
}

EventFileWriter::~EventFileWriter() {
  try {
    flush();
  } catch (const Error&) {
    // Curves for people are no result; a destructor has nobody to tell.
  }
  ::close(fd_);
}

void EventFileWriter::write(const ScalarEvent& event) {
  put_record(buffer_, encode(event));
}

void EventFileWriter::flush() {
  for (size_t done = 0; done < buffer_.size();) {
    ssize_t written = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      buffer_.erase(0, done);
      throw system_error("write", path_.string(), errno);
    }
    done += static_cast<size_t>(written);
  }
  buffer_.clear();
}

std::vector<ScalarEvent> read_event_file(const Path& path) {
  std::string file = read_file(path);
  std::optional<Record> record = record_at(file, 0);
  if (!record) {
    throw Error("not a TensorBoard event file", path.string(), "name a file that pretrain wrote");
  }
  std::vector<ScalarEvent> events;
  while (record) {
    std::optional<ScalarEvent> event = decode(record->data);
    if (!event) break;
    if (!event->scalars.empty()) events.push_back(*event);
    record = record_at(file, record->end);
  }
  return events;
}

}  // namespace aurora::format
