#include "aurora/vocabulary/train_merges.h"

#include <algorithm>

#include "aurora/base/check.h"
#include "aurora/vocabulary/merge_lane.h"
#include "aurora/vocabulary/pair_ledger.h"
#include "aurora/vocabulary/pair_scan.h"
#include "aurora/vocabulary/symbol_strip.h"

namespace aurora::vocabulary {
namespace {

std::array<uint32_t, 256> symbols_of_bytes(const std::array<uint8_t, 256>& bytes) {
  std::array<uint32_t, 256> symbols{};
  for (uint32_t symbol = 0; symbol < 256; ++symbol) symbols[bytes[symbol]] = symbol;
  return symbols;
}

class MergeTrainer {
 public:
  MergeTrainer(WordCounts& words, const MergeSettings& settings, Pool& pool)
      : settings_(settings),
        scan_settings_{std::max<uint64_t>(settings.min_frequency, 1), settings.scan_ratio,
                       settings.longest_bytes},
        pool_(pool),
        strip_(words, symbols_of_bytes(settings.bytes), pool),
        lanes_(static_cast<size_t>(pool.threads())) {
    AURORA_CHECK(settings.most_tokens <= kMostSymbols, "{}", settings.most_tokens);
    AURORA_CHECK(settings.scan_ratio > 1);
    for (const uint8_t byte : settings.bytes) add_token(std::string(1, static_cast<char>(byte)));
  }

  Merges train() {
    scan_byte_pairs(strip_, scan_settings_, pool_, ledger_);
    result_.scans = 1;
    while (result_.tokens.size() < settings_.most_tokens) {
      const LedgerPair top = ledger_.take_top();
      if (top.count > 0) {
        merge(top);
      } else if (ledger_.threshold() > scan_settings_.least) {
        const size_t wanted = settings_.most_tokens - result_.tokens.size();
        scan_pairs(strip_, lengths_, scan_settings_, wanted, pool_, ledger_);
        ++result_.scans;
      } else {
        break;
      }
    }
    return std::move(result_);
  }

 private:
  struct Join {  // of two symbols to a third
    uint32_t left;
    uint32_t right;
    uint32_t joined;
  };

  void add_token(std::string bytes) {
    lengths_.push_back(static_cast<uint32_t>(bytes.size()));
    result_.tokens.push_back(std::move(bytes));
  }
  Cell cell(uint32_t symbol) const { return cell_of(symbol, lengths_[symbol]); }

  void merge(const LedgerPair& pair) {
    const Join join = {pair.left, pair.right, static_cast<uint32_t>(result_.tokens.size())};
    add_token(result_.tokens[pair.left] + result_.tokens[pair.right]);
    result_.merges.emplace_back(pair.left, pair.right);
    result_.places_visited += pair.places_size;

    const std::span<const Place> places(pair.places.get(), pair.places_size);
    const JoinCells cells = {cell(join.left), cell(join.right), cell(join.joined)};
    const size_t lanes = places.size() >= settings_.places_for_threads ? lanes_.size() : 1;
    const std::vector<size_t> cuts = cut_by_words(places, lanes);
    for_lanes(lanes, [&](size_t lane) {
      lanes_[lane].join(strip_, lengths_, cells, places.subspan(cuts[lane], cuts[lane + 1] - cuts[lane]));
    });
    tell_ledger(join, lanes);
    for_lanes(lanes, [&](size_t lane) { lanes_[lane].write_places(lengths_); });
  }

  template <typename Use>
  void for_lanes(size_t lanes, Use use) {
    if (lanes == 1) return use(0);
    pool_.for_each(lanes, use);
  }

  // Ranges of places, one a lane, such that no word has places in two.
  std::vector<size_t> cut_by_words(std::span<const Place> places, size_t lanes) const {
    std::vector<size_t> cuts = {0};
    for (size_t lane = 1; lane < lanes; ++lane) {
      size_t cut = std::max(cuts.back(), places.size() * lane / lanes);
      while (cut > 0 && cut < places.size() && same_word(places[cut - 1].at, places[cut].at)) ++cut;
      cuts.push_back(cut);
    }
    cuts.push_back(places.size());
    return cuts;
  }

  bool same_word(uint32_t first, uint32_t second) const {
    const Cell* cells = strip_.cells();
    return std::find(cells + first, cells + second, SymbolStrip::kEdge) == cells + second;
  }

  // What came onto the strip and what went. Room for the new pairs' places is shared among the lanes in
  // order.
  void tell_ledger(Join join, size_t lanes) {
    for (size_t lane = 1; lane < lanes; ++lane) {
      lanes_[0].before.add(lanes_[lane].before);
      lanes_[0].behind.add(lanes_[lane].behind);
    }
    Tally& before = lanes_[0].before;
    Tally& behind = lanes_[0].behind;
    // "xyxy": the first xy is followed by an x that goes at once, when the second is joined.
    const uint64_t gone_at_once = before.count(join.joined);
    for (const uint32_t symbol : before.met()) {
      share_room(put(symbol, join.joined, before[symbol].count, before[symbol].places), symbol,
                 &MergeLane::before, lanes);
    }
    for (const uint32_t symbol : behind.met()) {
      const uint64_t count = behind[symbol].count - (symbol == join.left ? gone_at_once : 0);
      share_room(put(join.joined, symbol, count, behind[symbol].places), symbol, &MergeLane::behind, lanes);
    }
    for (const uint32_t symbol : before.met()) {
      if (symbol != join.joined) ledger_.lower(symbol, join.left, before[symbol].count);
    }
    for (const uint32_t symbol : behind.met()) ledger_.lower(join.right, symbol, behind[symbol].count);
  }

  Place* put(uint32_t left, uint32_t right, uint64_t count, uint32_t places) {
    if (lengths_[left] + lengths_[right] > settings_.longest_bytes) return nullptr;
    return ledger_.put(left, right, count, places);
  }

  void share_room(Place* room, uint32_t symbol, Tally MergeLane::*side, size_t lanes) {
    if (room == nullptr) return;
    Place* end = room + (lanes_[0].*side)[symbol].places;
    for (size_t lane = lanes; lane-- > 1;) {
      Tally& part = lanes_[lane].*side;
      if (!part.has(symbol)) continue;
      end -= part[symbol].places;
      part[symbol].room = end;
    }
    (lanes_[0].*side)[symbol].room = room;
  }

  const MergeSettings& settings_;
  const ScanSettings scan_settings_;
  Pool& pool_;
  SymbolStrip strip_;
  std::vector<MergeLane> lanes_;
  PairLedger ledger_;
  Merges result_;
  std::vector<uint32_t> lengths_;  // by token
};

}  // namespace

Merges train_merges(WordCounts& words, const MergeSettings& settings, Pool& pool) {
  return MergeTrainer(words, settings, pool).train();
}

}  // namespace aurora::vocabulary
