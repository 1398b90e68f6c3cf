// Which unit of its file's epoch a unit is, from 0: for bitmaps over an epoch.
#pragma once

#include <cstdint>
#include <vector>

#include "aurora/order/order.h"

namespace aurora::dataset {

class UnitNumbers {
 public:
  static constexpr uint64_t kNone = UINT64_MAX;

  // order must outlive this.
  explicit UnitNumbers(const order::Order& order);

  // Below order.units(unit.file); kNone where it is no unit of that file: a file or corpus that is not, a
  // block or slot beyond the last, a window beyond the file's end.
  uint64_t of(const order::Unit& unit) const;
  // Where the windows of its epoch begin; windows do not overlap when this is the same for all of an epoch.
  uint64_t origin(const order::Unit& unit) const { return unit.begin - (windows_ ? unit.slot * length_ : 0); }

 private:
  struct FileNumbers {
    uint64_t units = 0, tokens = 0;
    uint32_t corpus = 0;
    std::vector<uint64_t> block_begin;  // kPacked: first bin of each block, and the end
  };
  bool windows_;  // kWindows, kSequential
  uint64_t length_, block_windows_;
  std::vector<FileNumbers> files_;
};

}  // namespace aurora::dataset
