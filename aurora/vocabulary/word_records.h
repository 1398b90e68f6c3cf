// Words with counts as bytes, for spill files and for other ranks: count (u64), length (u32), the word; again
// and again, in the byte order of the machine.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace aurora::vocabulary {

inline constexpr size_t kRecordHead = 12;

inline void append_record(std::string& out, std::string_view word, uint64_t count) {
  char head[kRecordHead];
  const uint32_t size = static_cast<uint32_t>(word.size());
  std::memcpy(head, &count, 8);
  std::memcpy(head + 8, &size, 4);
  out.append(head, kRecordHead);
  out += word;
}

inline uint64_t record_bytes(uint64_t words, uint64_t word_bytes) {
  return words * kRecordHead + word_bytes;
}

// Calls use(word, count) for every whole record and returns how many bytes they had.
template <typename Fn>
size_t read_records(std::string_view bytes, Fn&& use) {
  size_t at = 0;
  while (bytes.size() - at >= kRecordHead) {
    uint64_t count = 0;
    uint32_t size = 0;
    std::memcpy(&count, bytes.data() + at, 8);
    std::memcpy(&size, bytes.data() + at + 8, 4);
    if (bytes.size() - at - kRecordHead < size) break;
    use(bytes.substr(at + kRecordHead, size), count);
    at += kRecordHead + size;
  }
  return at;
}

}  // namespace aurora::vocabulary
