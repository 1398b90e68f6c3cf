// What an encoder remembers of words that do not fit into its table of short ones. Bounded: when the store is
// full it begins anew, and a new word takes the slot of an old one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aurora::tokenizer {

class BpeLongWords {
 public:
  static constexpr size_t kWordBytes = 1024;  // longer ones hardly come again

  explicit BpeLongWords(size_t slots = size_t{1} << 16) : size_(slots) {}
  // The word's ids, valid until the next remember(); empty when it is not known (a word without ids is never
  // remembered).
  std::span<const int32_t> find(std::string_view word);
  // Of the word that find() was last asked for.
  void remember(std::string_view word, std::span<const int32_t> ids);
  void forget();

 private:
  static constexpr size_t kBytesOfSlot = 64;  // on average

  struct Slot {
    uint64_t hash = 0;
    uint32_t begin = 0;  // in text_
    uint32_t size = 0;   // 0: free
    uint32_t ids_begin = 0;
    uint32_t ids_count = 0;
  };
  std::vector<Slot> slots_;  // made with the first word
  std::string text_;
  std::vector<int32_t> ids_;
  uint64_t hash_ = 0;
  size_t size_ = 0;  // of slots_
};

}  // namespace aurora::tokenizer
