// What an Order holds: the plan of every file, corpus and stage. Inside aurora/order only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aurora/order/blend_tree.h"
#include "aurora/order/file_plan.h"
#include "aurora/order/order.h"
#include "aurora/order/packed_blocks.h"
#include "aurora/order/skips.h"

namespace aurora::order {

struct CorpusPlan {
  uint64_t units = 0;         // in one epoch of all its files; 0: none is long enough
  Divider epochs;             // by units
  BlendTrees::Tree tree = 0;  // of its files; none in kSequential
  uint32_t first_file = 0;
  uint32_t files = 0;
};

struct StagePlan {
  uint64_t begin = 0;  // first sample, skipped ones counted
  BlendTrees::Tree tree = 0;
};

struct Order::State {
  // Errors: those of Order's constructor.
  explicit State(OrderSpec from);

  // The stage of a sample (skipped ones counted, as in all of these).
  uint32_t stage_of(uint64_t sample) const {
    uint32_t stage = 0;
    while (stage + 1 < stages.size() && stages[stage + 1].begin <= sample) ++stage;
    return stage;
  }
  uint64_t stage_end(uint32_t stage) const;
  std::span<const uint64_t> cursors_of(uint32_t stage) const {
    return {cursors.data() + size_t{stage} * corpora.size(), corpora.size()};
  }
  // Units drawn per corpus before a sample of a stage.
  std::vector<uint64_t> corpus_counts(uint32_t stage, uint64_t sample) const;

  // Unit `index` of a corpus in kSequential.
  void sequential_unit(uint32_t stage, uint32_t corpus, uint64_t index, Unit& unit) const;
  // Unit `index` of a file, all other modes.
  void file_unit(uint32_t stage, uint32_t file, uint64_t index, Unit& unit) const;

  size_t memory_bytes() const;

  // Samples sample, sample + 1 ... of a stage; at most kChunk.
  static constexpr size_t kChunk = 32768;
  void chunk(uint32_t stage, uint64_t sample, std::span<Unit> out) const;

  OrderSpec spec;
  Cut cut;
  Skips skips;
  uint64_t total = 0;  // samples, skipped ones counted; UINT64_MAX without end
  std::vector<FilePlan> files;
  std::vector<CorpusPlan> corpora;
  std::vector<StagePlan> stages;
  std::vector<uint64_t> cursors;  // [stage][corpus]: units drawn in earlier stages
  BlendTrees trees;
  std::vector<uint64_t> sequential_begins;   // kSequential, [file]: units of the corpus's files before it
  mutable std::vector<PackedEpochs> packed;  // kPacked, [file]

 private:
  void plan_files();
  void plan_file_tree(uint32_t corpus);
  void plan_stages();
  std::shared_ptr<const PackedEpoch> packed_epoch(const FilePlan& plan, uint64_t epoch) const;
  void fill(uint32_t stage, uint32_t file, uint64_t index, std::span<const uint16_t> positions,
            Unit* out) const;
  void fill_sequential(uint32_t stage, uint32_t corpus, uint64_t index, std::span<const uint16_t> positions,
                       Unit* out) const;
};

}  // namespace aurora::order
