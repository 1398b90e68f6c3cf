#include "aurora/vocabulary/pair_scan.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <vector>

#include "aurora/tokenizer/bpe/pair_map.h"

namespace aurora::vocabulary {
namespace {

using Part = SymbolStrip::Part;
constexpr uint64_t kFullSum = std::numeric_limits<uint32_t>::max();

uint32_t add_up_to_full(uint32_t sum, uint64_t count) {
  return static_cast<uint32_t>(std::min(kFullSum, sum + count));
}

struct Counted {
  uint32_t left;
  uint32_t right;
  uint64_t count;
  uint32_t places;
  Place* room;
};

// What one part of the strip has.
struct PartCounts {
  std::vector<uint32_t> sums;  // by hash of the pair
  tokenizer::PairMap<uint32_t> index;
  std::vector<Counted> pairs;
};

class Scan {
 public:
  Scan(const SymbolStrip& strip, std::span<const uint32_t> lengths, const ScanSettings& settings,
       size_t wanted, Pool& pool, PairLedger& ledger)
      : strip_(strip), lengths_(lengths), settings_(settings), wanted_(wanted), pool_(pool), ledger_(ledger) {
    threshold_ = std::max(settings.least, ledger.threshold() / settings.ratio);
    parts_ = strip.parts(static_cast<size_t>(pool.threads()));
    counts_.resize(parts_.size());
    // So many sums that what is rare does not reach the threshold by chance, and that fit a cache.
    const uint64_t sums = std::max<uint64_t>(16 * strip.occurrences() / threshold_, 8 * wanted);
    sums_ = std::bit_ceil(std::clamp<uint64_t>(sums, 1 << 12, 1 << 21));
    shift_ = 64 - std::countr_zero(sums_);
  }

  void run() {
    if (parts_.empty()) return ledger_.begin(threshold_);
    pool_.for_each(parts_.size(), [&](size_t part) { sum(part); });
    add_sums();
    raise_threshold();
    ledger_.begin(threshold_);
    pool_.for_each(parts_.size(), [&](size_t part) { count(part); });
    put_pairs();
    pool_.for_each(parts_.size(), [&](size_t part) { place(part); });
  }

 private:
  size_t slot(Cell left, Cell right) const {
    return ((uint64_t{left} << 32 | right) * 0x9e3779b97f4a7c15u) >> shift_;
  }

  void sum(size_t part) {
    std::vector<uint32_t>& sums = counts_[part].sums;
    sums.assign(sums_, 0);
    strip_.walk(parts_[part], lengths_, [&](Cell left, Cell right, uint32_t, uint32_t word) {
      uint32_t& sum = sums[slot(left, right)];
      sum = add_up_to_full(sum, strip_.place_count(word));  // kMany is kFullSum
    });
  }

  // Into the first part's.
  void add_sums() {
    for (size_t part = 1; part < counts_.size(); ++part) {
      for (size_t i = 0; i < sums_; ++i)
        counts_[0].sums[i] = add_up_to_full(counts_[0].sums[i], counts_[part].sums[i]);
      counts_[part].sums = {};
    }
  }

  // To the count of the wanted-th pair, as far as the sums tell it, but so that it falls by half at least.
  void raise_threshold() {
    std::vector<uint32_t> sums = counts_[0].sums;
    if (wanted_ > 0 && wanted_ < sums.size()) {
      std::nth_element(sums.begin(), sums.begin() + static_cast<ptrdiff_t>(wanted_ - 1), sums.end(),
                       std::greater<>());
      threshold_ =
          std::max<uint64_t>(threshold_, std::min<uint64_t>(sums[wanted_ - 1], ledger_.threshold() / 2));
    }
    sum_threshold_ = std::min(threshold_, kFullSum);
  }

  void count(size_t part) {
    PartCounts& mine = counts_[part];
    const std::vector<uint32_t>& sums = counts_[0].sums;
    strip_.walk(parts_[part], lengths_, [&](Cell left, Cell right, uint32_t, uint32_t word) {
      if (sums[slot(left, right)] < sum_threshold_) return;
      if (length_in(left, lengths_) + length_in(right, lengths_) > settings_.longest_bytes) return;
      const uint32_t index = mine.index
                                 .insert(static_cast<int32_t>(left), static_cast<int32_t>(right),
                                         static_cast<uint32_t>(mine.pairs.size()))
                                 .first;
      if (index == mine.pairs.size()) mine.pairs.push_back({left, right, 0, 0, nullptr});
      mine.pairs[index].count += strip_.word_count(word);
      ++mine.pairs[index].places;
    });
  }

  // A pair is put on the ledger by the first part that has it; places of parts follow each other.
  void put_pairs() {
    for (size_t first = 0; first < counts_.size(); ++first) {
      for (const Counted& pair : counts_[first].pairs) {
        if (pair.places != 0) put_pair(pair.left, pair.right, first);
      }
    }
  }

  void put_pair(Cell left, Cell right, size_t first) {
    std::vector<Counted*> parts;
    uint64_t count = 0;
    uint32_t places = 0;
    for (size_t part = first; part < counts_.size(); ++part) {
      Counted* counted = find(part, left, right);
      if (counted == nullptr) continue;
      parts.push_back(counted);
      count += counted->count;
      places += counted->places;
    }
    Place* room = ledger_.put(symbol_in(left), symbol_in(right), count, places);
    for (Counted* counted : parts) {
      counted->room = room;
      if (room != nullptr) room += counted->places;
      counted->places = 0;  // dealt with
    }
  }

  Counted* find(size_t part, Cell left, Cell right) {
    const uint32_t* index = counts_[part].index.find(static_cast<int32_t>(left), static_cast<int32_t>(right));
    return index == nullptr ? nullptr : &counts_[part].pairs[*index];
  }

  void place(size_t part) {
    const std::vector<uint32_t>& sums = counts_[0].sums;
    strip_.walk(parts_[part], lengths_, [&](Cell left, Cell right, uint32_t at, uint32_t word) {
      if (sums[slot(left, right)] < sum_threshold_) return;
      Counted* counted = find(part, left, right);
      if (counted == nullptr || counted->room == nullptr) return;
      *counted->room++ = {at, strip_.place_count(word)};
    });
  }

  const SymbolStrip& strip_;
  const std::span<const uint32_t> lengths_;
  const ScanSettings& settings_;
  const size_t wanted_;
  Pool& pool_;
  PairLedger& ledger_;
  uint64_t threshold_ = 0;
  uint64_t sum_threshold_ = 0;
  std::vector<Part> parts_;
  std::vector<PartCounts> counts_;
  size_t sums_ = 0;
  int shift_ = 0;
};

}  // namespace

void scan_pairs(const SymbolStrip& strip, std::span<const uint32_t> lengths, const ScanSettings& settings,
                size_t wanted, Pool& pool, PairLedger& ledger) {
  Scan(strip, lengths, settings, wanted, pool, ledger).run();
}

}  // namespace aurora::vocabulary
