#include "aurora/tokenizer/steps/charsmap.h"

#include <bit>
#include <cstring>

#include "aurora/base/error.h"

namespace aurora::tokenizer {
namespace {

static_assert(std::endian::native == std::endian::little);

// A unit of the double array.
bool has_leaf(uint32_t unit) {
  return (unit >> 8 & 1) != 0;
}
uint32_t value_of(uint32_t unit) {
  return unit & 0x7fffffff;
}
uint32_t label_of(uint32_t unit) {
  return unit & 0x800000ff;
}
size_t offset_of(uint32_t unit) {
  return size_t{unit >> 10} << ((unit & 0x200) >> 6);
}

// A walk down the trie. Places outside of the array are those of a broken blob: nothing is there.
struct Walk {
  explicit Walk(const std::vector<uint32_t>& all) : units(all), at(offset_of(all[0])) {}
  bool step(uint8_t byte) {
    at ^= byte;
    if (byte == 0 || at >= units.size() || label_of(units[at]) != byte) return false;
    const uint32_t unit = units[at];
    at ^= offset_of(unit);
    is_rule = has_leaf(unit) && at < units.size();
    return true;
  }

  const std::vector<uint32_t>& units;
  size_t at;
  bool is_rule = false;
};

}  // namespace

Charsmap::Charsmap(std::string_view blob, const std::string& where) {
  uint32_t trie_bytes = 0;
  if (blob.size() >= sizeof trie_bytes) std::memcpy(&trie_bytes, blob.data(), sizeof trie_bytes);
  if (blob.size() < sizeof trie_bytes || trie_bytes < 4 || trie_bytes > blob.size() - sizeof trie_bytes) {
    throw Error("the character map of the normalizer is cut short", where, "copy the file anew");
  }
  blob.remove_prefix(sizeof trie_bytes);
  units_.resize(trie_bytes / 4);
  std::memcpy(units_.data(), blob.data(), units_.size() * 4);
  results_ = blob.substr(trie_bytes);
  results_ += '\0';
  for (int first = 0; first < 128; ++first) {
    for (int second = 0; second < 128; ++second) {
      Walk walk(units_);
      const bool begins = walk.step(static_cast<uint8_t>(first));
      const bool rule = begins && (walk.is_rule || walk.step(static_cast<uint8_t>(second)));
      passes_[first << 7 | second] = !rule;
    }
  }
}

Charsmap::Rule Charsmap::find(std::string_view text, bool first_only) const {
  Rule rule;
  Walk walk(units_);
  for (size_t i = 0; i < text.size() && walk.step(static_cast<uint8_t>(text[i])); ++i) {
    if (!walk.is_rule) continue;
    const uint32_t begin = value_of(units_[walk.at]);
    if (begin >= results_.size()) break;
    rule = {i + 1, std::string_view(results_.data() + begin)};
    if (first_only) break;
  }
  return rule;
}

}  // namespace aurora::tokenizer
