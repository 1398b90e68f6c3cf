#include "aurora/dataset/order_proof.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/dataset/unit_bitmap.h"
#include "aurora/dataset/unit_number.h"

namespace aurora::dataset {
namespace {

using order::SampleRange;
using order::Unit;

constexpr uint64_t kTile = uint64_t{1} << 18;  // samples whose counts at both ends are held against the order
constexpr uint64_t kSmallestRound = 1 << 14;
constexpr size_t kBatch = 8192;  // units asked for at once

// A kind of trouble: how often, and the one that stands first.
struct Trouble {
  uint64_t count = 0;
  std::vector<uint64_t> first;  // key that orders it
  std::string text;

  template <class Say>
  void add(std::vector<uint64_t> key, const Say& say) {
    ++count;
    if (!first.empty() && first <= key) return;
    first = std::move(key);
    text = say();
  }
  void join(Trouble& other) {
    count += other.count;
    if (other.first.empty() || (!first.empty() && first <= other.first)) return;
    std::swap(first, other.first);
    std::swap(text, other.text);
  }
};

struct Findings {
  Trouble duplicates, missing, strays, miscounts;
  std::vector<double> low, high;  // per corpus

  explicit Findings(size_t corpora) : low(corpora, 0.0), high(corpora, 0.0) {}
  void join(Findings& other) {
    duplicates.join(other.duplicates);
    missing.join(other.missing);
    strays.join(other.strays);
    miscounts.join(other.miscounts);
    for (size_t c = 0; c < low.size(); ++c) {
      low[c] = std::min(low[c], other.low[c]);
      high[c] = std::max(high[c], other.high[c]);
    }
  }
};

// Numbers of samples below count skipped ones too, but for those given to `given`.
class Prover {
 public:
  Prover(const order::Order& order, const UnitRange& given, const ProofSettings& settings)
      : order_(order),
        given_(given),
        settings_(settings),
        numbers_(order),
        all_(order.spec().corpora.size()) {
    skips_ = order.spec().skips;
    std::sort(skips_.begin(), skips_.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    if (!skips_.empty()) {
      order::OrderSpec spec = order.spec();
      spec.skips.clear();
      whole_.emplace(std::move(spec));
    }
    uint64_t begin = 0;
    for (const order::Stage& stage : order.spec().stages) {
      stage_begins_.push_back(begin);
      stage_counts_.push_back(order.corpus_counts(begin));
      begin = stage.samples == 0 ? UINT64_MAX : begin + stage.samples;
    }
    for (uint32_t file = 0; file < order.files(); ++file) units_.push_back(order.units(file));
  }

  OrderProof run(Pool& pool, Progress* progress);

 private:
  uint64_t round_end(uint64_t begin, uint64_t end, const std::vector<uint64_t>& from) const;
  void walk(uint64_t begin, uint64_t end, Pool& pool, Progress* progress);
  void walk_tile(uint64_t begin, uint64_t end, Findings& found);
  void walk_stage(size_t stage, uint64_t begin, uint64_t end, Findings& found);
  void read(uint64_t begin, std::span<Unit> out) const;
  void mark(std::span<const Unit> units, uint64_t begin, size_t stage, Findings& found);
  void check_gaps(bool last, Pool& pool);

  const order::Order& order_;
  const UnitRange& given_;
  const ProofSettings& settings_;
  UnitNumbers numbers_;
  std::optional<order::Order> whole_;  // without skips, when there are any
  std::vector<SampleRange> skips_;     // sorted
  std::vector<uint64_t> stage_begins_;
  std::vector<std::vector<uint64_t>> stage_counts_;  // per corpus, at the stage's begin
  std::vector<uint64_t> units_;
  std::optional<UnitBitmap> bitmap_;
  std::mutex mutex_;  // guards all_
  Findings all_;
};

// The units of samples [begin, begin + out.size()): skipped ones from the order without skips.
void Prover::read(uint64_t begin, std::span<Unit> out) const {
  uint64_t skipped = 0;
  size_t done = 0;
  for (const SampleRange& skip : skips_) {
    const uint64_t at = begin + done;
    if (done == out.size() || skip.begin >= begin + out.size()) break;
    if (skip.end > at) {
      if (skip.begin > at) {
        given_(at - skipped, out.subspan(done, skip.begin - at));
        done += skip.begin - at;
      }
      const uint64_t count = std::min<uint64_t>(skip.end - (begin + done), out.size() - done);
      whole_->range(begin + done, out.subspan(done, count));
      done += count;
    }
    skipped += skip.end - skip.begin;
  }
  if (done < out.size()) given_(begin + done - skipped, out.subspan(done));
}

void Prover::mark(std::span<const Unit> units, uint64_t begin, size_t stage, Findings& found) {
  std::vector<uint64_t> bits(units.size());
  for (size_t i = 0; i < units.size(); ++i) {
    const Unit& unit = units[i];
    const uint64_t number = unit.stage == stage ? numbers_.of(unit) : UnitNumbers::kNone;
    bits[i] =
        number == UnitNumbers::kNone ? UnitBitmap::kOutside : bitmap_->bit(unit.file, unit.epoch, number);
    if (bits[i] != UnitBitmap::kOutside &&
        bitmap_->same_origin(unit.file, unit.epoch, numbers_.origin(unit))) {
      bitmap_->prefetch(bits[i]);
      continue;
    }
    bits[i] = UnitBitmap::kOutside;
    found.strays.add({begin + i}, [&] {
      return fmt::format(
          "sample {}: stage {}, corpus {}, file {}, epoch {}, block {}, slot {}, begin {} is no unit "
          "that can come here",
          begin + i, unit.stage, unit.corpus, unit.file, unit.epoch, unit.block, unit.slot, unit.begin);
    });
  }
  for (size_t i = 0; i < units.size(); ++i) {
    if (bits[i] == UnitBitmap::kOutside || bitmap_->mark(bits[i])) continue;
    const Unit& unit = units[i];
    found.duplicates.add({unit.file, unit.epoch, unit.block, unit.slot}, [&] {
      return fmt::format("file {}, epoch {}, block {}, slot {} comes more than once", unit.file, unit.epoch,
                         unit.block, unit.slot);
    });
  }
}

void Prover::walk_stage(size_t stage, uint64_t begin, uint64_t end, Findings& found) {
  const std::vector<double>& weights = order_.spec().stages[stage].weights;
  double sum = 0;
  for (double weight : weights) sum += weight;
  std::vector<double> share, count;
  const std::vector<uint64_t> at_begin = order_.corpus_counts(begin), at_end = order_.corpus_counts(end);
  for (size_t c = 0; c < weights.size(); ++c) {
    share.push_back(weights[c] / sum);
    count.push_back(static_cast<double>(at_begin[c] - stage_counts_[stage][c]));
  }
  std::vector<Unit> units(kBatch);
  for (uint64_t at = begin; at < end; at += kBatch) {
    const std::span<Unit> batch(units.data(), std::min<uint64_t>(kBatch, end - at));
    read(at, batch);
    double n = static_cast<double>(at - stage_begins_[stage]);
    for (const Unit& unit : batch) {
      // Only the corpus that a sample comes from can be highest after it, or lowest before it.
      const size_t c = unit.corpus;
      if (c < count.size()) {
        found.low[c] = std::min(found.low[c], count[c] - share[c] * n);
        count[c] += 1;
        found.high[c] = std::max(found.high[c], count[c] - share[c] * (n + 1));
      }
      n += 1;
    }
    if (bitmap_) mark(batch, at, stage, found);
  }
  const double n = static_cast<double>(end - stage_begins_[stage]);
  for (size_t c = 0; c < count.size(); ++c) {
    found.low[c] = std::min(found.low[c], count[c] - share[c] * n);
    const uint64_t due = at_end[c] - stage_counts_[stage][c];
    if (count[c] == static_cast<double>(due)) continue;
    found.miscounts.add({end, c}, [&] {
      return fmt::format(
          "corpus {}: {:.0f} units walked in stage {} up to sample {}, and the order counts {}", c, count[c],
          stage, end, due);
    });
  }
}

void Prover::walk_tile(uint64_t begin, uint64_t end, Findings& found) {
  for (size_t stage = 0; stage < stage_begins_.size(); ++stage) {
    const uint64_t stage_end = stage + 1 < stage_begins_.size() ? stage_begins_[stage + 1] : UINT64_MAX;
    const uint64_t from = std::max(begin, stage_begins_[stage]), to = std::min(end, stage_end);
    if (from < to) walk_stage(stage, from, to, found);
  }
}

void Prover::walk(uint64_t begin, uint64_t end, Pool& pool, Progress* progress) {
  pool.for_each((end - begin + kTile - 1) / kTile, [&](size_t tile) {
    const uint64_t from = begin + tile * kTile, to = std::min(end, from + kTile);
    Findings found(order_.spec().corpora.size());
    walk_tile(from, to, found);
    if (progress != nullptr) progress->add(to - from);
    const std::scoped_lock lock(mutex_);
    all_.join(found);
  });
}

void Prover::check_gaps(bool last, Pool& pool) {
  constexpr uint32_t kFiles = 64;
  const uint32_t files = static_cast<uint32_t>(units_.size());
  pool.for_each((files + kFiles - 1) / kFiles, [&](size_t tile) {
    Findings found(order_.spec().corpora.size());
    for (uint32_t file = static_cast<uint32_t>(tile) * kFiles; file < files && file / kFiles == tile;
         ++file) {
      const UnitBitmap::Gap gap = bitmap_->gap(file, last);
      if (gap.missing == 0) continue;
      found.missing.add({file}, [&] {
        return gap.unit == UINT64_MAX
                   ? fmt::format("file {}: fewer units came than were drawn from it", file)
                   : fmt::format("file {}, epoch {}: unit {} never came", file, gap.epoch, gap.unit);
      });
      found.missing.count += gap.missing - 1;
    }
    const std::scoped_lock lock(mutex_);
    all_.join(found);
  });
}

// The furthest sample up to which the bitmaps fit; two lie side by side while one goes over into the next.
uint64_t Prover::round_end(uint64_t begin, uint64_t end, const std::vector<uint64_t>& from) const {
  uint64_t bytes = 0;
  for (uint64_t to = end;; to = begin + (to - begin) / 2) {
    bytes = UnitBitmap::bytes(units_, from, order_.file_counts(to));
    const bool alone = begin == 0 && to == end;
    if (bytes <= (alone ? settings_.memory_bytes : settings_.memory_bytes / 2)) return to;
    if (to - begin < 2 * kSmallestRound) break;
  }
  throw Error(fmt::format("the proof needs {} for bitmaps and may use {}",
                          human_bytes(2.0 * static_cast<double>(bytes)),
                          human_bytes(static_cast<double>(settings_.memory_bytes))),
              "", "allow it more memory, or walk fewer samples");
}

OrderProof Prover::run(Pool& pool, Progress* progress) {
  const uint64_t end = order_.with_skipped(settings_.samples - 1) + 1;
  OrderProof proof;
  proof.samples = settings_.samples;
  proof.skipped = end - settings_.samples;
  std::vector<uint64_t> from(units_.size(), 0);
  for (uint64_t begin = 0; begin < end; ++proof.rounds) {
    const uint64_t to = settings_.bitmap ? round_end(begin, end, from) : end;
    if (settings_.bitmap) {
      std::vector<uint64_t> counts = order_.file_counts(to);
      UnitBitmap next(units_, from, counts);
      if (bitmap_) next.adopt(*bitmap_);
      proof.bitmap_bytes =
          std::max(proof.bitmap_bytes, next.held_bytes() + (bitmap_ ? bitmap_->held_bytes() : 0));
      bitmap_ = std::move(next);
      from = std::move(counts);
    }
    walk(begin, to, pool, progress);
    if (bitmap_) check_gaps(to == end, pool);
    begin = to;
  }
  proof.duplicates = all_.duplicates.count;
  proof.missing = all_.missing.count;
  proof.strays = all_.strays.count;
  proof.miscounts = all_.miscounts.count;
  for (const Trouble* trouble : {&all_.duplicates, &all_.missing, &all_.strays, &all_.miscounts})
    if (trouble->count > 0) proof.troubles.push_back(trouble->text);
  const std::vector<uint64_t> counts = order_.corpus_counts(end);
  for (uint32_t c = 0; c < counts.size(); ++c)
    proof.corpora.push_back(
        {order_.spec().corpora[c].name, counts[c], order_.epochs(c, counts[c]), all_.low[c], all_.high[c]});
  return proof;
}

}  // namespace

double OrderProof::prefix_error_min() const {
  double low = 0;
  for (const CorpusProof& corpus : corpora) low = std::min(low, corpus.prefix_error_min);
  return low;
}

double OrderProof::prefix_error_max() const {
  double high = 0;
  for (const CorpusProof& corpus : corpora) high = std::max(high, corpus.prefix_error_max);
  return high;
}

OrderProof prove_order(const order::Order& order, const ProofSettings& settings, Pool& pool,
                       Progress* progress) {
  return prove_order(
      order, [&order](uint64_t first, std::span<Unit> out) { order.range(first, out); }, settings, pool,
      progress);
}

OrderProof prove_order(const order::Order& order, const UnitRange& range, const ProofSettings& settings,
                       Pool& pool, Progress* progress) {
  if (settings.samples == 0 || settings.samples > order.samples())
    throw Error(
        fmt::format("{} samples are to be walked and the order has {}", settings.samples, order.samples()),
        "", "ask for at least one, and no more than it has");
  return Prover(order, range, settings).run(pool, progress);
}

}  // namespace aurora::dataset
