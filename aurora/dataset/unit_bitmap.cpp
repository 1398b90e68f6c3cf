#include "aurora/dataset/unit_bitmap.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace aurora::dataset {
namespace {

struct Span {
  uint64_t first = 0, count = 0;
};

// An epoch that was begun before `from` and is not finished there belongs to it, drawn from or not.
Span epochs_between(uint64_t units, uint64_t from, uint64_t to) {
  if (units == 0) return {};
  return {from / units, (to + units - 1) / units - from / units};
}

}  // namespace

UnitBitmap::UnitBitmap(std::vector<uint64_t> units, std::vector<uint64_t> from, std::vector<uint64_t> to)
    : units_(std::move(units)), to_(std::move(to)), files_(units_.size()) {
  uint64_t words = 0, all_epochs = 0;
  for (size_t file = 0; file < files_.size(); ++file) {
    const Span epochs = epochs_between(units_[file], from[file], to_[file]);
    files_[file] = {epochs.first, epochs.count, words, (units_[file] + 63) / 64, all_epochs};
    words += epochs.count * files_[file].words;
    all_epochs += epochs.count;
  }
  words_.resize(words);
  origins_.resize(all_epochs, kOutside);
}

uint64_t UnitBitmap::bytes(const std::vector<uint64_t>& units, const std::vector<uint64_t>& from,
                           const std::vector<uint64_t>& to) {
  uint64_t words = 0;
  for (size_t file = 0; file < units.size(); ++file)
    words += epochs_between(units[file], from[file], to[file]).count * ((units[file] + 63) / 64 + 1);
  return words * sizeof(uint64_t);
}

void UnitBitmap::adopt(const UnitBitmap& earlier) {
  for (uint32_t file = 0; file < files_.size(); ++file) {
    if (units_[file] == 0 || earlier.to_[file] % units_[file] == 0) continue;
    const uint64_t epoch = earlier.to_[file] / units_[file];
    const uint64_t source = earlier.bit(file, epoch, 0), target = bit(file, epoch, 0);
    if (source == kOutside || target == kOutside) continue;
    const FileBits &old = earlier.files_[file], &bits = files_[file];
    origins_[bits.first_epoch_at + (epoch - bits.first_epoch)] =
        earlier.origins_[old.first_epoch_at + (epoch - old.first_epoch)];
    std::copy_n(&earlier.words_[source / 64], files_[file].words, &words_[target / 64]);
  }
}

UnitBitmap::Gap UnitBitmap::gap(uint32_t file, bool last) const {
  Gap gap;
  const FileBits& bits = files_[file];
  for (uint64_t i = 0; i < bits.epochs; ++i) {
    const uint64_t epoch = bits.first_epoch + i;
    const uint64_t drawn = std::min(units_[file], to_[file] - epoch * units_[file]);
    if (drawn < units_[file] && !last) continue;
    const uint64_t* words = &words_[bits.first_word + i * bits.words];
    uint64_t marked = 0;
    for (uint64_t w = 0; w < bits.words; ++w) marked += static_cast<uint64_t>(std::popcount(words[w]));
    if (marked >= drawn) continue;
    gap.missing += drawn - marked;
    if (gap.unit != UINT64_MAX || drawn < units_[file]) continue;
    uint64_t w = 0;
    while (words[w] == ~uint64_t{0}) ++w;
    gap.epoch = epoch;
    gap.unit = w * 64 + static_cast<uint64_t>(std::countr_one(words[w]));
  }
  return gap;
}

}  // namespace aurora::dataset
