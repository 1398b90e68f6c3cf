#include "aurora/tokenizer/long_words.h"

#include "aurora/base/hash.h"

namespace aurora::tokenizer {

std::span<const int32_t> LongWords::find(std::string_view word) {
  if (word.size() > kWordBytes) return {};
  hash_ = xxh3_64(word);
  const Slot& slot = slots_[hash_ % kSlots];
  if (slot.hash != hash_ || std::string_view(text_).substr(slot.begin, slot.size) != word) return {};
  return {ids_.data() + slot.ids_begin, slot.ids_count};
}

void LongWords::remember(std::string_view word, std::span<const int32_t> ids) {
  if (word.size() > kWordBytes) return;
  if (text_.size() + word.size() > kStoreBytes) {
    slots_.assign(kSlots, {});
    text_.clear();
    ids_.clear();
  }
  slots_[hash_ % kSlots] = {hash_, static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(word.size()),
                            static_cast<uint32_t>(ids_.size()), static_cast<uint32_t>(ids.size())};
  text_ += word;
  ids_.insert(ids_.end(), ids.begin(), ids.end());
}

}  // namespace aurora::tokenizer
