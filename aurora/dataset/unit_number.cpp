#include "aurora/dataset/unit_number.h"

namespace aurora::dataset {

UnitNumbers::UnitNumbers(const order::Order& order)
    : windows_(order.spec().mode == order::Mode::kWindows || order.spec().mode == order::Mode::kSequential),
      length_(order.spec().sequence_length),
      block_windows_(order.spec().block_windows) {
  uint32_t corpus = 0;
  for (const order::Corpus& one : order.spec().corpora) {
    for (const order::File& file : one.files) {
      FileNumbers numbers{order.units(static_cast<uint32_t>(files_.size())), file.tokens, corpus, {}};
      if (order.spec().mode == order::Mode::kPacked) {
        numbers.block_begin.push_back(0);
        for (uint32_t bins : file.block_bins)
          numbers.block_begin.push_back(numbers.block_begin.back() + bins);
      }
      files_.push_back(std::move(numbers));
    }
    ++corpus;
  }
}

uint64_t UnitNumbers::of(const order::Unit& unit) const {
  if (unit.file >= files_.size()) return kNone;
  const FileNumbers& file = files_[unit.file];
  if (unit.corpus != file.corpus) return kNone;
  uint64_t number = unit.slot;
  if (windows_) {
    if (unit.slot >= file.units || unit.begin < unit.slot * length_ || unit.begin + length_ >= file.tokens)
      return kNone;
  } else if (file.block_begin.empty()) {
    if (unit.slot >= block_windows_ || unit.block > file.units / block_windows_) return kNone;
    number += unit.block * block_windows_;
  } else {
    if (unit.block + 1 >= file.block_begin.size()) return kNone;
    number += file.block_begin[unit.block];
    if (number >= file.block_begin[unit.block + 1]) return kNone;
  }
  return number < file.units ? number : kNone;
}

}  // namespace aurora::dataset
