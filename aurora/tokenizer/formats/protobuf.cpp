#include "aurora/tokenizer/formats/protobuf.h"

#include <bit>

namespace aurora::tokenizer {

bool ProtobufReader::varint(uint64_t& value) {
  value = 0;
  for (uint32_t shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    value |= uint64_t{byte & 127u} << shift;
    if (byte < 128) return true;
  }
  return false;
}

bool ProtobufReader::take(uint64_t size, std::string_view& bytes) {
  if (size > rest_.size()) return false;
  bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

bool ProtobufReader::next() {
  if (broken_ || rest_.empty()) return false;
  uint64_t key = 0;
  bool whole = varint(key) && key >> 3 != 0 && key >> 32 == 0;
  field_ = static_cast<uint32_t>(key >> 3);
  wire_ = ProtobufWire{static_cast<uint32_t>(key & 7)};
  number_ = 0;
  bytes_ = {};
  if (wire_ == ProtobufWire::kVarint) {
    whole = whole && varint(number_);
  } else if (wire_ == ProtobufWire::kLength) {
    whole = whole && varint(number_) && take(number_, bytes_);
  } else {
    const bool four = wire_ == ProtobufWire::kFour;
    whole = whole && (four || wire_ == ProtobufWire::kEight) && take(four ? 4 : 8, bytes_);
  }
  broken_ = !whole;
  return whole;
}

float ProtobufReader::real() const {
  uint32_t bits = 0;
  for (size_t i = 0; i < 4 && i < bytes_.size(); ++i) {
    bits |= uint32_t{static_cast<uint8_t>(bytes_[i])} << 8 * i;
  }
  return std::bit_cast<float>(bits);
}

void ProtobufWriter::varint(uint64_t value) {
  for (; value >= 128; value >>= 7) message_ += static_cast<char>(value | 128);
  message_ += static_cast<char>(value);
}

void ProtobufWriter::number(uint32_t field, uint64_t value) {
  varint(field << 3 | static_cast<uint32_t>(ProtobufWire::kVarint));
  varint(value);
}

void ProtobufWriter::real(uint32_t field, float value) {
  varint(field << 3 | static_cast<uint32_t>(ProtobufWire::kFour));
  const auto bits = std::bit_cast<uint32_t>(value);
  for (uint32_t shift = 0; shift < 32; shift += 8) message_ += static_cast<char>(bits >> shift);
}

void ProtobufWriter::bytes(uint32_t field, std::string_view bytes) {
  varint(field << 3 | static_cast<uint32_t>(ProtobufWire::kLength));
  varint(bytes.size());
  message_ += bytes;
}

}  // namespace aurora::tokenizer
