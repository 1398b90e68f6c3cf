// Texts in memory as a source. For tests only.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "aurora/vocabulary/train.h"

namespace aurora::vocabulary {

using WeightedText = std::pair<std::string, uint64_t>;

class TestTexts : public TextSource {
 public:
  explicit TestTexts(std::vector<WeightedText> texts) : texts_(std::move(texts)) {}
  bool next(std::string& text, uint64_t& weight) override {
    if (at_ == texts_.size()) return false;
    std::tie(text, weight) = texts_[at_++];
    return true;
  }

 private:
  std::vector<WeightedText> texts_;
  size_t at_ = 0;
};

}  // namespace aurora::vocabulary
