#include "aurora/order/file_plan.h"

#include "aurora/base/check.h"

namespace aurora::order {

const char* mode_name(Mode mode) {
  switch (mode) {
    case Mode::kWindows:
      return "windows";
    case Mode::kBlocks:
      return "blocks";
    case Mode::kPacked:
      return "packed";
    case Mode::kSequential:
      return "sequential";
  }
  AURORA_CHECK(false, "mode {}", static_cast<int>(mode));
  return "";
}

std::optional<Mode> mode_named(std::string_view name) {
  for (const Mode mode : {Mode::kWindows, Mode::kBlocks, Mode::kPacked, Mode::kSequential})
    if (name == mode_name(mode)) return mode;
  return std::nullopt;
}

uint64_t Corpus::tokens() const {
  uint64_t tokens = 0;
  for (const File& file : files) tokens += file.tokens;
  return tokens;
}

Cut make_cut(const OrderSpec& spec) {
  AURORA_CHECK(spec.sequence_length >= 1 && spec.sequence_length < uint64_t{1} << 31, "sequence_length {}",
               spec.sequence_length);
  Cut cut{.mode = spec.mode, .sequence_length = spec.sequence_length};
  if (spec.mode == Mode::kBlocks || spec.mode == Mode::kPacked) {
    AURORA_CHECK(spec.block_windows >= 1 && spec.block_windows < uint64_t{1} << 31, "block_windows {}",
                 spec.block_windows);
    cut.block_windows = Divider(spec.block_windows);
    cut.block_targets = spec.block_windows * spec.sequence_length;
  }
  return cut;
}

namespace {

// Units in one epoch.
uint64_t units_of(const Cut& cut, const File& file) {
  if (cut.mode == Mode::kBlocks) return file.tokens / cut.sequence_length;
  if (cut.mode == Mode::kPacked) {
    uint64_t bins = 0;
    for (uint32_t block : file.block_bins) bins += block;
    return bins;
  }
  return file.tokens == 0 ? 0 : (file.tokens - 1) / cut.sequence_length;
}

}  // namespace

FilePlan plan_file(const Cut& cut, const File& file) {
  FilePlan plan;
  const uint64_t units = plan.units = units_of(cut, file);
  if (units == 0) return plan;
  plan.epochs = Divider(units);
  switch (cut.mode) {
    case Mode::kWindows:
    case Mode::kSequential:
      plan.shape = PermutationShape(units);
      plan.extra = (file.tokens - 1) % cut.sequence_length + 1;
      break;
    case Mode::kBlocks:
      plan.extra = units % cut.block_windows.divisor();
      if (units >= cut.block_windows.divisor())
        plan.shape = PermutationShape(units / cut.block_windows.divisor());
      break;
    case Mode::kPacked:
      plan.shape = PermutationShape(file.block_bins.size());
      break;
  }
  return plan;
}

}  // namespace aurora::order
