// One bit for each unit that the files of an order draw between two points of it: for the proof that none
// comes twice and none is missing (order_proof.h). A file that draws indices from..to of its units touches
// the epochs from/units .. (to-1)/units; each has its bits, from a word of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace aurora::dataset {

class UnitBitmap {
 public:
  static constexpr uint64_t kOutside = UINT64_MAX;

  // units: per file, in one epoch (0: the file draws nothing). from, to: units drawn per file at both points.
  UnitBitmap(std::vector<uint64_t> units, std::vector<uint64_t> from, std::vector<uint64_t> to);
  // Bytes that such a bitmap would hold.
  static uint64_t bytes(const std::vector<uint64_t>& units, const std::vector<uint64_t>& from,
                        const std::vector<uint64_t>& to);

  // The bit of a unit, kOutside where the file draws nothing of that epoch here. unit < units of the file.
  uint64_t bit(uint32_t file, uint64_t epoch, uint64_t unit) const {
    const FileBits& bits = files_[file];
    const uint64_t at = epoch - bits.first_epoch;
    return at < bits.epochs ? (bits.first_word + at * bits.words) * 64 + unit : kOutside;
  }
  void prefetch(uint64_t bit) const { __builtin_prefetch(&words_[bit / 64], 1); }
  // Sets the bit; false when it was set already. Thread-safe.
  bool mark(uint64_t bit) {
    const uint64_t mask = uint64_t{1} << (bit % 64);
    return (std::atomic_ref(words_[bit / 64]).fetch_or(mask, std::memory_order_relaxed) & mask) == 0;
  }

  // Notes where the units of an epoch begin; false when that was noted otherwise before. Thread-safe.
  bool same_origin(uint32_t file, uint64_t epoch, uint64_t origin) {
    const FileBits& bits = files_[file];
    std::atomic_ref noted(origins_[bits.first_epoch_at + (epoch - bits.first_epoch)]);
    uint64_t value = noted.load(std::memory_order_relaxed);
    if (value == kOutside && noted.compare_exchange_strong(value, origin, std::memory_order_relaxed))
      return true;
    return value == origin;
  }

  uint64_t held_bytes() const { return (words_.size() + origins_.size()) * sizeof(uint64_t); }

  // Begins with the marks of epochs that `earlier`, which ended where this begins, left unfinished.
  void adopt(const UnitBitmap& earlier);

  struct Gap {
    uint64_t missing = 0;                   // fewer bits set than units drawn
    uint64_t epoch = 0, unit = UINT64_MAX;  // the first unit missing from a finished epoch, if any is
  };
  // Holds the marks of a file against what it drew. An epoch that is unfinished at `to` counts only when
  // `last`: another bitmap goes on with it.
  Gap gap(uint32_t file, bool last) const;

 private:
  struct FileBits {
    uint64_t first_epoch = 0, epochs = 0;
    uint64_t first_word = 0, words = 0;  // words: of one epoch
    uint64_t first_epoch_at = 0;         // in origins_
  };
  std::vector<uint64_t> units_, to_;
  std::vector<FileBits> files_;
  std::vector<uint64_t> words_;
  std::vector<uint64_t> origins_;  // per file and epoch; kOutside: not noted
};

}  // namespace aurora::dataset
