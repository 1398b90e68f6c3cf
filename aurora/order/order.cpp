#include "aurora/order/order.h"

#include <algorithm>
#include <limits>

#include "aurora/base/check.h"
#include "aurora/order/order_state.h"

namespace aurora::order {

Order::Order(OrderSpec spec) : state_(std::make_unique<const State>(std::move(spec))) {}
Order::~Order() = default;
Order::Order(Order&&) noexcept = default;
Order& Order::operator=(Order&&) noexcept = default;

uint64_t Order::samples() const {
  return state_->total == std::numeric_limits<uint64_t>::max()
             ? std::numeric_limits<uint64_t>::max()
             : state_->total - state_->skips.skipped_below(state_->total);
}

uint64_t Order::with_skipped(uint64_t sample) const {
  return state_->skips.find(sample).begin;
}

std::vector<uint64_t> Order::corpus_counts(uint64_t samples) const {
  AURORA_CHECK(samples <= state_->total && samples <= uint64_t{1} << 62, "{} samples", samples);
  if (samples == 0) return std::vector<uint64_t>(state_->corpora.size());
  return state_->corpus_counts(state_->stage_of(samples - 1), samples);
}

std::vector<uint64_t> Order::file_counts(uint64_t samples) const {
  const State& state = *state_;
  const std::vector<uint64_t> drawn = corpus_counts(samples);
  std::vector<uint64_t> counts(state.files.size());
  for (size_t c = 0; c < drawn.size(); ++c) {
    const CorpusPlan& corpus = state.corpora[c];
    if (drawn[c] == 0) continue;
    if (state.cut.mode != Mode::kSequential) {
      state.trees.counts(corpus.tree, drawn[c], counts);
      continue;
    }
    const auto [epochs, rest] = corpus.epochs(drawn[c]);
    for (uint32_t f = corpus.first_file; f < corpus.first_file + corpus.files; ++f) {
      const uint64_t units = state.files[f].units;
      const uint64_t begin = std::min(state.sequential_begins[f], rest);
      counts[f] = epochs * units + std::min(units, rest - begin);
    }
  }
  return counts;
}

uint64_t Order::units(uint32_t file) const {
  return state_->files.at(file).units;
}

double Order::epochs(uint32_t corpus, uint64_t units) const {
  const uint64_t of_epoch = state_->corpora.at(corpus).units;
  return of_epoch == 0 ? 0 : static_cast<double>(units) / static_cast<double>(of_epoch);
}

const OrderSpec& Order::spec() const {
  return state_->spec;
}

size_t Order::files() const {
  return state_->files.size();
}

uint32_t Order::corpus_of(uint32_t file) const {
  return state_->files.at(file).corpus;
}

size_t Order::memory_bytes() const {
  return state_->memory_bytes();
}

}  // namespace aurora::order
