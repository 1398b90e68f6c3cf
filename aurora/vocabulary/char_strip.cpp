#include "aurora/vocabulary/char_strip.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"

namespace aurora::vocabulary {
namespace {

constexpr uint64_t kMostChars = 0xfffffff0;

struct Counted {
  uint32_t code_point;
  uint64_t count;
};

template <typename Use>
void for_chars(std::string_view word, Use use) {
  for (size_t at = 0; at < word.size();) {
    const Decoded decoded = decode_utf8(word, at);
    use(decoded.code_point);
    at += decoded.bytes;
  }
}

// The most frequent first, of equals the smallest.
std::vector<Counted> count_chars(const WordCounts& words) {
  std::unordered_map<uint32_t, uint64_t> counts;
  for (size_t shard = 0; shard < WordCounts::kShards; ++shard) {
    words.visit(shard, [&](std::string_view word, uint64_t count) {
      for_chars(word, [&](uint32_t code_point) { counts[code_point] += count; });
    });
  }
  std::vector<Counted> chars;
  for (const auto& [code_point, count] : counts) chars.push_back({code_point, count});
  std::sort(chars.begin(), chars.end(), [](const Counted& a, const Counted& b) {
    return a.count != b.count ? a.count > b.count : a.code_point < b.code_point;
  });
  return chars;
}

class StripMaker {
 public:
  StripMaker(WordCounts& words, double coverage) {
    const std::vector<Counted> chars = count_chars(words);
    for (const Counted& counted : chars) strip_.occurrences += counted.count;
    strip_.code_points = {0};
    strip_.char_counts = {0};
    uint64_t covered = 0;
    for (const Counted& counted : chars) {
      if (static_cast<double>(covered) >= coverage * static_cast<double>(strip_.occurrences)) break;
      covered += counted.count;
      ids_.emplace(counted.code_point, static_cast<CharId>(strip_.code_points.size()));
      strip_.code_points.push_back(counted.code_point);
      strip_.char_counts.push_back(counted.count);
    }
    for (size_t shard = 0; shard < WordCounts::kShards; ++shard) {
      words.visit(shard, [&](std::string_view word, uint64_t count) { add(word, count); });
      words.drop(shard);
    }
  }

  CharStrip take() { return std::move(strip_); }

 private:
  void add(std::string_view word, uint64_t count) {
    if (strip_.chars.size() + word.size() > kMostChars) {
      throw Error(fmt::format("more than {} characters of unique words", kMostChars), "words",
                  "train on less text");
    }
    begin_ = strip_.chars.size();
    for_chars(word, [&](uint32_t code_point) {
      const auto id = ids_.find(code_point);
      if (id == ids_.end()) return end_word(count);
      strip_.chars.push_back(id->second);
    });
    end_word(count);
  }

  void end_word(uint64_t count) {
    if (strip_.chars.size() == begin_) return;
    strip_.begins.push_back(static_cast<uint32_t>(begin_));
    strip_.counts.push_back(count);
    strip_.chars.push_back(0);
    begin_ = strip_.chars.size();
  }

  CharStrip strip_;
  std::unordered_map<uint32_t, CharId> ids_;
  size_t begin_ = 0;
};

}  // namespace

std::string CharStrip::text(uint32_t at, uint32_t length) const {
  std::string text;
  for (uint32_t i = 0; i < length; ++i) append_utf8(text, code_points[chars[at + i]]);
  return text;
}

CharStrip make_char_strip(WordCounts& words, double coverage) {
  return StripMaker(words, coverage).take();
}

}  // namespace aurora::vocabulary
