#include "aurora/tokenizer/bpe/long_words.h"

#include "aurora/base/hash.h"

namespace aurora::tokenizer {

std::span<const int32_t> BpeLongWords::find(std::string_view word) {
  if (word.size() > kWordBytes) return {};
  hash_ = xxh3_64(word);
  if (slots_.empty()) return {};
  const Slot& slot = slots_[hash_ % size_];
  if (slot.hash != hash_ || std::string_view(text_).substr(slot.begin, slot.size) != word) return {};
  return {ids_.data() + slot.ids_begin, slot.ids_count};
}

void BpeLongWords::remember(std::string_view word, std::span<const int32_t> ids) {
  if (word.size() > kWordBytes || ids.empty()) return;
  if (text_.size() + word.size() > kBytesOfSlot * size_) forget();
  if (slots_.empty()) slots_.resize(size_);
  slots_[hash_ % size_] = {hash_, static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(word.size()),
                           static_cast<uint32_t>(ids_.size()), static_cast<uint32_t>(ids.size())};
  text_ += word;
  ids_.insert(ids_.end(), ids.begin(), ids.end());
}

void BpeLongWords::forget() {
  slots_.clear();
  text_.clear();
  ids_.clear();
}

}  // namespace aurora::tokenizer
