// What the order knows of one file, and how its epochs are cut into units and shuffled: index in the file ->
// unit, for the modes that shuffle inside a file (order.h).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "aurora/order/divide.h"
#include "aurora/order/order.h"
#include "aurora/order/permutation.h"

namespace aurora::order {

// The lengths that all files share.
struct Cut {
  Mode mode = Mode::kWindows;
  uint64_t sequence_length = 1;  // T
  Divider block_windows{1};      // W
  uint64_t block_targets = 1;    // W*T
};
Cut make_cut(const OrderSpec& spec);

// One cache line.
struct alignas(64) FilePlan {
  uint64_t units = 0;      // in one epoch; 0: left out, and nothing else is set
  Divider epochs;          // by units
  uint64_t key = 0;        // of seed and identity
  PermutationShape shape;  // of windows, or of (full) blocks
  uint64_t extra = 0;  // kWindows: places at which an epoch may start; kBlocks: windows of the short block
  uint32_t corpus = 0;
  uint32_t file = 0;
};
// Without key, corpus and file. tokens <= 2^62.
FilePlan plan_file(const Cut& cut, const File& file);

// Everything that is drawn for one epoch of a file comes from its key.
inline uint64_t epoch_key(uint64_t file_key, uint64_t epoch) {
  return mix64(file_key + epoch * kGolden);
}

// All of a unit but its place. Units are written where they shall lie, field by field: one that is made in a
// local and copied waits for its own stores.
inline void begin_unit(const FilePlan& plan, uint32_t stage, uint64_t epoch, Unit& unit) {
  unit.stage = stage;
  unit.corpus = plan.corpus;
  unit.file = plan.file;
  unit.epoch = epoch;
  unit.block = unit.slot = unit.begin = 0;
}

// Units of one epoch of a file in kWindows: place in the epoch -> unit.
class WindowsEpoch {
 public:
  WindowsEpoch(const Cut& cut, const FilePlan& plan, uint64_t epoch)
      : shape_(plan.shape),
        key_(epoch_key(plan.key, epoch)),
        start_(hash_below(mix64(~key_), plan.extra)),
        length_(cut.sequence_length) {}

  void place(uint64_t place, Unit& unit) const { set(permute(shape_, key_, place), unit); }
  // Places place, place + 1 ..., each to its position.
  void fill(uint64_t place, const Unit& unit, std::span<const uint16_t> positions, Unit* out) const {
    std::array<uint64_t, 64> windows;
    while (!positions.empty()) {
      const size_t count = std::min(positions.size(), windows.size());
      permute_run(shape_, key_, place, std::span(windows).first(count));
      for (size_t i = 0; i < count; ++i) {
        out[positions[i]] = unit;
        set(windows[i], out[positions[i]]);
      }
      positions = positions.subspan(count);
      place += count;
    }
  }

 private:
  void set(uint64_t window, Unit& unit) const {
    unit.slot = window;
    unit.begin = start_ + window * length_;
  }

  PermutationShape shape_;
  uint64_t key_, start_, length_;
};

// The same in kBlocks. The windows of the short block at the file's end come between two full blocks, at a
// place drawn per epoch.
class BlocksEpoch {
 public:
  BlocksEpoch(const Cut& cut, const FilePlan& plan, uint64_t epoch)
      : shape_(plan.shape),
        windows_(cut.block_windows),
        key_(epoch_key(plan.key, epoch)),
        short_windows_(plan.extra),
        full_blocks_(windows_(plan.units).quotient),
        short_begin_(hash_below(mix64(~key_), full_blocks_ + 1) * cut.block_windows.divisor()) {}

  void place(uint64_t place, Unit& unit) const { place_and_end(place, unit); }
  void fill(uint64_t place, const Unit& unit, std::span<const uint16_t> positions, Unit* out) const {
    Unit at;           // block and slot of the place
    uint64_t end = 0;  // where the block ends
    for (uint16_t position : positions) {
      if (place >= end) end = place_and_end(place, at);
      out[position] = unit;
      out[position].block = at.block;
      out[position].slot = at.slot++;
      ++place;
    }
  }

 private:
  // The place at which the unit's block ends.
  uint64_t place_and_end(uint64_t place, Unit& unit) const {
    if (place - short_begin_ < short_windows_) {  // unsigned: also false for place < short_begin_
      unit.block = full_blocks_;
      unit.slot = place - short_begin_;
      return short_begin_ + short_windows_;
    }
    const auto [block, window] = windows_(place < short_begin_ ? place : place - short_windows_);
    unit.block = permute(shape_, key_, block);
    unit.slot = window;
    return place - window + windows_.divisor();
  }

  PermutationShape shape_;
  Divider windows_;
  uint64_t key_, short_windows_, full_blocks_, short_begin_;
};

}  // namespace aurora::order
