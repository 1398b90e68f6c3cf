#include "aurora/pretokenize/pretokenizer.h"

#include <algorithm>
#include <utility>

namespace aurora::pretokenize {
namespace {

const Scheme* fused_scheme(const std::vector<const Scheme*>& steps) {
  if (steps.size() == 1) return steps.front();
  const auto same = [](std::string_view name, const Scheme* step) { return name == step->name; };
  for (const Scheme& one : schemes()) {
    if (!steps.empty() && std::equal(one.steps.begin(), one.steps.end(), steps.begin(), steps.end(), same)) {
      return &one;
    }
  }
  return nullptr;
}

}  // namespace

void append_cuts(CutFunction cut, std::string_view piece, uint32_t begin, std::vector<uint32_t>& ends) {
  constexpr size_t kAtOnce = 1024;
  size_t at = 0;
  while (at < piece.size()) {
    const size_t before = ends.size();
    ends.resize(before + std::min(kAtOnce, piece.size() - at));
    const size_t count = cut(piece, at, std::span(ends).subspan(before));
    ends.resize(before + count);
    at = ends.back();
    for (size_t i = before; i < ends.size(); ++i) ends[i] += begin;
  }
}

Pretokenizer::Pretokenizer(std::vector<const Scheme*> steps)
    : steps_(std::move(steps)), fused_(fused_scheme(steps_)) {}

void Pretokenizer::cut(std::string_view text, std::vector<uint32_t>& ends) const {
  if (fused_ == nullptr) return cut_stepwise(text, ends);
  ends.clear();
  append_cuts(fused_->cut, text, 0, ends);
}

void Pretokenizer::cut_stepwise(std::string_view text, std::vector<uint32_t>& ends) const {
  cut_by(&Scheme::cut, text, ends);
}

void Pretokenizer::cut_reference(std::string_view text, std::vector<uint32_t>& ends) const {
  cut_by(&Scheme::cut_reference, text, ends);
}

void Pretokenizer::cut_by(CutFunction Scheme::*cut, std::string_view text,
                          std::vector<uint32_t>& ends) const {
  ends.clear();
  if (text.empty()) return;
  ends.push_back(static_cast<uint32_t>(text.size()));
  std::vector<uint32_t> pieces;
  for (const Scheme* step : steps_) {
    std::swap(pieces, ends);
    ends.clear();
    uint32_t begin = 0;
    for (const uint32_t end : pieces) {
      append_cuts(step->*cut, text.substr(begin, end - begin), begin, ends);
      begin = end;
    }
  }
}

}  // namespace aurora::pretokenize
