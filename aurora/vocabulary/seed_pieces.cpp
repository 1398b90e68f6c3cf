#include "aurora/vocabulary/seed_pieces.h"

#include <algorithm>

namespace aurora::vocabulary {
namespace {

constexpr size_t kBuckets = 4096;

struct Suffix {
  uint32_t at;
  uint32_t word;
};

size_t bucket_of(CharId first, CharId second) {
  return ((uint64_t{first} << 32 | second) * 0x9e3779b97f4a7c15u) >> 52;
}

// Suffixes of two characters or more, those that begin with the same two beside each other in one bucket.
struct Buckets {
  std::vector<Suffix> suffixes;
  std::vector<size_t> begins;
};

template <typename Use>
void for_suffixes(const CharStrip& strip, Use use) {
  for (uint32_t word = 0; word < strip.begins.size(); ++word) {
    for (uint32_t at = strip.begins[word]; strip.chars[at + 1] != 0; ++at) {
      use(bucket_of(strip.chars[at], strip.chars[at + 1]), Suffix{at, word});
    }
  }
}

Buckets fill_buckets(const CharStrip& strip) {
  Buckets buckets;
  buckets.begins.assign(kBuckets + 1, 0);
  for_suffixes(strip, [&](size_t bucket, Suffix) { ++buckets.begins[bucket + 1]; });
  for (size_t i = 0; i < kBuckets; ++i) buckets.begins[i + 1] += buckets.begins[i];
  std::vector<size_t> ends(buckets.begins.begin(), buckets.begins.end() - 1);
  buckets.suffixes.resize(buckets.begins.back());
  for_suffixes(strip, [&](size_t bucket, Suffix suffix) { buckets.suffixes[ends[bucket]++] = suffix; });
  return buckets;
}

// A suffix with its first characters at hand.
struct Keyed {
  uint64_t key;
  Suffix suffix;
};

class BucketSearch {
 public:
  BucketSearch(const CharStrip& strip, uint32_t longest)
      : chars_(strip.chars), counts_(strip.counts), longest_(longest) {}

  void search(std::span<const Suffix> suffixes, std::vector<SeedPiece>& found) {
    sort(suffixes);
    open_.clear();
    before_.assign(1, 0);  // before_[i]: the counts of the first i suffixes
    for (const Keyed& keyed : sorted_) before_.push_back(before_.back() + counts_[keyed.suffix.word]);
    for (size_t i = 1; i <= sorted_.size(); ++i) {
      const uint32_t common =
          i < sorted_.size() ? common_length(sorted_[i - 1].suffix.at, sorted_[i].suffix.at) : 0;
      size_t begin = i - 1;
      while (!open_.empty() && open_.back().length > common) {
        close(open_.back(), i, found);
        begin = open_.back().begin;
        open_.pop_back();
      }
      if (common >= 2 && (open_.empty() || open_.back().length < common)) open_.push_back({common, begin});
    }
  }

 private:
  // Suffixes [begin, ...) share their first `length` characters.
  struct Interval {
    uint32_t length;
    size_t begin;
  };

  void sort(std::span<const Suffix> suffixes) {
    sorted_.clear();
    for (const Suffix& suffix : suffixes) {
      const CharId* chars = &chars_[suffix.at];
      const uint64_t third = chars[2];
      const uint64_t key = uint64_t{chars[0]} << 42 | uint64_t{chars[1]} << 21 | third;
      sorted_.push_back({key, suffix});
    }
    std::sort(sorted_.begin(), sorted_.end(), [this](const Keyed& a, const Keyed& b) {
      if (a.key != b.key) return a.key < b.key;
      const CharId* left = &chars_[a.suffix.at];
      const CharId* right = &chars_[b.suffix.at];
      for (uint32_t i = 2; i <= longest_; ++i) {
        if (left[i] != right[i]) return left[i] < right[i];
        if (left[i] == 0) break;
      }
      return false;
    });
  }

  // Of two suffixes; longest_ + 1: more than a piece may have.
  uint32_t common_length(uint32_t a, uint32_t b) const {
    uint32_t length = 0;
    while (length <= longest_ && chars_[a + length] != 0 && chars_[a + length] == chars_[b + length])
      ++length;
    return length;
  }

  void close(const Interval& interval, size_t end, std::vector<SeedPiece>& found) {
    if (interval.length > longest_) return;
    found.push_back(
        {sorted_[interval.begin].suffix.at, interval.length, before_[end] - before_[interval.begin]});
  }

  const std::vector<CharId>& chars_;
  const std::vector<uint64_t>& counts_;
  const uint32_t longest_;
  std::vector<Keyed> sorted_;
  std::vector<uint64_t> before_;
  std::vector<Interval> open_;
};

}  // namespace

std::vector<SeedPiece> seed_pieces(const CharStrip& strip, uint32_t longest, size_t most, Pool& pool) {
  const Buckets buckets = fill_buckets(strip);
  std::vector<std::vector<SeedPiece>> found(kBuckets);
  pool.for_each(kBuckets, [&](size_t bucket) {
    const size_t begin = buckets.begins[bucket];
    BucketSearch(strip, longest)
        .search(std::span(buckets.suffixes).subspan(begin, buckets.begins[bucket + 1] - begin),
                found[bucket]);
  });
  std::vector<SeedPiece> all;
  for (std::vector<SeedPiece>& pieces : found) {
    all.insert(all.end(), pieces.begin(), pieces.end());
    pieces = {};
  }
  const auto better = [&strip](const SeedPiece& a, const SeedPiece& b) {
    const uint64_t score_a = a.count * a.length, score_b = b.count * b.length;
    if (score_a != score_b) return score_a > score_b;
    const auto begin = strip.chars.begin();
    return std::lexicographical_compare(begin + a.at, begin + a.at + a.length, begin + b.at,
                                        begin + b.at + b.length);
  };
  if (all.size() > most) {
    std::nth_element(all.begin(), all.begin() + static_cast<ptrdiff_t>(most), all.end(), better);
    all.resize(most);
  }
  std::sort(all.begin(), all.end(), better);
  return all;
}

}  // namespace aurora::vocabulary
