#include <algorithm>
#include <array>
#include <numeric>

#include "aurora/base/check.h"
#include "aurora/order/order_state.h"

namespace aurora::order {

uint64_t Order::State::stage_end(uint32_t stage) const {
  return stage + 1 < stages.size() ? stages[stage + 1].begin : total;
}

std::vector<uint64_t> Order::State::corpus_counts(uint32_t stage, uint64_t sample) const {
  std::vector<uint64_t> counts(corpora.size());
  trees.counts(stages[stage].tree, sample - stages[stage].begin, counts);
  for (size_t c = 0; c < counts.size(); ++c) counts[c] += cursors_of(stage)[c];
  return counts;
}

void Order::State::file_unit(uint32_t stage, uint32_t file, uint64_t index, Unit& unit) const {
  const FilePlan& plan = files[file];
  const auto [epoch, place] = plan.epochs(index);
  begin_unit(plan, stage, epoch, unit);
  switch (cut.mode) {
    case Mode::kWindows:
      WindowsEpoch(cut, plan, epoch).place(place, unit);
      break;
    case Mode::kBlocks:
      BlocksEpoch(cut, plan, epoch).place(place, unit);
      break;
    case Mode::kPacked:
      packed_epoch(plan, epoch)->place(place, unit);
      break;
    case Mode::kSequential:
      break;  // sequential_unit()
  }
}

void Order::State::fill(uint32_t stage, uint32_t file, uint64_t index, std::span<const uint16_t> positions,
                        Unit* out) const {
  const FilePlan& plan = files[file];
  while (!positions.empty()) {
    const auto [epoch, place] = plan.epochs(index);
    const uint64_t count = std::min<uint64_t>(positions.size(), plan.units - place);
    const std::span<const uint16_t> now = positions.first(count);
    Unit unit;
    begin_unit(plan, stage, epoch, unit);
    switch (cut.mode) {
      case Mode::kWindows:
        WindowsEpoch(cut, plan, epoch).fill(place, unit, now, out);
        break;
      case Mode::kBlocks:
        BlocksEpoch(cut, plan, epoch).fill(place, unit, now, out);
        break;
      case Mode::kPacked:
        packed_epoch(plan, epoch)->fill(place, unit, now, out);
        break;
      case Mode::kSequential:
        break;  // fill_sequential()
    }
    positions = positions.subspan(count);
    index += count;
  }
}

std::shared_ptr<const PackedEpoch> Order::State::packed_epoch(const FilePlan& plan, uint64_t epoch) const {
  const File& file = spec.corpora[plan.corpus].files[plan.file - corpora[plan.corpus].first_file];
  return packed[plan.file].get(plan, file.block_bins, epoch);
}

void Order::State::sequential_unit(uint32_t stage, uint32_t corpus, uint64_t index, Unit& unit) const {
  const CorpusPlan& plan = corpora[corpus];
  const auto [epoch, place] = plan.epochs(index);
  const auto begins = std::span(sequential_begins).subspan(plan.first_file, plan.files);
  // The last file that begins at or before the place; files without units begin where the next does.
  const auto behind = std::upper_bound(begins.begin(), begins.end(), place);
  const auto file = static_cast<uint32_t>(behind - begins.begin() - 1);
  begin_unit(files[plan.first_file + file], stage, epoch, unit);
  unit.slot = place - begins[file];
  unit.begin = unit.slot * cut.sequence_length;
}

void Order::State::fill_sequential(uint32_t stage, uint32_t corpus, uint64_t index,
                                   std::span<const uint16_t> positions, Unit* out) const {
  while (!positions.empty()) {
    Unit unit;
    sequential_unit(stage, corpus, index, unit);
    const uint64_t count = std::min<uint64_t>(positions.size(), files[unit.file].units - unit.slot);
    uint64_t slot = unit.slot;
    for (uint16_t position : positions.first(count)) {
      out[position] = unit;
      out[position].slot = slot;
      out[position].begin = slot++ * cut.sequence_length;
    }
    positions = positions.subspan(count);
    index += count;
  }
}

void Order::State::chunk(uint32_t stage, uint64_t sample, std::span<Unit> out) const {
  std::array<uint16_t, kChunk> positions;
  std::array<uint16_t, kChunk> spare;
  std::iota(positions.begin(), positions.begin() + out.size(), uint16_t{0});
  const std::span<const uint64_t> cursors = cursors_of(stage);
  const auto to_file = [&](uint32_t file, uint64_t index, std::span<uint16_t> its, uint16_t*) {
    if (its.size() == 1)
      file_unit(stage, file, index, out[its[0]]);
    else
      fill(stage, file, index, its, out.data());
  };
  const auto to_corpus = [&](uint32_t corpus, uint64_t index, std::span<uint16_t> its, uint16_t* room) {
    if (cut.mode == Mode::kSequential)
      fill_sequential(stage, corpus, index + cursors[corpus], its, out.data());
    else
      trees.distribute(corpora[corpus].tree, index + cursors[corpus], its, room, to_file);
  };
  trees.distribute(stages[stage].tree, sample - stages[stage].begin, std::span(positions).first(out.size()),
                   spare.data(), to_corpus);
}

Unit Order::operator()(uint64_t sample) const {
  const State& state = *state_;
  const uint64_t at = state.skips.find(sample).begin;
  AURORA_CHECK(at < state.total && at < uint64_t{1} << 62, "sample {}", sample);
  const uint32_t stage = state.stage_of(at);
  const StagePlan& plan = state.stages[stage];
  const auto [corpus, in_stage] = state.trees.find(plan.tree, at - plan.begin);
  const uint64_t index = in_stage + state.cursors_of(stage)[corpus];
  Unit unit;
  if (state.cut.mode == Mode::kSequential) {
    state.sequential_unit(stage, corpus, index, unit);
    return unit;
  }
  const auto [file, in_file] = state.trees.find(state.corpora[corpus].tree, index);
  state.file_unit(stage, file, in_file, unit);
  return unit;
}

void Order::range(uint64_t first, std::span<Unit> out) const {
  const State& state = *state_;
  while (!out.empty()) {
    const auto [at, unskipped] = state.skips.find(first);
    AURORA_CHECK(at < state.total && at < uint64_t{1} << 62, "sample {}", first);
    const uint32_t stage = state.stage_of(at);
    const uint64_t length =
        std::min({uint64_t{out.size()}, unskipped, state.stage_end(stage) - at, uint64_t{State::kChunk}});
    state.chunk(stage, at, out.first(length));
    out = out.subspan(length);
    first += length;
  }
}

}  // namespace aurora::order
