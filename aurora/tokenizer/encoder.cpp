#include "aurora/tokenizer/encoder.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "aurora/base/error.h"
#include "aurora/pretokenize/pretokenize.h"
#include "aurora/tokenizer/long_words.h"
#include "aurora/tokenizer/merge_word.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {
namespace {

constexpr size_t kSlots = size_t{1} << 16;  // of 32 bytes: 2 MB, about a core's second-level cache
constexpr size_t kKeyBytes = 15;            // longer words and words of more than three tokens
constexpr size_t kSlotIds = 3;              // go to LongWords

// A word of up to 15 bytes in two registers; its length in the topmost byte makes "a" and "a\0" differ.
struct Key {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const Key&) const = default;
};

Key key_of(std::string_view text, size_t begin, size_t size) {
  Key key;
  if (begin + 16 <= text.size()) {  // one load, then cut
    std::memcpy(&key, text.data() + begin, 16);
    if (size < 8) {
      key.low &= (uint64_t{1} << 8 * size) - 1;
      key.high = 0;
    } else {
      key.high &= (uint64_t{1} << 8 * (size - 8)) - 1;
    }
  } else {
    std::memcpy(&key, text.data() + begin, size);
  }
  key.high |= uint64_t{size} << 56;
  return key;
}

size_t slot_of(const Key& key) {
  const uint64_t mixed = (key.low ^ key.high * 0xff51afd7ed558ccdu) * 0x9e3779b97f4a7c15u;
  return (mixed ^ mixed >> 32) % kSlots;
}

struct Slot {
  Key key;  // all zero: empty, as no word has length 0
  std::array<int32_t, kSlotIds> ids;
  uint32_t count = 0;  // 0: the word has more tokens than fit
};

}  // namespace

struct Encoder::State {
  explicit State(const Tokenizer& t) : tokenizer(t), merger(t), slots(kSlots) {}

  void text(std::string_view text, std::vector<int32_t>& out);
  void parse(std::string_view text, std::vector<int32_t>& out);
  const Slot* short_word(std::string_view text, size_t begin, size_t size);
  std::span<const int32_t> long_word(std::string_view word);

  const Tokenizer& tokenizer;
  WordMerger merger;
  std::vector<Slot> slots;
  LongWords long_words;
};

Encoder::Encoder(const Tokenizer& tokenizer) : state_(std::make_unique<State>(tokenizer)) {
  const Spec& spec = tokenizer.spec();
  const bool own_words = spec.pretokenizers.size() == 1 && spec.pretokenizers[0].scheme == kOwnScheme;
  if (!spec.byte_level || !spec.normalizers.empty() || !own_words || spec.whole_words) {
    throw Error("this tokenizer cannot be encoded with yet", "tokenizer", "use one that aurora trained");
  }
}
Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;

void Encoder::encode(std::string_view text, std::vector<int32_t>& out, Specials specials) {
  if (specials == Specials::kParse) {
    state_->parse(text, out);
  } else {
    state_->text(text, out);
  }
}

void Encoder::State::text(std::string_view text, std::vector<int32_t>& out) {
  // Ids gather in a small buffer; every remembered word writes all of its slot, so three places stay free.
  std::array<int32_t, 1024> buffer;
  size_t filled = 0;
  const auto flush = [&] {
    out.insert(out.end(), buffer.begin(), buffer.begin() + static_cast<ptrdiff_t>(filled));
    filled = 0;
  };
  size_t end = 0;
  for (size_t at = 0; at < text.size(); at = end) {
    end = pretokenize::next_word(text, at);
    if (filled + kSlotIds > buffer.size()) flush();
    const Slot* slot = short_word(text, at, end - at);
    if (slot) {
      std::memcpy(&buffer[filled], slot->ids.data(), sizeof slot->ids);
      filled += slot->count;
      continue;
    }
    const std::span<const int32_t> ids = long_word(text.substr(at, end - at));
    flush();
    out.insert(out.end(), ids.begin(), ids.end());
  }
  flush();
}

// nullptr when the word is too long for a slot or has too many tokens.
const Slot* Encoder::State::short_word(std::string_view text, size_t begin, size_t size) {
  if (size > kKeyBytes) return nullptr;
  const Key key = key_of(text, begin, size);
  Slot& slot = slots[slot_of(key)];
  if (slot.key == key) return slot.count > 0 ? &slot : nullptr;
  const std::vector<int32_t>& ids = merger.merge(text.substr(begin, size));
  slot.key = key;
  slot.count = ids.size() <= kSlotIds ? static_cast<uint32_t>(ids.size()) : 0;
  if (slot.count == 0) return nullptr;
  std::copy(ids.begin(), ids.end(), slot.ids.begin());
  return &slot;
}

std::span<const int32_t> Encoder::State::long_word(std::string_view word) {
  const std::span<const int32_t> known = long_words.find(word);
  if (!known.empty()) return known;
  const std::vector<int32_t>& ids = merger.merge(word);
  long_words.remember(word, ids);
  return ids;
}

void Encoder::State::parse(std::string_view text, std::vector<int32_t>& out) {
  std::vector<std::string> specials;
  for (const AddedToken& token : tokenizer.spec().added) {
    if (token.special) specials.push_back(token.text);
  }
  if (specials.empty()) return this->text(text, out);
  std::vector<size_t> next(specials.size(), 0);  // where each occurs next, found anew only when passed
  for (size_t i = 0; i < specials.size(); ++i) next[i] = text.find(specials[i]);
  for (size_t at = 0; at < text.size();) {
    size_t best = 0;
    for (size_t i = 0; i < specials.size(); ++i) {
      if (next[i] != std::string_view::npos && next[i] < at) next[i] = text.find(specials[i], at);
      const bool longer = next[i] == next[best] && specials[i].size() > specials[best].size();
      if (next[i] < next[best] || longer) best = i;
    }
    const size_t end = std::min(next[best], text.size());
    this->text(text.substr(at, end - at), out);
    if (end == text.size()) return;
    out.push_back(tokenizer.special_id(specials[best]));
    at = end + specials[best].size();
  }
}

}  // namespace aurora::tokenizer
