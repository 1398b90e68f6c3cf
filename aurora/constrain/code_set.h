// Sets of Unicode characters (scalar values: no surrogates) as ranges.
#pragma once

#include <compare>
#include <cstdint>
#include <utility>
#include <vector>

namespace aurora::constrain {

constexpr uint32_t kLastCodePoint = 0x10ffff;

struct CodeRange {
  uint32_t low;
  uint32_t high;  // the last one
  auto operator<=>(const CodeRange&) const = default;
};

class CodeSet {
 public:
  CodeSet() = default;
  CodeSet(uint32_t low, uint32_t high) { add(low, high); }
  static CodeSet all() { return {0, kLastCodePoint}; }

  void add(uint32_t low, uint32_t high);  // low <= high <= kLastCodePoint; surrogates are left out
  void add(const CodeSet& other);
  CodeSet complement() const;
  bool contains(uint32_t code_point) const;
  bool empty() const { return ranges_.empty(); }
  // Sorted, apart from each other by one character at least.
  const std::vector<CodeRange>& ranges() const& { return ranges_; }
  std::vector<CodeRange> ranges() && { return std::move(ranges_); }
  auto operator<=>(const CodeSet&) const = default;

 private:
  void add_range(uint32_t low, uint32_t high);

  std::vector<CodeRange> ranges_;
};

}  // namespace aurora::constrain
