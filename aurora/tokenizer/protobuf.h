// Protocol buffers on the wire (protobuf.dev/programming-guides/encoding), as far as a SentencePiece model
// needs them: varints, floats and strings, read field by field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aurora::tokenizer {

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
  bool is_number() const { return wire_ == kVarint; }
  bool is_real() const { return wire_ == kFour; }
  bool is_bytes() const { return wire_ == kLength; }

 private:
  static constexpr uint32_t kVarint = 0;
  static constexpr uint32_t kEight = 1;
  static constexpr uint32_t kLength = 2;
  static constexpr uint32_t kFour = 5;
  bool varint(uint64_t& value);
  bool take(uint64_t size, std::string_view& bytes);

  std::string_view rest_;
  std::string_view bytes_;
  uint64_t number_ = 0;
  uint32_t field_ = 0;
  uint32_t wire_ = 0;
  bool broken_ = false;
};

}  // namespace aurora::tokenizer
