#include "aurora/tokenizer/bpe/scan.h"

#include <algorithm>

namespace aurora::tokenizer {
namespace {

constexpr size_t kBlock = 8;  // places whose lowest rank is kept

uint64_t scan_one(const BpeRules& rules, BpeRow& row) {
  uint32_t lowest[64 / kBlock];
  const size_t blocks = row.size / kBlock + 1;
  const auto look_again = [&](size_t block) {
    lowest[block] = *std::min_element(row.pairs + kBlock * block, row.pairs + kBlock * (block + 1));
  };
  for (size_t block = 0; block < blocks; ++block) look_again(block);
  BpePlaces places(row.size);
  while (true) {
    const size_t block = static_cast<size_t>(std::min_element(lowest, lowest + blocks) - lowest);
    const uint32_t result = lowest[block];
    if (result == kNoMerge) return places.symbols(row.size);
    const size_t at =
        static_cast<size_t>(std::find(row.pairs + kBlock * block, row.pairs + 64, result) - row.pairs);
    const size_t right = places.take_right(at);
    const size_t previous = places.previous(at);
    row.symbols[at] = result;
    row.pairs[right] = kNoMerge;
    row.pairs[at] = rules.find(result, row.symbols[places.next(at)]);
    row.pairs[previous] = rules.find(row.symbols[previous], result);
    look_again(previous / kBlock);
    look_again(block);
    look_again(right / kBlock);
  }
}

void scan_several(const BpeRules& rules, std::span<BpeRow> rows, std::span<uint64_t> places) {
  for (size_t i = 0; i < rows.size(); ++i) places[i] = scan_one(rules, rows[i]);
}

}  // namespace

const ScanFunctions kScanPortable = {scan_one, scan_several};

const ScanFunctions& scan_functions() {
  const ScanFunctions* fast = scan_avx512();
  return fast ? *fast : kScanPortable;
}

}  // namespace aurora::tokenizer
