// Protocol buffers on the wire (protobuf.dev/programming-guides/encoding), as far as a SentencePiece model
// needs them: varints, floats and strings, field by field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aurora::tokenizer {

// Kinds of values on the wire.
enum class ProtobufWire : uint32_t { kVarint = 0, kEight = 1, kLength = 2, kFour = 5 };

class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view message) : rest_(message) {}

  // The next field; false at the end or where the bytes are no message (see broken()).
  bool next();
  bool broken() const { return broken_; }
  uint32_t field() const { return field_; }
  // What it holds, by its kind on the wire; nothing of another kind.
  uint64_t number() const { return number_; }        // varint; a bool is 0 or 1
  float real() const;                                // four bytes
  std::string_view bytes() const { return bytes_; }  // string, bytes or message
  bool is_number() const { return wire_ == ProtobufWire::kVarint; }
  bool is_real() const { return wire_ == ProtobufWire::kFour; }
  bool is_bytes() const { return wire_ == ProtobufWire::kLength; }

 private:
  bool varint(uint64_t& value);
  bool take(uint64_t size, std::string_view& bytes);

  std::string_view rest_;
  std::string_view bytes_;
  uint64_t number_ = 0;
  uint32_t field_ = 0;
  ProtobufWire wire_ = ProtobufWire::kVarint;
  bool broken_ = false;
};

// Appends fields to a message.
class ProtobufWriter {
 public:
  void number(uint32_t field, uint64_t value);
  void real(uint32_t field, float value);
  void bytes(uint32_t field, std::string_view bytes);
  const std::string& message() const { return message_; }

 private:
  void varint(uint64_t value);
  std::string message_;
};

}  // namespace aurora::tokenizer
